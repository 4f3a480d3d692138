"""Where flags lie in the picture, gathered so that a hundred thousand of them can be drawn and read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray


class Box(NamedTuple):
    """A part of the picture in pixels: left, top, right, bottom edges; the whole one is (0, 0, width, height)."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0


class Cell(NamedTuple):
    """A square part of the picture with its edges' left and top, its side in pixels, and how many flags lie in it."""

    x: float
    y: float
    side: float
    flag_count: int


def count_cells(x: ArrayLike, *, y: ArrayLike, box: Box, columns: int = 160) -> list[Cell]:
    """Count flags by square cells of a box, ``columns`` of them side by side; empty cells are left out.

    x, y: float (N,), places in pixels with 0.0 the middle of the first one. Those outside the box, or not finite, are
    not counted. Cells come row by row.
    """
    across, down = (np.asarray(values, np.float64).ravel() + 0.5 for values in (x, y))
    with np.errstate(invalid="ignore"):
        inside = (across >= box.x0) & (across < box.x1) & (down >= box.y0) & (down < box.y1)
    side = box.width / columns
    column = np.minimum(((across[inside] - box.x0) / side).astype(np.int64), columns - 1)
    row = ((down[inside] - box.y0) / side).astype(np.int64)
    keys, counts = np.unique(row * columns + column, return_counts=True)
    return [
        Cell(box.x0 + key % columns * side, box.y0 + key // columns * side, side, count)
        for key, count in zip(keys.tolist(), counts.tolist(), strict=True)
    ]


def fill_strip(spans: Iterable[tuple[int, int]], *, frame_count: int, bins: int = 200) -> list[tuple[int, int]]:
    """Half-open spans of frames as half-open runs of ``bins`` equal parts of a film; a part touched is filled.

    What lies outside of the film is left out; so is everything where the film has no frames.
    """
    filled = np.zeros(bins + 2, np.int8)
    for start, end in spans:
        start, end = max(start, 0), min(end, frame_count)
        if start < end:
            filled[1 + start * bins // frame_count : 1 + -(-end * bins // frame_count)] = 1
    edges: NDArray[np.int64] = np.flatnonzero(np.diff(filled))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def zoom_box(box: Box, *, width: float, height: float, factor: float, least_px: float = 24.0) -> Box:
    """A box about the same middle, wider by ``factor``, of the picture's shape and inside of it.

    Never narrower than ``least_px`` nor wider than the picture.
    """
    wide = min(max(box.width * factor, min(least_px, width)), width)
    high = wide * height / width
    left = min(max((box.x0 + box.x1 - wide) / 2, 0.0), width - wide)
    top = min(max((box.y0 + box.y1 - high) / 2, 0.0), height - high)
    return Box(left, top, left + wide, top + high)
