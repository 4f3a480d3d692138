"""How well an order of shots finds what a trailer uses, and orders to compare it with that have learnt nothing."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from curation.moments.prior import score_by_prior
from curation.moments.shot_features import FEATURE_AT, FilmShots, film_places, film_ranks

TOP = 10
USED = 0.5
"""From this surety on a shot counts as used."""
RANDOM, LOUDNESS, MOTION, PRIOR = "random", "loudness", "motion", "prior"

Scores = NDArray[np.float32]


class Measures(NamedTuple):
    """How an order of one film's shots agrees with its trailer, 0–1 each.

    top_ten_unit: the share of its ten best shots (of all, where it has fewer) that the trailer uses. top_used_unit:
    of as many as the trailer uses, 0 where it uses none. auc: the chance that a used shot stands before one that is
    not; 0.5 where there is no such pair. Equal scores share their places: what is told is the mean over their orders.
    """

    top_ten_unit: float
    top_used_unit: float
    auc: float


def measure(score_unit: NDArray[np.floating], used_unit: NDArray[np.floating]) -> Measures:
    """Measure scores (S,) of a film's shots against how surely its trailer uses each (S,)."""
    is_used = np.nan_to_num(np.asarray(used_unit, dtype=np.float64)) >= USED
    places = np.nan_to_num(film_ranks(score_unit), nan=-1.0)
    top_ten, top_used = (_share_of_top(places, is_used, count) for count in (min(TOP, len(places)), is_used.sum()))
    if is_used.all() or not is_used.any():
        return Measures(top_ten, top_used, 0.5)
    above = places[is_used][:, None] - places[~is_used][None]
    return Measures(top_ten, top_used, float((above > 0).mean() + (above == 0).mean() / 2))


def baseline_scores(shots: FilmShots) -> dict[str, Scores]:
    """Scores (S,) that have learnt nothing, by method; random ones are all equal, which measures as chance does."""
    places = film_places(shots.values)
    return {
        RANDOM: np.full(len(places), 0.5, dtype=np.float32),
        LOUDNESS: film_ranks(places[:, FEATURE_AT["relative_lu"]]),
        MOTION: film_ranks(places[:, FEATURE_AT["motion_unit_s"]]),
        PRIOR: score_by_prior(shots).score_unit,
    }


def _share_of_top(places: Scores, is_used: NDArray[np.bool_], count: int) -> float:
    """Of the ``count`` highest places; those that tie at the last one count as much as they would by chance."""
    if not count:
        return 0.0
    last = np.sort(places)[len(places) - count]
    above, tied = places > last, places == last
    left = count - int(above.sum())
    return float((is_used[above].sum() + left * is_used[tied].mean()) / count)
