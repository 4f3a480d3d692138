"""The order of a film's stills under a weighting: quality against variety, with every part of each score."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from curation.stills.closer_parts import NEUTRAL
from curation.stills.greedy import Contestants, rank_greedily
from curation.stills.parts import LEAST_SUITABILITY, judge_suitability
from curation.stills.table import StillTable, combine_vectors
from curation.stills.weighting import Weighting

MOST_VARIETY = 0.75
"""What difference weighs of a score with the slider at its end, so that quality never ceases to count."""
LEARNT_SHARE = 0.5
"""What a team's own model weighs of the quality, beside the weighted parts."""
SPREAD_PARTS_OF_FILM = 12
"""Stills this part of the film apart are far from one another."""
ALIKE, UNLIKE = 0.05, 0.5
"""Differences of the combined vectors up to which stills are alike, and from which on they are wholly different."""


class Order(NamedTuple):
    """An order of N stills: ``order`` ``int64 (N,)``, rows of the table, best first.

    By row: ``scores`` ``float32 (N,)`` 0–1, never rising down the order; ``explanation``: part → ``float32 (N,)``, 0–1,
    the parts of the table with neutral values for what is not known, "variety", "spread", and where given "learned" and
    "maturity"; ``quality`` ``float32 (N,)`` 0–1, what the parts make without variety and maturity.
    """

    order: NDArray[np.int64]
    scores: NDArray[np.float32]
    explanation: dict[str, NDArray[np.float32]]
    quality: NDArray[np.float32]


def order_stills(
    table: StillTable,
    weighting: Weighting,
    *,
    maturity_keep: NDArray[np.floating] | None = None,
    learned: NDArray[np.floating] | None = None,
) -> Order:
    """Order the stills of a film by quality against variety.

    A score is ``keep * ((1 - v) * quality + v * (0.7 * variety + 0.3 * spread))``: ``quality`` is the mean of the parts
    by the weighting, half of it replaced by ``learned`` ``(N,)`` 0–1 where that is known; ``v`` is three quarters of
    the weighting's variety; ``keep`` is ``maturity_keep`` ``(N,)`` 0–1, 1 without it. Variety is the difference from
    the most similar still above in the combined vectors, see ``rank_greedily`` for the order (maximal marginal
    relevance). Unusable stills, whose suitability is below 0.2, come behind all others, with that for a score at most.
    Raises ValueError for a vector's weight that is negative or no number.
    """
    quality = weigh_parts(table.parts, weighting.weights)
    if learned is not None:
        known = np.isfinite(learned)
        blend = (1 - LEARNT_SHARE) * quality + LEARNT_SHARE * np.clip(np.nan_to_num(learned), 0, 1)
        quality = np.where(known, blend, quality).astype(np.float32)
    keep = np.ones(len(table)) if maturity_keep is None else np.clip(np.nan_to_num(maturity_keep, nan=1.0), 0, 1)
    share = variety_share(weighting.variety)
    field = Contestants(
        worth=((1 - share) * keep * quality).astype(np.float32),
        stake=(share * keep).astype(np.float32),
        points=(combine_vectors(table, weights=weighting.vector_weights) / UNLIKE).astype(np.float32),
        looks=table.looks,
        frames=table.frames,
        shots=table.shots,
        alike=ALIKE / UNLIKE,
        reach_frames=table.frame_count / SPREAD_PARTS_OF_FILM,
    )
    order, scores, variety, spread = rank_in_two(field, suitability=judge_suitability(table.parts, count=len(table)))
    explanation = {name: _told(values) for name, values in table.parts.items()}
    explanation |= {"variety": variety, "spread": spread}
    if learned is not None:
        explanation["learned"] = _told(learned)
    if maturity_keep is not None:
        explanation["maturity"] = keep.astype(np.float32)
    return Order(order, scores, explanation, quality)


def variety_share(variety: float) -> float:
    """What difference weighs of a score, 0–1, with the slider at ``variety``, 0–1."""
    return MOST_VARIETY * float(np.clip(variety, 0, 1))


def weigh_parts(parts: Mapping[str, NDArray[np.floating]], weights: Mapping[str, float]) -> NDArray[np.float32]:
    """The weighted mean of parts, each ``(N,)``: ``float32 (N,)``, 0–1; neutral where nothing weighs.

    What is not known of a still counts as neutral; weights of parts that are not there are left out.
    """
    weighed = {name: max(float(weights.get(name, 0.0)), 0.0) for name in parts}
    whole = sum(weighed.values())
    count = max((len(values) for values in parts.values()), default=0)
    if whole <= 0:
        return np.full(count, NEUTRAL, dtype=np.float32)
    summed = np.zeros(count)
    for name, weight in weighed.items():
        if weight:
            summed += weight / whole * _told(parts[name])
    return np.clip(summed, 0, 1).astype(np.float32)


def rank_in_two(
    field: Contestants, *, suitability: NDArray[np.floating]
) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Rank the usable stills and behind them the others: order, and by row score, variety and spread.

    ``suitability`` ``(N,)`` 0–1; stills below 0.2 are unusable and score at most that. Scores never rise.
    """
    count = len(suitability)
    order = np.empty(0, dtype=np.int64)
    scores, variety, spread = (np.zeros(count, dtype=np.float32) for _ in range(3))
    usable = np.asarray(suitability) >= LEAST_SUITABILITY
    for rows in (np.flatnonzero(usable), np.flatnonzero(~usable)):
        if not len(rows):
            continue
        ranked = rank_greedily(field.take(rows))
        scores[rows], variety[rows], spread[rows] = ranked.gains, ranked.variety, ranked.spread
        order = np.append(order, rows[ranked.rows])
    scores = np.where(usable, scores, np.minimum(scores, suitability)).astype(np.float32)
    scores[order] = np.minimum.accumulate(np.clip(scores[order], 0, 1))
    return order, scores, variety, spread


def _told(values: NDArray[np.floating]) -> NDArray[np.float32]:
    return np.clip(np.nan_to_num(np.asarray(values, dtype=np.float32), nan=NEUTRAL), 0, 1)


