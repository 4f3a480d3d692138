"""Onsets: where notes, blows and words begin."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ava.sound.spectrum import FRAMES_PER_HOP

LEAST_RISE_DB = 1.5
"""By how much an onset stands above the mean around it, over all bands."""

PEAK_FRAMES = 3
MEAN_BEFORE_FRAMES, MEAN_AFTER_FRAMES = 10, 7
LEAST_APART_FRAMES = 5

Floats = NDArray[np.float32]


def find_onsets(rise_db: Floats) -> NDArray[np.int64]:
    """The frames in which something begins, rising: int64 (O,).

    ``rise_db`` float32 (F,), frames of 10 ms as from `Spectrum`. An onset is the highest within 30 ms, LEAST_RISE_DB
    above the mean from 100 ms before to 70 ms after, and at least 50 ms behind the last one (after Böck, Krebs and
    Schedl, 2012).
    """
    from scipy.ndimage import maximum_filter1d

    if not len(rise_db):
        return np.zeros(0, dtype=np.int64)
    highest = maximum_filter1d(rise_db, 2 * PEAK_FRAMES + 1, mode="constant")
    is_peak = (rise_db >= highest) & (rise_db >= _mean_around(rise_db) + LEAST_RISE_DB)
    kept: list[int] = []
    for frame in np.flatnonzero(is_peak).tolist():
        if not kept or frame - kept[-1] >= LEAST_APART_FRAMES:
            kept.append(frame)
    return np.array(kept, dtype=np.int64)


def onsets_per_hop(onsets: NDArray[np.int64], *, hops: int) -> NDArray[np.uint8]:
    """How many of the onsets lie in each tenth of a second: uint8 (H,)."""
    counts = np.bincount(onsets // FRAMES_PER_HOP, minlength=hops)[:hops]
    return counts.astype(np.uint8)


def _mean_around(values: Floats) -> NDArray[np.float64]:
    """Where a window reaches over an end, the mean of what lies inside."""
    sums = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    frames = np.arange(len(values))
    first = np.maximum(frames - MEAN_BEFORE_FRAMES, 0)
    last = np.minimum(frames + MEAN_AFTER_FRAMES + 1, len(values))
    return np.asarray((sums[last] - sums[first]) / (last - first))
