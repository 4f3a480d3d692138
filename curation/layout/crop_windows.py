"""Windows of a canvas's shape within a picture: their sizes, and where they may stand."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from curation.layout.box import Box

Windows = NDArray[np.float32]
"""``float32 (N, 4)``: left, top, right, bottom in whole pixels."""

SCALES = (1.0, 0.93, 0.86, 0.78, 0.7, 0.62, 0.54, 0.46)
"""Windows that are tried, as shares of the sides of the largest that fits."""

LEAST_SCALE_ENLARGED = 0.7
"""Where a window is enlarged anyway, none below this is tried: only as much as helps to leave something whole out."""

MOST_ALONG, MOST_ACROSS = 41, 13
"""Places that are tried along a side, where the window can move along one side only, and along both."""

FINER = np.linspace(-1, 1, 7)


def whole_area(area: Box, *, width: int, height: int) -> Box:
    """The whole pixels that lie wholly in ``area`` of a picture of so many pixels; all of it where there are none."""
    picture = Box(0, 0, max(width, 1), max(height, 1))
    if not all(map(math.isfinite, area)):
        return picture
    inside = area.shared(picture)
    whole = Box(math.ceil(inside.x0), math.ceil(inside.y0), math.floor(inside.x1), math.floor(inside.y1))
    return whole if whole.area else picture


def fit_size(aspect: float, *, width: float, height: float) -> tuple[int, int]:
    """Width and height in whole pixels, at least 1, of the largest window of an aspect (width over height) in so much
    room; the longer side is rounded, so that its ratio is as near as its shorter side allows."""
    if aspect < 1:
        tall, narrow = fit_size(1 / aspect, width=height, height=width)
        return narrow, tall
    room = max(int(width), 1)
    shorter = max(min(int(height), math.floor((room + 0.499) / aspect)), 1)
    return min(max(round(shorter * aspect), 1), room), shorter


def list_windows(area: Box, *, aspect: float, must: Box, canvas_width_px: int) -> Windows:
    """Windows of an aspect in whole pixels of ``area`` that hold ``must``, from the largest down to a sensible zoom.

    ``must`` lies within the area. Where it does not fit into the largest window, those that show most of it. The zoom
    ends where a pixel of the picture would cover more than one of the canvas, or at ``LEAST_SCALE_ENLARGED`` where it
    does so before.
    """
    largest = fit_size(aspect, width=area.width, height=area.height)
    least = min(canvas_width_px / largest[0], LEAST_SCALE_ENLARGED)
    placed = []
    for scale in SCALES:
        size = fit_size(aspect, width=largest[0] * scale, height=largest[1] * scale)
        holds = must.width <= size[0] and must.height <= size[1]
        if scale == SCALES[0] or (holds and scale >= least):
            placed.append(_place(area, size=size, must=must))
    return np.concatenate(placed)


def list_near(best: NDArray[np.float32], *, area: Box, must: Box, reach_unit: float) -> Windows:
    """Windows of the size of ``best`` ``(4,)`` up to ``reach_unit`` of its sides away from it, itself first."""
    width, height = float(best[2] - best[0]), float(best[3] - best[1])
    across = _span(area.x0, area.x1, side=width, low=must.x0, high=must.x1)
    down = _span(area.y0, area.y1, side=height, low=must.y0, high=must.y1)
    lefts = np.unique(np.clip(np.round(best[0] + FINER * reach_unit * width), *across))
    tops = np.unique(np.clip(np.round(best[1] + FINER * reach_unit * height), *down))
    return np.concatenate([best[None], _windows(lefts, tops, (width, height))])


def _place(area: Box, *, size: tuple[int, int], must: Box) -> Windows:
    across = _span(area.x0, area.x1, side=size[0], low=must.x0, high=must.x1)
    down = _span(area.y0, area.y1, side=size[1], low=must.y0, high=must.y1)
    is_along = across[0] == across[1] or down[0] == down[1]
    most = MOST_ALONG if is_along else MOST_ACROSS
    return _windows(_places(across, most), _places(down, most), size)


def _places(span: tuple[float, float], most: int) -> NDArray[np.float64]:
    return np.unique(np.round(np.linspace(*span, most)))


def _windows(lefts: NDArray[np.floating], tops: NDArray[np.floating], size: tuple[float, float]) -> NDArray[np.float32]:
    x0, y0 = (places.ravel() for places in np.meshgrid(lefts, tops))
    return np.stack([x0, y0, x0 + size[0], y0 + size[1]], axis=1).astype(np.float32)


def _span(start: float, end: float, *, side: float, low: float, high: float) -> tuple[float, float]:
    """Where a window of a side may begin between ``start`` and ``end`` such that it holds ``low`` to ``high``; where
    that is longer than the side, such that it shows nothing else along this side."""
    one, other = math.ceil(high) - side, math.floor(low)
    first, last = min(one, other), max(one, other)
    furthest = max(end - side, start)
    return min(max(first, start), furthest), min(max(last, start), furthest)
