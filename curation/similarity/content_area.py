"""The part of a single picture that letterbox and pillarbox bars leave."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MOST_UNEVEN_LEVELS = 4.0
"""Standard deviation within a line of a bar, and change of its tone from line to line: what JPEG leaves of one tone."""
MOST_SPAN_LEVELS = 48
TONE_DRIFT_LEVELS = 6.0
DEEPEST_UNIT = 0.45
"""No bar is deeper than this share of the side."""
_TRIMMED_UNIT = 0.04
"""At either end of a line this share may differ: a bar across crosses the bars of the other two sides there."""


class ContentArea(NamedTuple):
    """Half-open box in pixels."""

    x0: int
    y0: int
    x1: int
    y1: int


def find_content_area(rgb: NDArray[np.uint8]) -> ContentArea:
    """Find what bars of one tone leave of a picture ``uint8 (H, W, 3)``; all of it where it has none.

    A bar is a run of lines from the rim on that are all of one tone, and it faces another bar of the same tone: a
    lone plain stretch is taken for sky or a table top. A picture of one tone throughout has no bars. Works on a
    single picture, unlike ``ava.media.bars``, which knows that a film's bars stay.
    """
    x0, y0, x1, y1 = 0, 0, rgb.shape[1], rgb.shape[0]
    for _ in range(2):  # within what one pair leaves, the other pair shows
        top, bottom = _pair_depths(rgb[y0:y1, x0:x1])
        y0, y1 = y0 + top, y1 - bottom
        left, right = _pair_depths(rgb[y0:y1, x0:x1].transpose(1, 0, 2))
        x0, x1 = x0 + left, x1 - right
    return ContentArea(x0, y0, x1, y1)


def _pair_depths(lines: NDArray[np.uint8]) -> tuple[int, int]:
    """Depths of the bars at the first and the last lines of ``uint8 (N, M, 3)``; both 0 unless they face each other."""
    count, length = lines.shape[:2]
    if count < 8 or length < 8:
        return 0, 0
    first, first_tone = _depth(lines)
    last, last_tone = _depth(lines[::-1])
    if min(first, last) == 0 or first + last >= count - 4 or min(first, last) < max(first, last) / 3:
        return 0, 0
    return (first, last) if np.abs(first_tone - last_tone).max() <= TONE_DRIFT_LEVELS else (0, 0)


def _depth(lines: NDArray[np.uint8]) -> tuple[int, NDArray[np.float64]]:
    """How many lines from the first on have the first one's tone throughout, and that tone ``float64 (3,)``."""
    deepest = round(len(lines) * DEEPEST_UNIT)
    trim = round(lines.shape[1] * _TRIMMED_UNIT)
    inner = lines[: deepest + 1, trim : lines.shape[1] - trim]
    if np.ptp(inner[0], axis=0).max() > MOST_SPAN_LEVELS:  # as almost always
        return 0, inner[0].mean(axis=0)
    spans = (inner.max(axis=1) - inner.min(axis=1)).max(axis=1) <= MOST_SPAN_LEVELS
    inner = inner[: max(len(spans) if spans.all() else int(np.argmin(spans)), 1)]
    tones, spreads = inner.mean(axis=1), inner.std(axis=1).max(axis=1)
    plain = (spreads <= MOST_UNEVEN_LEVELS) & (np.abs(tones - tones[0]).max(axis=1) <= TONE_DRIFT_LEVELS)
    depth = len(plain) if plain.all() else int(np.argmin(plain))
    return (depth if depth <= deepest else 0), tones[0]
