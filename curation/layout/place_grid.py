"""Every place that something of one size could take on a canvas, and what the ground is like there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curation.layout.box import Box
from curation.layout.ground import Ground, Sums

STEP_UNIT = 0.02
"""Places lie about so far apart, as a share of the sides of what they lie within."""

Values = NDArray[np.float64]


@dataclass(frozen=True)
class PlaceGrid:
    """Places of boxes ``width`` × ``height``: their left and top sides ``float64 (nx,)`` and ``(ny,)``, both rims and
    the middle of what they lie within among them."""

    lefts: Values
    tops: Values
    width: float
    height: float

    def box(self, row: int, column: int) -> Box:
        """The box at one place."""
        x, y = float(self.lefts[column]), float(self.tops[row])
        return Box(x, y, x + self.width, y + self.height)

    def blocked(self, boxes: Sequence[Box]) -> NDArray[np.bool_]:
        """Which places, ``bool (ny, nx)``, overlap any of the boxes; to touch one is no overlap."""
        mask = np.zeros((len(self.tops), len(self.lefts)), dtype=np.bool_)
        if not boxes:
            return mask
        x0, y0, x1, y1 = np.asarray(boxes, dtype=np.float64).T
        first_column = np.searchsorted(self.lefts, x0 - self.width, side="right")
        first_row = np.searchsorted(self.tops, y0 - self.height, side="right")
        end_column, end_row = np.searchsorted(self.lefts, x1), np.searchsorted(self.tops, y1)
        for row, column, last_row, last_column in zip(first_row, first_column, end_row, end_column, strict=True):
            mask[row:last_row, column:last_column] = True
        return mask

    def means(self, sums: Sequence[Sums], *, ground: Ground) -> list[Values]:
        """Mean of summed maps under each place, ``float64 (ny, nx)`` each."""
        columns, rows = self._span(ground)
        area = np.outer(rows[1] - rows[0], columns[1] - columns[0])
        return [
            (each[np.ix_(rows[1], columns[1])] - each[np.ix_(rows[0], columns[1])]
             - each[np.ix_(rows[1], columns[0])] + each[np.ix_(rows[0], columns[0])]) / area
            for each in sums
        ]  # fmt: skip

    def _span(self, ground: Ground) -> tuple[tuple[NDArray[np.int64], ...], tuple[NDArray[np.int64], ...]]:
        """First and end columns and rows of the ground's maps that each place touches."""
        height, width = ground.luminance.shape
        spans = []
        for low, side, count, step in (
            (self.lefts, self.width, width, ground.scale[0]),
            (self.tops, self.height, height, ground.scale[1]),
        ):
            # A hair's breadth less, so that a side on a pixel's rim does not touch the next one by rounding.
            first = np.clip(np.floor(low / step + 1e-9).astype(np.int64), 0, count - 1)
            end = np.clip(np.ceil((low + side) / step - 1e-9).astype(np.int64), first + 1, count)
            spans.append((first, end))
        return spans[0], spans[1]


def lay_grid(within: Box, *, width: float, height: float) -> PlaceGrid:
    """Lay out places of boxes that are not larger than what they lie ``within``."""
    return PlaceGrid(
        _spread(within.x0, within.x1 - width, step=STEP_UNIT * within.width),
        _spread(within.y0, within.y1 - height, step=STEP_UNIT * within.height),
        width,
        height,
    )


def _spread(low: float, high: float, *, step: float) -> Values:
    if high <= low:
        return np.array([low])
    # An odd number of places has the middle among them.
    return np.linspace(low, high, 2 * max(round((high - low) / (2 * step)), 1) + 1)
