"""A probability map of lettering that is in a picture already: what a detector found, and what looks like letters."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from curation.layout.box import Box
from curation.layout.contents import PictureContents, SeenText
from curation.layout.lettering_views import map_evidence

SURE_TEXT = 0.5
"""What is lettering with at least this probability is never covered."""

GOING_ON = 0.6
"""How likely strokes that go on from a detected line belong to it."""

SPREAD_UNIT = 0.25
"""Outlines, shadows and the ends of letters lie outside a detector's box: by this share of its line's height."""

LEAST_LINE_PX = 8
"""A picture smaller than this holds no line that could be read."""


Place = tuple[slice, slice]
"""Rows and columns of a map."""


def probability_of(text: SeenText) -> float:
    """The probability 0–1 of a line; what has none is taken for sure."""
    return min(max(float(text.score), 0.0), 1.0) if np.isfinite(text.score) else 1.0


def spread_line(text: SeenText) -> Box:
    """A line's box with what its outline and shadow take, in its pixels."""
    return text.box.grown(SPREAD_UNIT * min(text.box.width, text.box.height))


def map_text(
    rgb: NDArray[np.uint8], *, contents: PictureContents, scale: tuple[float, float]
) -> NDArray[np.float32]:  # fmt: skip
    """How likely each pixel of RGB ``uint8 (h, w, 3)`` is lettered: ``float32 (h, w)``, 0–1.

    ``scale`` is the picture's pixels per pixel of ``rgb``, across and down. Detected lines are spread a little.
    Beside them counts what looks like letters: weakly where a detector looked, for it may have missed a line, and
    enough to keep it free where none looked and several views agree.
    """
    height, width = rgb.shape[:2]
    unlikely = np.ones((height, width), dtype=np.float32)
    lines = [
        (cover(box, shape=(height, width), scale=scale), probability_of(text))
        for text in contents.text
        if np.isfinite(box := spread_line(text)).all()
    ]
    if min(height, width) >= LEAST_LINE_PX:
        evidence = map_evidence(rgb, all_views="text" not in contents.looked)
        sure = [place for place, probability in lines if probability >= SURE_TEXT]
        unlikely -= evidence
        unlikely[_going_on(evidence > 0, sure)] = 1 - GOING_ON
    for place, probability in lines:
        unlikely[place] *= 1 - probability
    return np.asarray(1 - unlikely, dtype=np.float32)


def _going_on(strokes: NDArray[np.bool_], lines: Sequence[Place]) -> NDArray[np.bool_]:
    """Which of the strokes ``bool (h, w)`` go on from detected lines: a detector often finds only a part of a title."""
    if not lines:
        return np.zeros_like(strokes)
    joined = strokes.astype(np.uint8)
    for place in lines:
        joined[place] = 1
    count, labels = cv2.connectedComponents(joined, connectivity=8)
    goes_on = np.zeros(count, dtype=np.bool_)
    for place in lines:
        goes_on[labels[place]] = True
    return np.asarray(goes_on[labels] & strokes, dtype=np.bool_)


def cover(box: Box, *, shape: tuple[int, int], scale: tuple[float, float]) -> Place:
    """Rows and columns of a map ``shape`` (h, w) that a box in the picture's pixels touches."""
    sides = []
    for low, high, count, step in ((box.y0, box.y1, shape[0], scale[1]), (box.x0, box.x1, shape[1], scale[0])):
        first, last = (min(max(side / step, 0.0), float(count)) for side in (low, high))
        sides.append(slice(int(np.floor(first)), int(np.ceil(last))))
    return sides[0], sides[1]
