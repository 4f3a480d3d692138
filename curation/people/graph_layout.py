"""Where the interaction graph draws everyone: steady between visits, main characters towards the middle."""

import numpy as np
from numpy.typing import NDArray

from curation.people.graph_drawing import GAP_UNIT, HEIGHT_UNIT, WIDTH_UNIT, node_radii

BORDER_UNIT = 40.0
"""Left free along the drawing's edges beyond the discs, for the names below them."""

CENTRE_WEIGHT = 0.35
"""What keeping main characters in the middle counts against keeping neighbours together, both shares of the whole."""

MOST_STRETCH = 1.5
MOST_SKEW = 1.4
"""How much a layout may be enlarged to fill the drawing, and how much more along one side than along the other."""

WIDEST = 0.9
SPREAD_OF_ONE = 0.28
"""How much of the drawing a layout takes up, and how much of it for each (square root of) person."""

ITERATIONS = 60
_FARTHEST = 1.0
_CELL_UNIT = 16.0
_GOLDEN_ANGLE_RAD = float(np.pi * (3 - np.sqrt(5)))


def place_nodes(
    size: NDArray[np.float64], weights: NDArray[np.float64], *, former: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Place the nodes of a graph in a drawing: ``float64 (C, 2)``, x and y as 0–1 of its width and height, y down.

    ``size`` ``(C,)`` prominences 0–1; ``weights`` ``(C, C)`` symmetric, 0 for no edge; ``former`` ``(C, 2)`` where
    nodes were drawn before, NaN for new ones. Nodes with a former place keep it, the others find theirs around them: at
    first by their distances in the graph and from the middle (stress, Gansner, Koren & North 2004, with the radial
    term of Brandes & Pich 2011), then each at the nearest spot where no disc of ``node_radii`` lies, the most
    prominent first. Without room for all, discs overlap as little as can be.
    """
    count = len(size)
    if not count:
        return np.empty((0, 2))
    size = np.nan_to_num(size, nan=0.0)
    is_fixed = np.asarray(np.isfinite(former).all(axis=1))
    if is_fixed.all():
        return former.copy()
    wanted = _minimise_stress(size, weights, former=np.where(is_fixed[:, None], former, np.nan))
    drawing = np.array([WIDTH_UNIT, HEIGHT_UNIT])
    placed = _find_room(wanted * drawing, radii=node_radii(size), is_fixed=is_fixed, order=_by_size(size))
    return np.where(is_fixed[:, None], former, placed / drawing)


def graph_distances(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far apart nodes should lie: ``float64 (C, C)``, from 0.15 for the closest to ``_FARTHEST`` for strangers.

    Lengths of shortest ways; an edge is the longer, the weaker it is against the strongest.
    """
    from scipy.sparse import csgraph

    most = weights.max(initial=0.0)
    if most <= 0:
        return np.full(weights.shape, _FARTHEST)
    strength = np.sqrt(np.clip(np.nan_to_num(weights) / most, 0, 1))
    lengths = np.where(strength > 0, 0.15 + 0.6 * (1 - strength), 0.0)
    np.fill_diagonal(lengths, 0.0)
    ways = csgraph.shortest_path(csgraph.csgraph_from_dense(lengths), directed=False)
    return np.asarray(np.minimum(ways, _FARTHEST))


def _by_size(size: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.argsort(-size, kind="stable").astype(np.int64)


def _ring_radii(size: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far from the middle each node should lie, 0–0.5: inside lies what is larger, and its discs' area."""
    order = _by_size(size)
    area = node_radii(size)[order] ** 2
    inside = np.cumsum(area) - area
    radii = np.empty(len(size))
    radii[order] = 0.5 * np.sqrt(inside / max(float(inside[-1]), float(area[-1])))
    return radii


def _minimise_stress(
    size: NDArray[np.float64], weights: NDArray[np.float64], *, former: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Wanted places 0–1, ``(C, 2)``: the nodes with a former place stay, the middle of the drawing is one more."""
    count = len(size)
    rings = _ring_radii(size)
    angle = np.empty(count)
    angle[_by_size(size)] = np.arange(count) * _GOLDEN_ANGLE_RAD
    start = 0.5 + rings[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    places = np.concatenate([np.where(np.isnan(former), start, former), [[0.5, 0.5]]])
    distance = np.zeros((count + 1, count + 1))
    distance[:count, :count] = graph_distances(weights)
    distance[:count, count] = distance[count, :count] = rings
    pull = np.zeros_like(distance)
    pull[:count, :count] = 1 / np.maximum(distance[:count, :count], 0.15) ** 2
    np.fill_diagonal(pull, 0.0)
    pull[:count, :count] *= (1 - CENTRE_WEIGHT) / max(float(pull.sum()), 1e-9)
    pull[:count, count] = pull[count, :count] = CENTRE_WEIGHT / (2 * count)
    is_free = np.append(np.isnan(former[:, 0]), False)
    wanted = _majorise(places, distance=distance, pull=pull, is_free=is_free)[:count]
    return _draw_in(wanted, is_free=is_free[:count]) if np.isfinite(former).any() else _fill(wanted)


def _draw_in(wanted: NDArray[np.float64], *, is_free: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Bring newcomers who are wanted outside the drawing into it, each in its own direction from the middle."""
    offset = wanted - 0.5
    farthest = float(np.hypot(*offset[is_free].T).max())
    return np.where(is_free[:, None], 0.5 + offset * min(WIDEST / 2 / max(farthest, 1e-9), 1.0), wanted)


def _fill(wanted: NDArray[np.float64]) -> NDArray[np.float64]:
    """Centre places and spread them over the drawing, so that rings of equal area hold like numbers of nodes."""
    offset = wanted - (wanted.min(axis=0) + wanted.max(axis=0)) / 2
    radii = np.hypot(*offset.T)
    if radii.max() < 1e-9:
        return np.full_like(wanted, 0.5)
    even = np.empty(len(wanted))
    even[np.argsort(radii, kind="stable")] = np.sqrt((np.arange(len(wanted)) + 0.5) / len(wanted))
    offset *= ((radii / radii.max() + even) / 2 / np.maximum(radii, 1e-9))[:, None]
    low, high = offset.min(axis=0), offset.max(axis=0)
    extent = min(WIDEST, SPREAD_OF_ONE * len(wanted) ** 0.5)  # few people stay near one another
    spread = extent / np.maximum(high - low, extent / MOST_STRETCH)
    return np.asarray(0.5 + (offset - (low + high) / 2) * np.minimum(spread, spread.min() * MOST_SKEW))


def _majorise(
    places: NDArray[np.float64],
    *,
    distance: NDArray[np.float64],
    pull: NDArray[np.float64],
    is_free: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Stress majorisation of the free nodes, in whole steps (Gansner, Koren & North 2004, equations 8–10)."""
    laplacian = np.diag(pull.sum(axis=1)) - pull
    solver = np.linalg.inv(laplacian[np.ix_(is_free, is_free)])
    held = laplacian[np.ix_(is_free, ~is_free)] @ places[~is_free]
    target = pull * distance
    for _ in range(ITERATIONS):
        gaps = np.sqrt(np.square(places[:, None] - places[None]).sum(axis=2))
        ratio = np.divide(target, gaps, out=np.zeros_like(target), where=gaps > 1e-9)
        turned = ratio.sum(axis=1)[:, None] * places - ratio @ places
        places[is_free] = solver @ (turned[is_free] - held)
    return places


def _find_room(
    wanted: NDArray[np.float64], *, radii: NDArray[np.float64], is_fixed: NDArray[np.bool_], order: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Put each free disc where it is wanted, or as near as no other lies; drawing units ``(C, 2)``."""
    low = BORDER_UNIT / 2 + radii.min()
    x = np.arange(low, WIDTH_UNIT - low, _CELL_UNIT)
    y = np.arange(low, HEIGHT_UNIT - low, _CELL_UNIT)
    spots = np.stack(np.meshgrid(x, y), axis=2).reshape(-1, 2)
    border = np.minimum(spots, [WIDTH_UNIT, HEIGHT_UNIT] - spots).min(axis=1) - BORDER_UNIT / 2
    room = np.full(len(spots), np.inf)
    placed = wanted.copy()
    for node in np.flatnonzero(is_fixed):
        room = np.minimum(room, np.hypot(*(spots - placed[node]).T) - radii[node] - GAP_UNIT)
    for node in order[~is_fixed[order]]:
        fits = (room >= radii[node]) & (border >= radii[node])
        away = np.hypot(*(spots - wanted[node]).T)
        spot = int(np.argmin(np.where(fits, away, np.inf)) if fits.any() else np.argmax(np.minimum(room, border)))
        placed[node] = spots[spot]
        room = np.minimum(room, np.hypot(*(spots - placed[node]).T) - radii[node] - GAP_UNIT)
    return placed
