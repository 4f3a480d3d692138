"""Where the interaction graph is drawn: sizes, places that do not overlap, and which names there is room for."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

WIDTH_UNIT = 1300.0
HEIGHT_UNIT = 680.0
"""The drawing's own units. Narrow screens show it transposed, so what keeps apart here does so there."""

GAP_UNIT = 22.0
LARGEST_RADIUS_UNIT = 84.0
SMALLEST_RADIUS_UNIT = 19.0
COVERED = 0.15
"""The share of the drawing that nodes may cover together: beyond it their names find no place."""
WIDEST_EDGE_PX = 14.0
THINNEST_EDGE_PX = 1.0
ROUNDS = 60

_GOLDEN_ANGLE_RAD = 2.399963


class LetterSize(NamedTuple):
    """How large letters are in the drawing's units, ``height_unit`` a line and ``width_unit`` an average letter."""

    height_unit: float
    width_unit: float


WIDE_LETTERS = LetterSize(20.0, 9.8)
NARROW_LETTERS = LetterSize(30.0, 14.5)
ALWAYS_NAMED = 3
"""So many of the weightiest have their names even where these cover other nodes, though not other names."""
NEAREST_VIEW = 0.5
"""The smallest share of the drawing's width that is looked at: nearer, faces would be larger than their pictures."""


class View(NamedTuple):
    """The part of the drawing that is looked at, in its units and of its proportions."""

    x: float
    y: float
    width: float
    height: float

    @property
    def zoom(self) -> float:
        return WIDTH_UNIT / self.width


class Drawing(NamedTuple):
    """``places`` ``float64 (N, 2)`` of middles and ``radii`` ``float64 (N,)``, both in drawing units.

    ``names`` and ``names_narrow`` ``int64 (N,)``: 1 for a name under its node, −1 over it, 0 without room for it, as
    drawn and transposed. ``view`` is what the nodes that are shown take up.
    """

    places: NDArray[np.float64]
    radii: NDArray[np.float64]
    names: NDArray[np.int64]
    names_narrow: NDArray[np.int64]
    view: View


def draw_graph(
    places_unit: NDArray[np.float64],
    *,
    prominence: NDArray[np.float64],
    name_lengths: NDArray[np.int64],
    shown: int,
) -> Drawing:
    """Place N nodes, weightiest first, near where a layout wants them, and look at the first ``shown``.

    ``places_unit`` ``(N, 2)`` 0–1, y down, NaN for a node without a place, which gets one on a spiral about the
    middle; ``prominence`` ``(N,)`` 0 or more; ``name_lengths`` ``(N,)`` in letters. Names of nodes that are shown
    leave no room for those that are not.
    """
    count = len(prominence)
    if not count:
        none = np.zeros(0, dtype=np.int64)
        return Drawing(np.zeros((0, 2)), np.zeros(0), none, none, View(0.0, 0.0, WIDTH_UNIT, HEIGHT_UNIT))
    radii = node_radii(prominence)
    wanted = np.where(np.isfinite(places_unit), np.clip(places_unit, 0, 1), spiral(count))
    places = keep_apart(wanted * [WIDTH_UNIT, HEIGHT_UNIT], radii=radii)
    view = fit_view(places[:shown], radii=radii[:shown])
    wide, narrow = _nearer(WIDE_LETTERS, view), _nearer(NARROW_LETTERS, view)
    across, along = (view.x, view.x + view.width), (view.y, view.y + view.height)
    names, names_narrow = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    for first, last in ((0, shown), (shown, count)):
        sizes, lengths = radii[:last], name_lengths[:last]
        drawn, turned = places[:last], places[:last, ::-1]
        names[first:last] = _name_sides(drawn, radii=sizes, lengths=lengths, letters=wide, within=across)[first:]
        names_narrow[first:last] = _name_sides(turned, radii=sizes, lengths=lengths, letters=narrow, within=along)[
            first:
        ]
    return Drawing(places, radii, names, names_narrow, view)


def fit_view(places: NDArray[np.float64], *, radii: NDArray[np.float64]) -> View:
    """The smallest view of the drawing's proportions that holds these nodes, two lines of a name above and below."""
    if not len(radii):
        return View(0.0, 0.0, WIDTH_UNIT, HEIGHT_UNIT)
    room = np.stack([radii + 2 * WIDE_LETTERS.height_unit + GAP_UNIT] * 2, axis=1)
    low, high = (places - room).min(axis=0), (places + room).max(axis=0)
    share = max(float(((high - low) / [WIDTH_UNIT, HEIGHT_UNIT]).max()), NEAREST_VIEW)
    x, y = (low + high) / 2 - share / 2 * np.array([WIDTH_UNIT, HEIGHT_UNIT])
    return View(float(x), float(y), share * WIDTH_UNIT, share * HEIGHT_UNIT)


def _nearer(letters: LetterSize, view: View) -> LetterSize:
    """Letters keep their size on the screen, and so take up less of what is looked at from nearer."""
    return LetterSize(letters.height_unit / view.zoom, letters.width_unit / view.zoom)


def node_radii(prominence: NDArray[np.float64]) -> NDArray[np.float64]:
    """Radii whose areas go with prominence, ``float64 (N,)``, none too small to be recognised or hit.

    The largest is as large as the number of nodes allows for.
    """
    known = np.clip(np.nan_to_num(prominence, nan=0.0), 0, None)
    share = known / known.max() if known.max() > 0 else np.ones(len(known))
    room = COVERED * WIDTH_UNIT * HEIGHT_UNIT / (np.pi * max(float(share.sum()), 1.0))
    largest = float(np.clip(np.sqrt(room), 2 * SMALLEST_RADIUS_UNIT, LARGEST_RADIUS_UNIT))
    return np.maximum(largest * np.sqrt(share), SMALLEST_RADIUS_UNIT)


def edge_widths_px(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Widths that go with the weights, ``float64 (E,)``; the thinnest can still be seen, no weight is no edge (0)."""
    known = np.clip(np.nan_to_num(weights, nan=0.0), 0, None)
    if not known.size or known.max() <= 0:
        return np.zeros(len(known))
    return np.where(known > 0, np.maximum(WIDEST_EDGE_PX * known / known.max(), THINNEST_EDGE_PX), 0.0)


def spiral(count: int) -> NDArray[np.float64]:
    """Places 0–1 that fill an ellipse evenly, ``float64 (N, 2)``, the first in the middle (Vogel, 1979)."""
    order = np.arange(count)
    distance = 0.45 * np.sqrt(order / max(count - 1, 1))
    angle = order * _GOLDEN_ANGLE_RAD
    return np.stack([0.5 + distance * np.cos(angle), 0.5 + distance * np.sin(angle)], axis=1)


def keep_apart(places: NDArray[np.float64], *, radii: NDArray[np.float64]) -> NDArray[np.float64]:
    """Push overlapping nodes apart and all of them into the drawing, ``float64 (N, 2)``; a large one moves less.

    Each round moves every pair that is too near half of what it lacks. Nodes that lie exactly on one another part
    in directions that depend on their order alone.
    """
    count = len(radii)
    low, high = _margins(radii)
    places = np.clip(places, low, high)
    apart = radii[:, None] + radii[None, :] + GAP_UNIT
    area = radii**2
    yields = area[None, :] / (area[:, None] + area[None, :])
    angle = np.arange(count) * _GOLDEN_ANGLE_RAD
    nudge = 1e-3 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    for _ in range(ROUNDS):
        offset = (places + nudge)[:, None, :] - (places + nudge)[None, :, :]
        distance = np.sqrt((offset**2).sum(axis=2))
        lacking = np.clip(apart - distance, 0, None)
        np.fill_diagonal(lacking, 0.0)
        if lacking.max() < 0.5:
            break
        step = lacking * yields / np.maximum(distance, 1e-9)
        places = np.clip(places + (offset * step[:, :, None]).sum(axis=1) * 0.6, low, high)
    return places


def _margins(radii: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The least and greatest place of each node's middle, with room for a name under it either way round."""
    name = WIDE_LETTERS.height_unit
    low = np.stack([radii + name, radii + name], axis=1)
    high = np.stack([WIDTH_UNIT - radii - name, HEIGHT_UNIT - radii - name], axis=1)
    return low, high


def _name_sides(
    places: NDArray[np.float64],
    *,
    radii: NDArray[np.float64],
    lengths: NDArray[np.int64],
    letters: LetterSize,
    within: tuple[float, float],
) -> NDArray[np.int64]:
    """Where each name covers no other node and no name of a weightier one: 1 under its node, −1 over it, 0 nowhere.

    ``within`` is the least and greatest x that can be seen. Returns ``int64 (N,)``.
    """
    half_width = lengths * letters.width_unit / 2
    names_y = np.full(len(radii), np.nan)
    sides = np.zeros(len(radii), dtype=np.int64)
    for one in range(len(radii)):
        near_x = np.abs(places[:, 0] - places[one, 0])
        covered = {}
        for side in (1, -1):
            y = places[one, 1] + side * (radii[one] + letters.height_unit * 0.7)
            on_name = (near_x < half_width + half_width[one]) & (np.abs(names_y - y) < letters.height_unit)
            if on_name.any() or not _is_within(places[one, 0], half_width[one], within):
                continue
            beside_x = np.clip(near_x - half_width[one], 0, None)
            beside_y = np.clip(np.abs(places[:, 1] - y) - letters.height_unit / 2, 0, None)
            on_node = np.hypot(beside_x, beside_y) < radii + letters.height_unit / 3
            on_node[one] = False
            covered[side] = int(on_node.sum())
        if covered and (one < ALWAYS_NAMED or 0 in covered.values()):
            sides[one] = min(covered, key=lambda side: covered[side])
            names_y[one] = places[one, 1] + sides[one] * (radii[one] + letters.height_unit * 0.7)
    return sides


def _is_within(middle: float, half: float, within: tuple[float, float]) -> bool:
    return middle - half >= within[0] and middle + half <= within[1]
