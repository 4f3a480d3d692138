"""Which two stills to put before an editor next: those whose comparison tells most."""

from collections.abc import Set
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from curation.similarity.one_thread import one_thread
from curation.stills.likeness import NEAR_IDENTICAL
from curation.stills.table import StillTable, combine_vectors

MOST_STILLS = 160
"""Only the best so many are asked about, and so many more spread over the rest: they decide what an editor sees."""

_OTHER_STILLS = 80
UNSURE_REACH = 0.1
"""A difference of scores at which an order is already fairly sure."""
LEAST_DIFFERENT = 0.08
"""Difference of the combined vectors below which two stills leave nothing to choose."""
_ASKED_OFTEN = 3.0


class Duel(NamedTuple):
    """Two frames to choose between, in the order of the film."""

    left: int
    right: int


def choose_duel(
    table: StillTable, scores: NDArray[np.floating], *, asked: Set[tuple[int, int]], usable: NDArray[np.bool_]
) -> Duel | None:
    """Choose the two stills of a film whose comparison tells most; None when none is left to ask.

    ``scores`` ``(N,)`` 0–1 by what is known now; ``asked`` holds pairs of frames (lower, higher) never to be put again;
    ``usable`` ``bool (N,)``. Telling is what is unsure, two of nearly the same score (uncertainty sampling, Lewis &
    Gale 1994), what differs in many ways, what is high in the order, and stills seldom asked about. Near-identical
    stills are never put. It depends on nothing else, so that the same pair comes again until it is answered.
    """
    rows = _pool(scores, usable=usable)
    if len(rows) < 2:
        return None
    pool = table.take(rows)
    with one_thread():
        telling = _telling(pool, np.asarray(scores, dtype=np.float64)[rows], asked=asked)
    best = int(np.argmax(telling))
    if telling.flat[best] <= 0:
        return None
    one, other = np.unravel_index(best, telling.shape)
    frames = sorted((int(pool.frames[one]), int(pool.frames[other])))
    return Duel(*frames)


def _pool(scores: NDArray[np.floating], *, usable: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The best stills and some of the others, rows ascending."""
    rows = np.flatnonzero(usable & np.isfinite(scores))
    best_first = rows[np.argsort(-scores[rows], kind="stable")]
    rest = best_first[MOST_STILLS:]
    others = rest[:: max(1, -(-len(rest) // _OTHER_STILLS))]
    return np.sort(np.concatenate([best_first[:MOST_STILLS], others])).astype(np.int64)


def _telling(pool: StillTable, scores: NDArray[np.float64], *, asked: Set[tuple[int, int]]) -> NDArray[np.float64]:
    """How much each pair would tell, ``(M, M)`` 0–1, 0 for those never to be put and below the diagonal."""
    points = combine_vectors(pool).astype(np.float64)
    apart = _distances(points)
    unsure = np.exp(-np.abs(scores[:, None] - scores[None, :]) / UNSURE_REACH)
    place = np.argsort(np.argsort(-scores, kind="stable"), kind="stable") / len(scores)
    high = 1 - 0.5 * (place[:, None] + place[None, :]) / 2
    row_of = {int(frame): row for row, frame in enumerate(pool.frames)}
    times = np.zeros(len(pool))
    telling = unsure * np.minimum(apart / 0.5, 1) * high
    for pair in asked:
        known = [row_of[frame] for frame in pair if frame in row_of]
        times[known] += 1
        if len(known) == 2:
            telling[min(known), max(known)] = 0
    telling /= (1 + times[:, None] / _ASKED_OFTEN) * (1 + times[None, :] / _ASKED_OFTEN)
    alike = (apart < LEAST_DIFFERENT) | (_distances(pool.looks.astype(np.float64)) < NEAR_IDENTICAL)
    return np.asarray(np.triu(np.where(alike, 0, telling), k=1), dtype=np.float64)


def _distances(points: NDArray[np.float64]) -> NDArray[np.float64]:
    squares = np.square(points).sum(axis=1)
    return np.asarray(
        np.sqrt(np.maximum(squares[:, None] + squares[None, :] - 2 * points @ points.T, 0)), dtype=np.float64
    )
