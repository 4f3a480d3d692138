"""Every place that something of one size could take on a canvas, and what the ground is like there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curation.layout.box import Box
from curation.layout.ground import Ground

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

    def blocked(self, boxes: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which places, ``bool (ny, nx)``, overlap any of the boxes ``(N, 4)``; to touch one is no overlap."""
        mask = np.zeros((len(self.tops), len(self.lefts)), dtype=np.bool_)
        x0, y0, x1, y1 = boxes.T
        first_column = np.searchsorted(self.lefts, x0 - self.width, side="right").tolist()
        first_row = np.searchsorted(self.tops, y0 - self.height, side="right").tolist()
        end_column, end_row = np.searchsorted(self.lefts, x1).tolist(), np.searchsorted(self.tops, y1).tolist()
        for row, column, last_row, last_column in zip(first_row, first_column, end_row, end_column, strict=True):
            mask[row:last_row, column:last_column] = True
        return mask

    def means(self, ground: Ground) -> Values:
        """Means of the ground's summed maps under each place: ``float64 (4, ny, nx)``."""
        height, width = ground.luminance.shape
        first_column, end_column = _span(self.lefts, self.width, count=width, step=ground.scale[0])
        first_row, end_row = _span(self.tops, self.height, count=height, step=ground.scale[1])
        corners = ground.sums.reshape(-1, ground.sums.shape[-1])
        top, bottom = first_row[:, None] * (width + 1), end_row[:, None] * (width + 1)
        # By one index into one dimension: several times as fast as by rows and columns.
        sums = corners.take(bottom + end_column, axis=0)
        sums -= corners.take(bottom + first_column, axis=0)
        sums -= corners.take(top + end_column, axis=0)
        sums += corners.take(top + first_column, axis=0)
        pixels = (end_row - first_row)[:, None] * (end_column - first_column)
        return np.asarray(sums.transpose(2, 0, 1) / pixels, dtype=np.float64)


def _span(low: Values, side: float, *, count: int, step: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and end pixels of a map of ``count`` that places touch."""
    # A hair's breadth less, so that a side on a pixel's rim does not touch the next one by rounding.
    first = np.floor(low / step + 1e-9).astype(np.int64)
    first = np.minimum(np.maximum(first, 0), count - 1)
    end = np.ceil((low + side) / step - 1e-9).astype(np.int64)
    return first, np.minimum(np.maximum(end, first + 1), count)


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
    steps = 2 * max(round((high - low) / (2 * step)), 1)
    places = low + (high - low) * (np.arange(steps + 1) / steps)
    places[-1] = high
    return places
