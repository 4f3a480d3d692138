"""Which pixels of a picture are lettered: known boxes of text, and what looks like lines of letters of one tone."""

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.media.colour import to_gray

STROKE_LEVELS = 55
"""Strokes of letters differ from what surrounds them by at least this much luma."""
HEIGHTS_UNIT = (0.03, 0.07, 0.16)
"""Heights of letters that are looked for, as shares of the picture's shorter side; each finds half to twice as high."""
MOST_UNEVEN_LEVELS = 16.0
"""Print has one tone: standard deviation of luma over the strokes of a line."""
BOX_MARGIN = 0.15
"""A text box grows by this share of its height on every side: outlines and shadows belong to it."""


def mask_lettering(
    rgb: NDArray[np.uint8], *, boxes: Iterable[tuple[float, float, float, float]] = ()
) -> NDArray[np.bool_]:
    """Mark lettered pixels of ``uint8 (H, W, 3)``: ``bool (H, W)``; boxes are x0, y0, x1, y1 in its pixels.

    Besides the boxes, strokes (white and black top-hat) that close to a level line with the width of several
    letters, the gaps between strokes and the one tone of print. It is meant for titles laid over pictures; it
    misses lettering on wild texture, and takes a fence in the sun for letters now and then, which costs little.
    """
    mask = np.zeros(rgb.shape[:2], dtype=np.uint8)
    luma = to_gray(rgb)
    for share in HEIGHTS_UNIT:
        height = max(round(share * min(luma.shape)), 5)
        for operation in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):
            _mark_lines(mask, luma, operation=operation, height=height)
    for x0, y0, x1, y1 in boxes:
        margin = BOX_MARGIN * abs(y1 - y0)
        rows = slice(max(int(y0 - margin), 0), max(int(np.ceil(y1 + margin)), 0))
        mask[rows, max(int(x0 - margin), 0) : max(int(np.ceil(x1 + margin)), 0)] = 1
    return mask > 0


def _mark_lines(mask: NDArray[np.uint8], luma: NDArray[np.uint8], *, operation: int, height: int) -> None:
    side = max(round(height * 0.6), 3) | 1  # wider than a stroke, narrower than a letter
    strokes = np.asarray(cv2.morphologyEx(luma, operation, np.ones((side, side), np.uint8)) > STROKE_LEVELS, np.uint8)
    if not strokes.any():
        return
    closed = cv2.morphologyEx(strokes, cv2.MORPH_CLOSE, np.ones((1, round(height * 1.1) | 1), np.uint8))
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(closed, connectivity=4)
    for part in range(1, count):
        left, top, width, tall, _ = (int(value) for value in statistics[part])
        if not (0.5 * height <= tall <= 2 * height and width >= 2.5 * tall):
            continue
        place = (slice(top, top + tall), slice(left, left + width))
        own = (strokes[place] > 0) & (labels[place] == part)
        if _is_print(luma[place], own):
            margin = max(round(0.2 * tall), 1)
            rows = slice(max(top - margin, 0), top + tall + margin)
            mask[rows, max(left - margin, 0) : left + width + margin] = 1


def _is_print(luma: NDArray[np.uint8], own: NDArray[np.bool_]) -> bool:
    """Whether strokes ``bool (H, W)`` have the filling, the gaps and the one tone of a printed line."""
    filled = float(own.mean())
    if not 0.15 <= filled <= 0.75:
        return False
    tones = luma[own]
    low, high = np.percentile(tones, (20, 80))
    if high - low > 2 * MOST_UNEVEN_LEVELS:
        return False
    columns = own.any(axis=0)
    starts = int(np.count_nonzero(np.diff(own.astype(np.int8), axis=1) == 1)) / own.shape[0]
    gaps = int(np.count_nonzero(~columns))
    return starts >= 1.2 * own.shape[1] / own.shape[0] / 2 and (gaps > 0 or starts >= 3)
