"""What speaks against a place: far from the usual one, floating, on busy or many-toned ground, hard to read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from curation.layout.box import Box
from curation.layout.canvases import Kind
from curation.layout.contrast import DARK_INK_UNIT, FLARE_UNIT, LIGHT_INK_UNIT
from curation.layout.place_grid import PlaceGrid, Values

UNREADABLE_COST = 1.0
CENTRAL_COST = 0.35
"""A crop is made so that its middle holds what is to be seen."""

READABLE = 4.5
"""Ratio of WCAG 2.2 (1.4.3 AA) from which contrast costs nothing."""

UNEVEN_COST = 0.25
WORST_TENTH_SIGMAS = 1.28
"""A tenth of a normal distribution lies beyond so many standard deviations."""


class Taste(NamedTuple):
    """How much it costs one kind to stand on bad ground, at the other end of the canvas across and down, to float
    between the rims, and to stand off the middle line or at half height; whether the middle is as good as a rim."""

    ground: float
    across: float
    down: float
    floating: float
    off_middle: float = 0.0
    half_height: float = 0.0
    may_be_central: bool = False


TASTES: Mapping[Kind, Taste] = {
    # A badge has a plate of its own, and people know where subtitles are: both leave their place for good reason only.
    "badge": Taste(ground=0.3, across=0.5, down=0.5, floating=0.7),
    "logo": Taste(ground=0.7, across=0.25, down=0.35, floating=0.7),
    "title": Taste(ground=1.0, across=0.3, down=0.35, floating=0.25, may_be_central=True),
    "subtitle": Taste(
        ground=0.5, across=0.3, down=0.5, floating=0.05, off_middle=1.5, half_height=0.4, may_be_central=True
    ),
}

SECOND_FLOAT_UNIT = 0.6
"""To be off the rims on one axis costs this share of being off them on both."""


def cost_ground(means: Values, *, kind: Kind) -> Values:
    """What speaks against the ground of each place, ``float64 (ny, nx)`` from 0, by ``PlaceGrid.means``."""
    _, disturbed, level, square = means
    uneven = np.sqrt(np.maximum(square - level * level, 0))
    cost = disturbed + UNEVEN_COST * uneven + UNREADABLE_COST * _cost_reading(level, uneven)
    return np.asarray(TASTES[kind].ground * cost, dtype=np.float64)


def _cost_reading(level: Values, uneven: Values) -> Values:
    """0 where the better ink is read well on the worst tenth of the ground, to 1 where it cannot be seen; from mean
    and standard deviation of the logarithm of luminance."""
    beyond = WORST_TENTH_SIGMAS * uneven
    light = np.log(LIGHT_INK_UNIT + FLARE_UNIT) - (level + beyond)
    dark = (level - beyond) - np.log(DARK_INK_UNIT + FLARE_UNIT)
    return np.asarray(np.maximum(1 - np.maximum(light, dark) / np.log(READABLE), 0), dtype=np.float64)


def cost_standing(grid: PlaceGrid, *, kind: Kind, usual: Box, within: Box) -> Values:
    """What speaks against where each place is on the canvas, whatever the ground: ``float64 (ny, nx)`` from 0;
    ``usual`` is of the grid's size."""
    taste = TASTES[kind]
    x, y = grid.lefts, grid.tops
    span_x, span_y = within.width - grid.width, within.height - grid.height
    middle = within.x0 + span_x / 2
    off_column = _off(x, (within.x0, within.x0 + span_x, middle if taste.may_be_central else usual.x0), span=span_x)
    off_row = _off(y, (within.y0, within.y0 + span_y, usual.y0), span=span_y)
    floating = (1 - SECOND_FLOAT_UNIT) * np.minimum(off_row[:, None], off_column)
    floating += SECOND_FLOAT_UNIT * np.maximum(off_row[:, None], off_column)
    across = taste.across * np.abs(x - usual.x0) + taste.off_middle * np.abs(x - middle)
    down = taste.down * np.abs(y - usual.y0) / within.height
    down += taste.half_height * _off(y, (within.y0, within.y0 + span_y), span=span_y)
    cost = taste.floating * floating + across / within.width + down[:, None]
    return np.asarray(cost + CENTRAL_COST * _centrality(grid, usual=usual, within=within), dtype=np.float64)


def _centrality(grid: PlaceGrid, *, usual: Box, within: Box) -> Values:
    """How near the middle of a canvas each place is, 0–1, beyond what the usual one is."""
    (x, y), half_width, half_height = within.centre, within.width / 2, within.height / 2
    near_x = np.maximum(1 - np.abs(grid.lefts + grid.width / 2 - x) / half_width, 0)
    near_y = np.maximum(1 - np.abs(grid.tops + grid.height / 2 - y) / half_height, 0)
    of_usual = (1 - abs(usual.centre[0] - x) / half_width) * (1 - abs(usual.centre[1] - y) / half_height)
    return np.asarray(np.maximum(near_y[:, None] * near_x - of_usual, 0), dtype=np.float64)


def _off(places: Values, lines: tuple[float, ...], *, span: float) -> Values:
    """How far places are from the nearest line, 1 from a quarter of the span on."""
    distance = np.abs(places - np.array(lines)[:, None]).min(axis=0)
    return np.asarray(np.minimum(4 * distance / max(span, 1e-9), 1), dtype=np.float64)
