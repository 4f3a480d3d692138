"""Lettering: how much of a frame is written on, and how much of it is nothing but one plain tone."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import AnnotationTable, RgbFrames
from ava.media.colour import to_gray

EVERY_FRAMES = 6
"""Letters are looked for in frames whose number is a multiple of this: what can be read stays longer."""
PLAIN_LEVELS = 3
"""Levels of luma on each side that still count as the same tone."""

_MIDDLE_UNIT = (0.15, 0.75)
_LEAST_STROKE_LEVELS = 50
_LEAST_LETTERS = 4
_MOST_PARTS = 400
_LEAST_SAME_HEIGHT_UNIT = 0.55
_WIDEST_GAP_UNIT = 1.3
_MOST_OFF_LINE_UNIT = 0.22


class _Scale(NamedTuple):
    """Letters of ``least_px``..``most_px`` in height, looked for in the picture shrunk to ``shrink``."""

    least_px: int
    most_px: int
    shrink: float


_SCALES = (_Scale(4, 13, 1.0), _Scale(11, 32, 0.5), _Scale(28, 84, 0.5))


class _Parts(NamedTuple):
    """Connected parts that could be letters, from left to right: each ``float64 (N,)``, in pixels."""

    left: NDArray[np.float64]
    top: NDArray[np.float64]
    width: NDArray[np.float64]
    height: NDArray[np.float64]

    @property
    def right(self) -> NDArray[np.float64]:
        return self.left + self.width

    @property
    def bottom(self) -> NDArray[np.float64]:
        return self.top + self.height


class Lettering:
    """``area``: share of the frame inside the boxes of lines of letters; ``middle_area``: the part of it that lies
    between 15 % and 75 % of the height, where titles stand and subtitles do not; both 0–1, NaN in frames whose
    number is no multiple of 6. ``plain``: share of the pixels whose luma is within 3 levels of the commonest
    one, 0–1.

    A line is a row of four or more thin light or dark parts (white or black top-hat) of like height on one base
    line with letter-like gaps, after the grouping rules of Epshtein, Ofek & Wexler (2010) without their stroke
    width. It is a measure of how disturbing letters are, not a reader: script and signs in the picture count too.
    """

    name = "lettering"
    version = 1
    columns: tuple[str, ...] = ("area", "middle_area", "plain")
    max_side_px = 640
    halo = 0

    def load(self) -> None:
        """Nothing to load."""

    def annotate(self, frames: RgbFrames, *, frame_index: NDArray[np.int64]) -> AnnotationTable:
        """Measure ``uint8 (T, H, W, 3)``; see the class for units and ranges."""
        values = np.empty((len(frames), len(self.columns)), dtype=np.float32)
        for row, (index, luma) in enumerate(zip(frame_index, to_gray(frames), strict=True)):
            areas = (np.nan, np.nan) if index % EVERY_FRAMES else _letter_areas(luma)
            values[row] = *areas, _plain_share(luma)
        return AnnotationTable(frame_index, values)


def _plain_share(luma: NDArray[np.uint8]) -> float:
    counts = np.bincount(luma.ravel(), minlength=256)
    width = 2 * PLAIN_LEVELS + 1
    padded = np.concatenate([np.zeros(PLAIN_LEVELS, counts.dtype), counts, np.zeros(PLAIN_LEVELS, counts.dtype)])
    windows = np.convolve(padded, np.ones(width, counts.dtype), mode="valid")
    return int(windows[int(counts.argmax())]) / luma.size


def _letter_areas(luma: NDArray[np.uint8]) -> tuple[float, float]:
    """Shares of the frame under letters: anywhere, and in the middle of its height."""
    covered = np.zeros(luma.shape, dtype=np.uint8)
    for scale in _SCALES:
        if scale.most_px * 2 > min(luma.shape):
            continue
        shrunk = cv2.resize(luma, None, fx=scale.shrink, fy=scale.shrink, interpolation=cv2.INTER_AREA)
        for operation in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):
            for x0, y0, x1, y1 in _find_lines(np.asarray(shrunk, dtype=np.uint8), operation, scale=scale):
                corners = (np.array([x0, y0, x1, y1]) / scale.shrink).astype(int)
                covered[corners[1] : corners[3] + 1, corners[0] : corners[2] + 1] = 1
    top, bottom = (round(share * len(luma)) for share in _MIDDLE_UNIT)
    return int(covered.sum()) / luma.size, int(covered[top:bottom].sum()) / luma.size


def _find_lines(luma: NDArray[np.uint8], operation: int, *, scale: _Scale) -> list[NDArray[np.float64]]:
    """Boxes of the lines of light (top-hat) or dark (black-hat) letters of one scale, in pixels of ``luma``."""
    side = int(scale.most_px * scale.shrink * 0.8) | 1
    strokes = cv2.morphologyEx(luma, operation, np.ones((side, side), np.uint8))
    found = np.asarray(strokes > _LEAST_STROKE_LEVELS, dtype=np.uint8)
    parts = _letter_parts(found, scale=scale)
    count = len(parts.left)
    if count < _LEAST_LETTERS or count > _MOST_PARTS:
        return []
    return [_box(parts, chain) for chain in _chains(parts) if _is_line(parts, chain)]


def _letter_parts(found: NDArray[np.uint8], *, scale: _Scale) -> _Parts:
    statistics = cv2.connectedComponentsWithStats(found, connectivity=8)[2][1:]
    _, _, width, height, area = statistics.T
    filled = area / np.maximum(width * height, 1)
    letter = (
        (height >= max(int(scale.least_px * scale.shrink), 3))
        & (height <= round(scale.most_px * scale.shrink))
        & (width <= 2.2 * height)
        & (filled > 0.18)
        & (filled < 0.97)
    )
    chosen = statistics[letter].astype(np.float64)
    chosen = chosen[np.argsort(chosen[:, 0], kind="stable")]
    return _Parts(chosen[:, 0], chosen[:, 1], chosen[:, 2], chosen[:, 3])


def _chains(parts: _Parts) -> list[list[int]]:
    """Group parts that follow one another on a line: lists of indices."""
    taller = np.maximum(parts.height[:, None], parts.height[None, :])
    alike = np.minimum(parts.height[:, None], parts.height[None, :]) / taller
    gap = parts.left[None, :] - parts.right[:, None]
    middle = parts.top + parts.height / 2
    off_line = np.minimum(
        np.abs(parts.bottom[:, None] - parts.bottom[None, :]), np.abs(middle[:, None] - middle[None, :])
    )
    linked = (gap > -1) & (gap < _WIDEST_GAP_UNIT * taller) & (alike > _LEAST_SAME_HEIGHT_UNIT)
    linked &= off_line < _MOST_OFF_LINE_UNIT * taller
    chain = list(range(len(parts.left)))

    def first(part: int) -> int:
        while chain[part] != part:
            chain[part] = chain[chain[part]]
            part = chain[part]
        return part

    for before, after in zip(*np.nonzero(linked), strict=True):
        chain[first(int(after))] = first(int(before))
    groups: dict[int, list[int]] = {}
    for part in range(len(chain)):
        groups.setdefault(first(part), []).append(part)
    return [group for group in groups.values() if len(group) >= _LEAST_LETTERS]


def _is_line(parts: _Parts, chain: list[int]) -> bool:
    """Whether a chain is long, level and dense enough to be read."""
    left, top, right, bottom = _box(parts, chain)
    height = float(np.median(parts.height[chain]))
    dense = float(parts.width[chain].sum()) / (right - left)
    return bool(bottom - top <= 2.2 * height and right - left >= 2.5 * height and dense >= 0.35)


def _box(parts: _Parts, chain: list[int]) -> NDArray[np.float64]:
    return np.array(
        [parts.left[chain].min(), parts.top[chain].min(), parts.right[chain].max(), parts.bottom[chain].max()]
    )
