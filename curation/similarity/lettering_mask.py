"""Which pixels of a picture are lettered: known boxes of text, and rows of what looks like letters of one tone."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

LETTER_HEIGHTS_PX = (8, 16, 34)
"""Letters are looked for from about half to one and a half times as high as each of these."""
STROKE_LEVELS = 45
"""Strokes of letters differ from what surrounds them by at least this much."""
MOST_UNEVEN_LEVELS = 22.0
TONE_LEVELS = 20.0
"""Print has one tone: standard deviation within a letter, and difference between neighbouring letters."""
LEAST_LETTERS = 4
MOST_PARTS = 300
"""More parts than this at once are texture."""
PLATE_LEVELS = 4
MOST_PLATE_UNIT = 0.35
"""A plate of one tone under the letters belongs to them, unless it is more of the picture than this."""

Box = tuple[float, float, float, float]


class _Letters(NamedTuple):
    """Parts that could be letters, each ``(N,)``: boxes' sides in pixels, and tones in levels."""

    left: NDArray[np.float64]
    top: NDArray[np.float64]
    right: NDArray[np.float64]
    bottom: NDArray[np.float64]
    tone: NDArray[np.float64]

    def some(self, kept: NDArray[np.bool_] | NDArray[np.int64]) -> "_Letters":
        return _Letters(*(each[kept] for each in self))


def mask_lettering(rgb: NDArray[np.uint8], *, boxes: Iterable[Box] = ()) -> NDArray[np.bool_]:
    """Mark lettered pixels of ``uint8 (H, W, 3)``: ``bool (H, W)``; boxes are x0, y0, x1, y1 in its pixels.

    Besides the boxes: rows of at least four parts of like height and tone, thin against what surrounds them (white
    and black top-hat; grouping after Epshtein, Ofek & Wexler, 2010), and the plain plate that they stand on. Looser
    than ``ava.annotate.lettering``, of any colour and for single pictures: a picket fence taken for letters is
    left out of a comparison, which costs little.
    """
    mask = np.zeros(rgb.shape[:2], dtype=np.uint8)
    lines = list(boxes)
    red, green, blue = cv2.split(rgb)
    lightest = np.asarray(cv2.max(cv2.max(red, green), blue), dtype=np.uint8)
    darkest = np.asarray(cv2.min(cv2.min(red, green), blue), dtype=np.uint8)
    for channel, operation in ((lightest, cv2.MORPH_TOPHAT), (darkest, cv2.MORPH_BLACKHAT)):
        for height_px in LETTER_HEIGHTS_PX:
            lines += _find_rows(channel, operation=operation, height_px=height_px)
    for line in lines:
        _mark(mask, line)
        _mark_plate(mask, rgb, line)
    return mask > 0


def _mark(mask: NDArray[np.uint8], line: Box) -> None:
    """Mark a line and what its outline or shadow takes."""
    x0, y0, x1, y1 = line
    margin = max(0.2 * abs(y1 - y0), 1.5)
    rows = slice(max(int(y0 - margin), 0), max(int(np.ceil(y1 + margin)), 0))
    mask[rows, max(int(x0 - margin), 0) : max(int(np.ceil(x1 + margin)), 0)] = 1


def _mark_plate(mask: NDArray[np.uint8], rgb: NDArray[np.uint8], line: Box) -> None:
    """Mark the level plate of one tone, if any, that begins right around a line and has straight sides."""
    height, width = mask.shape
    x, y = int((line[0] + line[2]) / 2), int(line[1] - max(0.15 * (line[3] - line[1]), 2))
    if not (0 <= x < width and 0 <= y < height):
        return
    flooded = np.zeros((height + 2, width + 2), dtype=np.uint8)
    levels = (PLATE_LEVELS,) * 3
    flags = 8 | (1 << 8) | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE
    count, _, _, (left, top, wide, tall) = cv2.floodFill(rgb.copy(), flooded, (x, y), (0, 0, 0), levels, levels, flags)
    holds = left <= line[0] + 2 and top <= line[1] and left + wide >= line[2] - 2 and top + tall >= line[3]
    letters = (line[2] - line[0]) * (line[3] - line[1])
    if holds and count + letters >= 0.85 * wide * tall and wide * tall <= MOST_PLATE_UNIT * mask.size:
        mask[top : top + tall, left : left + wide] = 1


def _find_rows(channel: NDArray[np.uint8], *, operation: int, height_px: int) -> list[Box]:
    """Boxes of rows of letters about as high as ``height_px``."""
    side = max(round(height_px * 0.55), 3) | 1  # wider than a stroke, narrower than a letter
    strokes = np.asarray(cv2.morphologyEx(channel, operation, np.ones((side, side), np.uint8)), dtype=np.uint8)
    letters = _find_letters(channel, strokes, height_px=height_px)
    if not LEAST_LETTERS <= len(letters.left) <= MOST_PARTS:
        return []
    rows = []
    for members in _chains(_follow(letters)):
        if len(members) < LEAST_LETTERS:
            continue
        row = letters.some(members)
        height = float(np.median(row.bottom - row.top))
        across = float(row.right.max() - row.left.min())
        filled = float((row.right - row.left).sum()) / across
        if filled >= 0.45 and row.bottom.max() - row.top.min() <= 2 * height:
            rows.append((float(row.left.min()), float(row.top.min()), float(row.right.max()), float(row.bottom.max())))
    return rows


def _find_letters(channel: NDArray[np.uint8], strokes: NDArray[np.uint8], *, height_px: int) -> _Letters:
    """Connected strokes of a letter's height, breadth, filling and evenness, from left to right."""
    found = (strokes > STROKE_LEVELS).astype(np.uint8)
    # 16 bits hold the parts of a picture of 384 px, and are found in half the time of 32.
    labels_type = cv2.CV_16U if found.size < 2**18 else cv2.CV_32S
    _, marked, statistics, _ = cv2.connectedComponentsWithStats(found, connectivity=8, ltype=labels_type)
    left, top, width, height, area = statistics.astype(np.float64).T
    kept = (height >= 0.5 * height_px) & (height <= 1.6 * height_px) & (width <= 3 * height)
    kept &= (area > 0.15 * width * height) & (area < 0.97 * width * height)
    kept[0] = False  # the ground
    parts = np.flatnonzero(kept)
    tone, uneven = _tones(channel, strokes, np.asarray(marked, dtype=marked.dtype), parts=parts)
    parts, tone = parts[uneven <= MOST_UNEVEN_LEVELS], tone[uneven <= MOST_UNEVEN_LEVELS]
    letters = _Letters(left[parts], top[parts], (left + width)[parts], (top + height)[parts], tone)
    return _Letters(*(each[np.argsort(letters.left, kind="stable")] for each in letters))


def _tones(
    channel: NDArray[np.uint8],
    strokes: NDArray[np.uint8],
    labels: NDArray[np.integer[Any]],
    *,
    parts: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation of the named parts in the middle of their strokes, away from softened edges."""
    if not len(parts):
        return np.empty(0), np.empty(0)
    places = np.zeros(int(labels.max()) + 1, dtype=np.int32)
    places[parts] = np.arange(1, len(parts) + 1)
    numbers = places[labels.ravel()]
    pixels = np.flatnonzero(numbers)
    numbers, heights = numbers[pixels] - 1, strokes.ravel()[pixels]
    strongest = np.zeros(len(parts), dtype=np.uint8)
    np.maximum.at(strongest, numbers, heights)
    inner = heights >= 0.75 * strongest[numbers]
    numbers, values = numbers[inner], channel.ravel()[pixels[inner]].astype(np.float64)
    areas = np.maximum(np.bincount(numbers, minlength=len(parts)), 1)
    tone = np.bincount(numbers, weights=values, minlength=len(parts)) / areas
    squares = np.bincount(numbers, weights=values**2, minlength=len(parts)) / areas
    return tone, np.sqrt(np.maximum(squares - tone**2, 0))


def _follow(letters: _Letters) -> NDArray[np.bool_]:
    """Which letter (column) can stand next to which (row): ``bool (N, N)``."""
    height = letters.bottom - letters.top
    taller = np.maximum(height[:, None], height[None, :])
    gap = letters.left[None, :] - letters.right[:, None]
    near = (gap > -0.2 * taller) & (gap < 1.1 * taller)
    alike = np.minimum(height[:, None], height[None, :]) > 0.5 * taller
    level = np.minimum(
        np.abs(letters.bottom[:, None] - letters.bottom[None, :]), np.abs(letters.top[:, None] - letters.top[None, :])
    ) < 0.2 * taller
    one_tone = np.abs(letters.tone[:, None] - letters.tone[None, :]) < TONE_LEVELS
    return np.asarray(near & alike & level & one_tone, dtype=np.bool_)


def _chains(follows: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """Members of each chain of letters that follow one another."""
    first = np.arange(len(follows))
    for before, after in zip(*np.nonzero(follows), strict=True):
        if first[before] != first[after]:
            first[first == first[after]] = first[before]
    order = np.argsort(first, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(first[order])) + 1)
