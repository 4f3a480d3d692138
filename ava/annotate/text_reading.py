"""Reading lines: straightening what a box holds, and turning a network's answer into words."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.annotate.text_boxes import TiltedBox

LINE_HEIGHT_PX = 48
"""Height of the straightened lines that the recogniser was trained on."""

WIDTH_STEP_PX = 160
"""Lines are padded to a multiple of this, so that few sizes occur and lines of like length share a batch."""

MOST_WIDTH_PX = 1920
MOST_BATCH = 8
UPRIGHT_RATIO = 1.5
"""A box this many times as high as wide is one letter or a column: it is read both ways."""


class Reading(NamedTuple):
    """Words of one line and the mean probability 0–1 of their letters; ``""`` and 0 where nothing is legible.

    ``turned`` tells that the line was read as a column.
    """

    words: str
    confidence: float
    turned: bool = False


def straighten(picture: NDArray[np.uint8], box: TiltedBox, *, turned: bool = False) -> NDArray[np.uint8]:
    """Cut a box out of a picture ``uint8 (H, W, C)``, upright, 48 px high and as long as its shape asks.

    ``turned`` reads a column downwards: its right side becomes the top. What lies outside the picture repeats its
    edge.
    """
    corners = np.roll(box.corners, -1, axis=0) if turned else box.corners
    along, across = (box.height_px, box.width_px) if turned else (box.width_px, box.height_px)
    width = int(np.clip(round(LINE_HEIGHT_PX * along / max(across, 1.0)), 8, MOST_WIDTH_PX))
    target = np.array([[0, 0], [width, 0], [width, LINE_HEIGHT_PX]], dtype=np.float32)
    shrinks = across > 2 * LINE_HEIGHT_PX
    if shrinks:  # a plain warp would skip rows of large letters
        factor = 2 * LINE_HEIGHT_PX / across
        size = (max(round(picture.shape[1] * factor), 1), max(round(picture.shape[0] * factor), 1))
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        corners = corners * np.float32(factor)
    transform = cv2.getAffineTransform(np.ascontiguousarray(corners[:3] - 0.5), target - np.float32(0.5))
    cut = cv2.warpAffine(
        picture, transform, (width, LINE_HEIGHT_PX), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(cut, dtype=np.uint8).reshape(LINE_HEIGHT_PX, width, -1)


def is_upright(box: TiltedBox) -> bool:
    """Whether a box may hold a column of letters."""
    return box.height_px >= UPRIGHT_RATIO * box.width_px


def group_by_width(lines: Sequence[NDArray[np.uint8]]) -> list[tuple[int, list[int]]]:
    """Batches of lines as (padded width, line numbers); how a line is padded depends on it alone."""
    groups: dict[int, list[int]] = {}
    for number, line in enumerate(lines):
        groups.setdefault(-(-line.shape[1] // WIDTH_STEP_PX) * WIDTH_STEP_PX, []).append(number)
    return [
        (width, numbers[first : first + MOST_BATCH])
        for width, numbers in sorted(groups.items())
        for first in range(0, len(numbers), MOST_BATCH)
    ]


def as_batch(lines: Sequence[NDArray[np.uint8]], *, width_px: int) -> NDArray[np.float32]:
    """Lines ``uint8 (48, w, 3)`` as ``float32 (N, 3, 48, width_px)``: -1–1, filled up with 0 on the right."""
    batch = np.zeros((len(lines), 3, LINE_HEIGHT_PX, width_px), dtype=np.float32)
    for number, line in enumerate(lines):
        batch[number, :, :, : line.shape[1]] = line.transpose(2, 0, 1) / np.float32(127.5) - 1
    return batch


def decode_letters(probabilities: NDArray[np.float32], *, letters: Sequence[str]) -> Reading:
    """Best path of a connectionist classifier ``float32 (steps, 1 + letters)``, the first class being "none".

    Graves, Fernández, Gomez & Schmidhuber (2006), "best path decoding": the likeliest class of each step, repeats
    joined, "none" dropped. The confidence is the mean probability of the letters kept.
    """
    best = probabilities.argmax(axis=1)
    first = np.concatenate([[True], best[1:] != best[:-1]])
    kept = np.flatnonzero(first & (best > 0))
    words = "".join(letters[int(best[step]) - 1] for step in kept).strip()
    if not words:
        return Reading("", 0.0)
    return Reading(words, float(probabilities[kept, best[kept]].mean()))
