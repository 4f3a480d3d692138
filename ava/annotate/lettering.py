"""Lettering: how much of a frame is written on, and how much of it is nothing but one plain tone."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import AnnotationTable, RgbFrames
from ava.media.colour import to_gray

EVERY_FRAMES = 12
"""Letters are looked for in frames whose number is a multiple of this: what can be read stays longer."""
PLAIN_LEVELS = 3
"""Levels of luma on each side that still count as the same tone."""

_MIDDLE_UNIT = (0.15, 0.75)
_LEAST_STROKE_LEVELS = 50
_LEAST_LETTERS = 4
_MOST_PARTS = 400
_MOST_UNEVEN_LEVELS = 14.0
_LONG_ROW = 7

_SOLID_SHRINK = 0.5
_SOLID_HEIGHTS_PX = (12, 84)
_LEAST_SOLID_LUMA = 215
_LEAST_SOLID_LETTERS = 3
_MOST_SOLID_UNEVEN_LEVELS = 4.0

_Box = tuple[int, int, int, int]


class _Scale(NamedTuple):
    """Letters of ``least_px``..``most_px`` in height, looked for in the picture shrunk to ``shrink``."""

    least_px: int
    most_px: int
    shrink: float

    @property
    def heights(self) -> tuple[int, int]:
        """Least and most height of a letter in the shrunk picture."""
        return max(int(self.least_px * self.shrink), 3), round(self.most_px * self.shrink)


_SCALES = (_Scale(4, 13, 1.0), _Scale(11, 32, 0.5))


class _Row(NamedTuple):
    """How parts must follow one another to be letters on a line: ``gap`` and ``off_line`` as shares of the taller
    one's height, ``alike`` the least ratio of their heights, ``least`` how many there must be."""

    gap: float
    off_line: float
    alike: float
    least: int


_PRINT = _Row(gap=1.3, off_line=0.22, alike=0.55, least=_LEAST_LETTERS)
_POSTER = _Row(gap=0.6, off_line=0.5, alike=0.4, least=_LEAST_SOLID_LETTERS)


class Lettering:
    """``area``: share of the frame inside the boxes of lines of letters; ``middle_area``: the part of it that lies
    between 15 % and 75 % of the height, where titles stand and subtitles do not; both 0–1, NaN in frames whose
    number is no multiple of 12. ``plain``: share of the pixels whose luma is within 3 levels of the commonest
    one, 0–1.

    A line is a row of four or more thin light or dark parts (white or black top-hat) of like height and tone on
    one base line with letter-like gaps, after the grouping rules of Epshtein, Ofek & Wexler (2010) without their
    stroke width; or a row of three or more large white parts of one solid tone. It is a measure of how disturbing
    letters are, not a reader: signs in the picture count too, and windows of a distant front sometimes.
    """

    name = "lettering"
    version = 2
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
    counts = cv2.calcHist([luma], [0], None, [256], [0, 256])[:, 0].astype(np.int64)
    width = 2 * PLAIN_LEVELS + 1
    padded = np.concatenate([np.zeros(PLAIN_LEVELS, counts.dtype), counts, np.zeros(PLAIN_LEVELS, counts.dtype)])
    windows = np.convolve(padded, np.ones(width, counts.dtype), mode="valid")
    return int(windows[int(counts.argmax())]) / luma.size


def _letter_areas(luma: NDArray[np.uint8]) -> tuple[float, float]:
    """Shares of the frame under letters: anywhere, and in the middle of its height."""
    covered = np.zeros(luma.shape, dtype=np.uint8)
    for scale in _SCALES:
        shrunk = _shrink(luma, scale.shrink)
        for operation in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):
            _cover(covered, _find_lines(shrunk, operation, scale=scale), shrink=scale.shrink)
    _cover(covered, _find_solid_words(_shrink(luma, _SOLID_SHRINK)), shrink=_SOLID_SHRINK)
    top, bottom = (round(share * len(luma)) for share in _MIDDLE_UNIT)
    return int(covered.sum()) / luma.size, int(covered[top:bottom].sum()) / luma.size


def _shrink(luma: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    size = (max(round(luma.shape[1] * factor), 1), max(round(luma.shape[0] * factor), 1))
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _cover(covered: NDArray[np.uint8], boxes: list[_Box], *, shrink: float) -> None:
    for box in boxes:
        x0, y0, x1, y1 = (round(side / shrink) for side in box)
        covered[y0:y1, x0:x1] = 1


def _find_lines(luma: NDArray[np.uint8], operation: int, *, scale: _Scale) -> list[_Box]:
    """Boxes of the lines of light (top-hat) or dark (black-hat) letters of one scale."""
    side = int(scale.heights[1] * 0.8) | 1
    strokes = cv2.morphologyEx(luma, operation, np.ones((side, side), np.uint8))
    parts = _Parts(luma, np.asarray(strokes > _LEAST_STROKE_LEVELS, dtype=np.uint8))
    chains = _chain(parts, parts.with_shape(scale.heights, narrow=2.2, filled=(0.18, 0.97)), row=_PRINT)
    return [parts.box(chain) for chain in chains if parts.is_line(chain, dense=0.35)]


def _find_solid_words(luma: NDArray[np.uint8]) -> list[_Box]:
    """Boxes of words in large, solid, white letters, which may touch one another: titles over a picture."""
    least, most = (round(height * _SOLID_SHRINK) for height in _SOLID_HEIGHTS_PX)
    parts = _Parts(luma, np.asarray(luma >= _LEAST_SOLID_LUMA, dtype=np.uint8))
    large = parts.with_shape((least, 2 * most), narrow=6.0, filled=(0.18, 0.85))
    solid = np.array([part for part in large if parts.is_solid(part)], dtype=np.int64)
    chains = _chain(parts, solid, row=_POSTER)
    return [parts.box(chain) for chain in chains if parts.is_line(chain, dense=0.6)]


class _Parts:
    """Connected parts of ``found`` that could be letters of the picture ``luma``."""

    def __init__(self, luma: NDArray[np.uint8], found: NDArray[np.uint8]) -> None:
        _, labels, statistics, _ = cv2.connectedComponentsWithStats(found, connectivity=8)
        self._luma, self._labels = luma, labels
        self.left, self.top, self.width, self.height, area = np.asarray(statistics, dtype=np.int64).T
        self.right, self.bottom = self.left + self.width, self.top + self.height
        self._filled = area / np.maximum(self.width * self.height, 1)

    def with_shape(self, heights: tuple[int, int], *, narrow: float, filled: tuple[float, float]) -> NDArray[np.int64]:
        """Parts of such a height, not wider than ``narrow`` heights, that fill such a share of their box."""
        fits = (self.height >= heights[0]) & (self.height <= heights[1]) & (self.width <= narrow * self.height)
        fits &= (self._filled > filled[0]) & (self._filled < filled[1])
        fits[0] = False  # the ground
        return np.flatnonzero(fits)

    def is_line(self, chain: list[int], *, dense: float) -> bool:
        """Whether a chain of letters is long, level and dense enough to be read, and of one tone."""
        left, top, right, bottom = self.box(chain)
        height = float(np.median(self.height[chain]))
        covered = float(self.width[chain].sum()) / (right - left)
        if bottom - top > 2.2 * height or right - left < 2.5 * height or covered < dense:
            return False
        # Thin strokes take on some of the ground's tone; the longer the row, the less likely it is chance.
        most_uneven = _MOST_UNEVEN_LEVELS if len(chain) < _LONG_ROW else 2 * _MOST_UNEVEN_LEVELS
        return float(np.std([np.median(self._tones(part)) for part in chain])) <= most_uneven

    def is_solid(self, part: int) -> bool:
        """Whether a part has one tone all over, as print has."""
        low, high = np.percentile(self._tones(part), (25, 75))
        return bool(high - low <= _MOST_SOLID_UNEVEN_LEVELS)

    def box(self, chain: list[int]) -> _Box:
        """The box around some parts."""
        return (
            int(self.left[chain].min()),
            int(self.top[chain].min()),
            int(self.right[chain].max()),
            int(self.bottom[chain].max()),
        )

    def _place(self, part: int) -> tuple[slice, slice]:
        return (
            slice(int(self.top[part]), int(self.bottom[part])),
            slice(int(self.left[part]), int(self.right[part])),
        )

    def _own(self, part: int) -> NDArray[np.bool_]:
        return np.asarray(self._labels[self._place(part)] == part, dtype=np.bool_)

    def _tones(self, part: int) -> NDArray[np.uint8]:
        return self._luma[self._place(part)][self._own(part)]


def _chain(parts: _Parts, letters: NDArray[np.int64], *, row: _Row) -> list[list[int]]:
    """Group letters that follow one another on a line: lists of parts. Too many at once are texture: none."""
    if not row.least <= len(letters) <= _MOST_PARTS:
        return []
    letters = letters[np.argsort(parts.left[letters], kind="stable")]
    linked = _follow(parts, letters, row=row)
    chain = list(range(len(letters)))

    def first(part: int) -> int:
        while chain[part] != part:
            chain[part] = chain[chain[part]]
            part = chain[part]
        return part

    for before, after in zip(*np.nonzero(linked), strict=True):
        chain[first(int(after))] = first(int(before))
    groups: dict[int, list[int]] = {}
    for part in range(len(chain)):
        groups.setdefault(first(part), []).append(int(letters[part]))
    return [group for group in groups.values() if len(group) >= row.least]


def _follow(parts: _Parts, letters: NDArray[np.int64], *, row: _Row) -> NDArray[np.bool_]:
    """Which letter (column) can stand right after which (row) on one line: ``(N, N)``."""
    left, right, height = parts.left[letters], parts.right[letters], parts.height[letters]
    top, bottom = parts.top[letters], parts.bottom[letters]
    taller = np.maximum(height[:, None], height[None, :])
    gap = left[None, :] - right[:, None]
    off_line = np.minimum(
        np.abs(bottom[:, None] - bottom[None, :]), np.abs((top + bottom)[:, None] - (top + bottom)[None, :]) / 2
    )
    alike = np.minimum(height[:, None], height[None, :]) / taller
    follows = (gap > -0.15 * taller) & (gap < row.gap * taller) & (alike > row.alike)
    return np.asarray(follows & (off_line < row.off_line * taller), dtype=np.bool_)
