"""Diversity: how unlike a still is to others, and how varied a list of stills is, altogether and in each respect."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from curation.stills.table import VECTOR_WEIGHTS, StillTable, combine_vectors

NEIGHBOURS = 5
"""A still's index is its mean distance to so many of those that are most like it."""

KERNEL_SPAN = 0.4
"""Width of the Gaussian that makes likeness of distance: stills that differ in every way are alike by 4 %."""

MOST_WEIGHED = 600
"""Stills that are weighed against one another; a larger list speaks through so many of them, evenly chosen."""

_BLOCK = 1024


class Diversity(NamedTuple):
    """How varied a list is. ``effective``: how many wholly different stills it is worth, 1 to its length, 0 for an
    empty one. ``index``: how unlike two of its stills are on average, 0 all alike to 1 each different in every way,
    whatever its length; ``by_vector``: the same in each respect alone. NaN for fewer than two stills.
    """

    effective: float
    index: float  # type: ignore[assignment]
    by_vector: Mapping[str, float]


def measure_diversity(
    table: StillTable, rows: NDArray[np.int64], *, weights: Mapping[str, float] = VECTOR_WEIGHTS
) -> Diversity:
    """Measure how varied the stills in these rows of the table are.

    ``effective`` is the Vendi score (Friedman & Dieng 2022): the exponential of the entropy of the eigenvalues of the
    matrix of similarities, here a Gaussian of the weighted distance. ``index`` is the mean distance of two stills, at
    most 1 each (the quadratic entropy of Rao 1982, of different stills). Raises ValueError for a weight that is
    negative or no number.
    """
    chosen = table.take(_choose_evenly(np.asarray(rows, dtype=np.int64)))
    combined = combine_vectors(chosen, weights=weights)
    by_vector = {name: _mean_distance(vectors) for name, vectors in chosen.vectors.items()}
    return Diversity(_vendi_score(combined), _mean_distance(combined), by_vector)


def rate_unlikeness(
    table: StillTable,
    rows: NDArray[np.int64],
    *,
    others: NDArray[np.int64] | None = None,
    weights: Mapping[str, float] = VECTOR_WEIGHTS,
) -> NDArray[np.float64]:
    """Tell how unlike each of these stills is to the others: the diversity index of a still, ``float64 (len(rows),)``.

    The mean distance to the NEIGHBOURS most like it among ``others``, rows of the table (all of it where not given),
    itself left out; 0–1, NaN where there is no other. Raises ValueError for a weight that is negative or no number.
    """
    vectors = combine_vectors(table, weights=weights).astype(np.float64)
    pool = np.arange(len(table)) if others is None else np.unique(np.asarray(others, dtype=np.int64))
    index = np.full(len(rows), np.nan)
    for start in range(0, len(rows), _BLOCK):
        block = np.asarray(rows[start : start + _BLOCK], dtype=np.int64)
        distances = _distances(vectors[block], vectors[pool])
        distances[block[:, None] == pool[None]] = np.inf
        index[start : start + len(block)] = _mean_of_nearest(distances)
    return index


def _mean_of_nearest(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean of the lowest NEIGHBOURS finite distances of each row, at most 1; NaN where there is none."""
    if not distances.shape[1]:
        return np.full(len(distances), np.nan)
    last = min(NEIGHBOURS, distances.shape[1]) - 1
    nearest = np.partition(distances, last, axis=1)[:, : last + 1]
    is_there = np.isfinite(nearest)
    sums, counts = np.where(is_there, nearest, 0).sum(axis=1), is_there.sum(axis=1)
    return np.where(counts > 0, np.minimum(sums / np.maximum(counts, 1), 1), np.nan)


def find_likest(
    table: StillTable, row: int, *, count: int, weights: Mapping[str, float] = VECTOR_WEIGHTS
) -> list[tuple[int, float]]:
    """Find the stills most like one of the table, likest first: row and distance, 0 for the same to 1."""
    vectors = combine_vectors(table, weights=weights).astype(np.float64)
    distances = _distances(vectors[[row]], vectors)[0]
    distances[row] = np.inf
    order = np.lexsort((np.arange(len(table)), distances))[:count]
    return [(int(other), float(min(distances[other], 1.0))) for other in order if np.isfinite(distances[other])]


def _choose_evenly(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    rows = np.unique(rows)
    if len(rows) <= MOST_WEIGHED:
        return rows
    return rows[np.linspace(0, len(rows) - 1, MOST_WEIGHED).round().astype(np.int64)]


def _vendi_score(vectors: NDArray[np.float32]) -> float:
    if not len(vectors):
        return 0.0
    points = vectors.astype(np.float64)
    similarity = np.exp(-np.square(_distances(points, points)) / (2 * KERNEL_SPAN**2))
    np.fill_diagonal(similarity, 1.0)
    shares = np.linalg.eigvalsh(similarity / len(vectors))
    shares = shares[shares > 1e-12]
    return float(np.clip(np.exp(-np.sum(shares * np.log(shares))), 1.0, len(vectors)))


def _mean_distance(vectors: NDArray[np.float32]) -> float:
    """Of every two of them; NaN for fewer than two."""
    count = len(vectors)
    if count < 2:
        return float("nan")
    distances = np.minimum(_distances(vectors.astype(np.float64), vectors.astype(np.float64)), 1)
    np.fill_diagonal(distances, 0.0)
    return float(distances.sum() / (count * (count - 1)))


def _distances(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Euclidean distance of every row to every other, ``float64 (M, N)``."""
    squares = np.square(first).sum(axis=1)[:, None] + np.square(second).sum(axis=1)[None] - 2 * (first @ second.T)
    return np.asarray(np.sqrt(np.maximum(squares, 0)), dtype=np.float64)
