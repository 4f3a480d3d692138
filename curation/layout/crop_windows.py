"""Windows of a canvas's shape within a picture: their sizes, and where they may stand."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from curation.layout.box import Box

Windows = NDArray[np.float32]
"""``float32 (N, 4)``: left, top, right, bottom in whole pixels."""

Span = tuple[float, float]
"""The first and the last place where a window may begin along one side."""

SCALES = (0.93, 0.86, 0.78, 0.7, 0.6, 0.5)
"""Windows that are tried beside the largest that fits, as shares of its sides."""

LEAST_SCALE_ENLARGED = 0.7
"""Where a window is enlarged anyway, none below this is tried: only as much as helps to leave something whole out."""

MOST_ALONG, MOST_ACROSS = 41, 11
"""Places that are tried along a side, where the window can move along one side only, and along both."""

FINER = np.linspace(-1, 1, 9)


def whole_area(area: Box, *, width: int, height: int) -> Box:
    """The whole pixels that lie wholly in ``area`` of a picture of so many pixels; all of it where there are none."""
    picture = Box(0, 0, max(width, 1), max(height, 1))
    if not all(map(math.isfinite, area)):
        return picture
    inside = area.shared(picture)
    whole = Box(math.ceil(inside.x0), math.ceil(inside.y0), math.floor(inside.x1), math.floor(inside.y1))
    return whole if whole.area else picture


def fit_size(aspect: float, *, width: float, height: float, shorter_px: float = math.inf) -> tuple[int, int]:
    """Width and height in whole pixels, at least 1, of the largest window of an aspect (width over height) in so much
    room whose shorter side is at most ``shorter_px``; the longer one is rounded, so that its ratio is as near as the
    shorter one allows."""
    if aspect < 1:
        tall, narrow = fit_size(1 / aspect, width=height, height=width, shorter_px=shorter_px)
        return narrow, tall
    room = max(int(width), 1)
    shorter = max(math.floor(min(height, (room + 0.499) / aspect, shorter_px)), 1)
    return min(max(round(shorter * aspect), 1), room), shorter


def list_windows(area: Box, *, aspect: float, must: Box, canvas_width_px: int) -> Windows:
    """Windows of an aspect in whole pixels of ``area`` that hold ``must``, which lies within the area, the largest
    first. Where it does not fit into the largest window, those that show most of it."""
    sizes = list_sizes(area, aspect=aspect, must=must, canvas_width_px=canvas_width_px)
    return np.concatenate([_place(area, size=size, must=must) for size in sizes])


def list_sizes(area: Box, *, aspect: float, must: Box, canvas_width_px: int) -> list[tuple[int, int]]:
    """Sizes of windows in whole pixels, from the largest in ``area`` down to a sensible zoom, that ``must`` fits into.

    The zoom ends where a pixel of the picture would cover more than one of the canvas, or at
    ``LEAST_SCALE_ENLARGED`` where it does so before.
    """
    largest = fit_size(aspect, width=area.width, height=area.height)
    least = min(canvas_width_px / largest[0], LEAST_SCALE_ENLARGED)
    zoomed = [
        fit_size(aspect, width=largest[0] * scale, height=largest[1] * scale) for scale in SCALES if scale >= least
    ]
    return [largest, *(size for size in zoomed if must.width <= size[0] and must.height <= size[1])]


def list_near(best: NDArray[np.float32], *, area: Box, must: Box, reach_unit: float) -> Windows:
    """Windows of the size of ``best`` ``(4,)`` up to ``reach_unit`` of its sides away from it, itself first."""
    width, height = float(best[2] - best[0]), float(best[3] - best[1])
    across = span_of(area.x0, area.x1, side=width, low=must.x0, high=must.x1)
    down = span_of(area.y0, area.y1, side=height, low=must.y0, high=must.y1)
    lefts = np.unique(np.clip(np.round(best[0] + FINER * reach_unit * width), *across))
    tops = np.unique(np.clip(np.round(best[1] + FINER * reach_unit * height), *down))
    return np.concatenate([best[None], make_windows(lefts, tops, (width, height))])


def _place(area: Box, *, size: tuple[int, int], must: Box) -> Windows:
    across = span_of(area.x0, area.x1, side=size[0], low=must.x0, high=must.x1)
    down = span_of(area.y0, area.y1, side=size[1], low=must.y0, high=must.y1)
    is_along = across[0] == across[1] or down[0] == down[1]
    most = MOST_ALONG if is_along else MOST_ACROSS
    return make_windows(places_of(across, most), places_of(down, most), size)


def places_of(span: Span, most: int) -> NDArray[np.float64]:
    """At most so many whole places in a span, its ends among them."""
    return np.unique(np.round(np.linspace(*span, most)))


def make_windows(lefts: NDArray[np.floating], tops: NDArray[np.floating], size: tuple[float, float]) -> Windows:
    """Windows of a size at all of some left and top sides, row by row."""
    windows = np.empty((len(tops), len(lefts), 4), dtype=np.float32)
    windows[..., 0], windows[..., 1] = lefts, tops[:, None]
    windows[..., 2:] = windows[..., :2] + np.array(size, dtype=np.float32)
    return windows.reshape(-1, 4)


def span_of(start: float, end: float, *, side: float, low: float, high: float) -> Span:
    """Where a window of a side may begin between ``start`` and ``end`` such that it holds ``low`` to ``high``; where
    that is longer than the side, such that it shows nothing else along this side."""
    one, other = math.ceil(high) - side, math.floor(low)
    first, last = min(one, other), max(one, other)
    furthest = max(end - side, start)
    return min(max(first, start), furthest), min(max(last, start), furthest)
