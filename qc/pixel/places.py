"""Which flags lie at one place of the sensor: stuck pixels and dust come back there, chance does not."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

SAME_PLACE_PX = 1.5
_STEPS_A_PX = 4  # places are compared on a raster of quarter pixels, which bounds the work however many share a place
_FARTHEST_STEP = 2**30


class Place(NamedTuple):
    """One place of the picture at which flags were raised.

    ``number``: as `cluster_places` numbers it. ``x``, ``y``: mean of its flags in the pixels that were given.
    ``flag_count``: flags; ``frame_count``: different frames among them; ``first_frame``, ``last_frame``: inclusive.
    """

    number: int
    x: float
    y: float
    flag_count: int
    frame_count: int
    first_frame: int
    last_frame: int


def cluster_places(x: ArrayLike, *, y: ArrayLike, radius_px: float = SAME_PLACE_PX) -> NDArray[np.int64]:
    """Number the place that every flag belongs to: 0 has the most flags; of equal ones the upper, then the left first.

    x, y: float (N,), pixels. Returns int64 (N,); -1 where a coordinate is not finite. The order of the flags does
    not matter. Places are taken to quarter pixels, and compared there with ``radius_px`` (0–16).
    Leader clustering (Hartigan, 1975, Clustering Algorithms, ch. 3) whose leaders are chosen by density: the spot
    with the most flags within the radius takes all of these, then the densest of what is left. No place can grow
    along a chain, as it would with single linkage.
    Raises ValueError when x and y differ in length.
    """
    points = np.stack([np.asarray(x, np.float64).ravel(), np.asarray(y, np.float64).ravel()])
    finite = np.isfinite(points).all(axis=0)
    steps = np.clip(np.rint(points[:, finite] * _STEPS_A_PX), -_FARTHEST_STEP, _FARTHEST_STEP).astype(np.int64)
    numbers = np.full(finite.size, -1, np.int64)
    if steps.shape[1]:
        keys = (steps[1] << 32) + steps[0]  # in order of rows, then columns
        spots, spot_of, counts = np.unique(keys, return_inverse=True, return_counts=True)
        leaders = _follow_leaders(spots, counts=counts, radius_steps=min(max(radius_px, 0.0), 16.0) * _STEPS_A_PX)
        numbers[finite] = _number(leaders, counts=counts)[spot_of]
    return numbers


def describe_places(numbers: NDArray[np.int64], *, x: ArrayLike, y: ArrayLike, frames: ArrayLike) -> list[Place]:
    """The places that `cluster_places` numbered, in order of their numbers; flags without one (-1) are left out.

    x, y: float (N,), pixels; frames: int (N,), the frame of each flag, counted over all films that share the sensor.
    """
    keep = numbers >= 0
    if not keep.any():
        return []
    kept, frame = numbers[keep], np.asarray(frames, np.int64).ravel()[keep]
    order = np.lexsort((frame, kept))
    kept, frame = kept[order], frame[order]
    starts = np.flatnonzero(np.diff(kept, prepend=-1))
    ends = np.append(starts[1:], kept.size)
    is_new = np.diff(frame, prepend=frame[0] - 1) != 0
    is_new[starts] = True
    different = np.add.reduceat(is_new.astype(np.int64), starts)
    means = [
        np.add.reduceat(np.asarray(values, np.float64).ravel()[keep][order], starts) / (ends - starts)
        for values in (x, y)
    ]
    return [
        Place(int(kept[start]), float(mean_x), float(mean_y), int(end - start), int(count), int(frame[start]),
              int(frame[end - 1]))
        for start, end, mean_x, mean_y, count in zip(starts, ends, *means, different, strict=True)
    ]  # fmt: skip


def _follow_leaders(spots: NDArray[np.int64], *, counts: NDArray[np.int64], radius_steps: float) -> NDArray[np.int64]:
    """For every spot (sorted keys) the index of the spot that leads its place."""
    first, second = _near_pairs(spots, radius_steps=radius_steps)
    density = counts + np.bincount(first, weights=counts[second], minlength=spots.size).astype(np.int64)
    begins = np.searchsorted(first, np.arange(spots.size + 1)).tolist()
    leaders = np.full(spots.size, -1, np.int64)
    # Equal densities: the fuller spot leads, then the upper, then the left one (spots are in that order).
    for spot in np.lexsort((np.arange(spots.size), -counts, -density)).tolist():
        if leaders[spot] >= 0:
            continue
        leaders[spot] = spot
        near = second[begins[spot] : begins[spot + 1]]
        leaders[near[leaders[near] < 0]] = spot
    return leaders


def _near_pairs(spots: NDArray[np.int64], *, radius_steps: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Index pairs of spots within the radius of each other, both ways, sorted by the first."""
    reach = int(radius_steps)
    here = np.arange(spots.size)
    firsts, seconds = [], []
    for down in range(reach + 1):
        for right in range(-reach, reach + 1):
            is_behind = (down, right) <= (0, 0)  # half of all directions; the pairs are turned round below
            if is_behind or down * down + right * right > radius_steps * radius_steps:
                continue
            wanted = spots + (down << 32) + right
            at = np.minimum(np.searchsorted(spots, wanted), spots.size - 1)
            found = spots[at] == wanted
            firsts += [here[found], at[found]]
            seconds += [at[found], here[found]]
    if not firsts:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    first, second = np.concatenate(firsts), np.concatenate(seconds)
    order = np.argsort(first, kind="stable")
    return first[order], second[order]


def _number(leaders: NDArray[np.int64], *, counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Numbers of places from leaders: by flags, then in the leaders' order, which is from the top left."""
    sizes = np.bincount(leaders, weights=counts, minlength=leaders.size)
    led = np.flatnonzero(sizes)
    numbers = np.empty(leaders.size, np.int64)
    numbers[led[np.argsort(-sizes[led], kind="stable")]] = np.arange(led.size)
    return numbers[leaders]
