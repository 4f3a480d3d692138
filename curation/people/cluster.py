"""Vectors of faces grouped into people, whose number nobody gives."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ava.annotate.face_encoders import FaceEncoder
from curation.people.evidence import FALSE_MERGE_COST, describe_rows, find_base_odds, sum_up
from curation.people.joining import Merges, cut_merges, join_groups

LARGEST = 1e6
"""No encoder gives a vector with larger numbers."""

Pairs = Sequence[tuple[int, int]] | NDArray[np.int64]


def cluster_vectors(
    vectors: NDArray[np.float32],
    *,
    weights: NDArray[np.float32],
    encoder: FaceEncoder,
    apart: Pairs,
    seeds: NDArray[np.int64] | None = None,
    is_even: bool = False,
) -> NDArray[np.int64]:
    """Group vectors ``float32 (N, D)`` into people: labels ``int64 (N,)``, numbered by first appearance.

    ``weights`` ``float32 (N,)`` is the sum of the qualities that a vector rests on; rows without any, or with NaN,
    stay alone. ``apart`` are pairs of rows that are two people; groups inherit it. ``seeds`` ``int64 (N,)``: rows of
    one label from 0 on are one person whatever else is said, rows of two such labels are two, −1 is free.

    The nearest two groups are joined first and anew after each joining (``join_groups``), and what is not likelier one
    person than several by ``FALSE_MERGE_COST`` is cut again (``cut_merges``), all as likely beforehand as the groups
    themselves say (``find_base_odds``). With ``is_even`` one and two people are as likely and cost the same. Labels do
    not depend on the order of the rows, but for their numbers.
    """
    total = len(vectors)
    seeds = np.full(total, -1, np.int64) if seeds is None else seeds
    rows = describe_rows(vectors, weights=weights, encoder=encoder)
    known = np.flatnonzero((np.abs(vectors) < LARGEST).all(axis=1) & (rows.mass > 0))
    known = known[np.lexsort(vectors[known].T[::-1])]
    labels = _start(seeds)
    if len(known):
        start, first, group = np.unique(labels[known], return_index=True, return_inverse=True)
        merges = join_groups(
            sum_up(rows.take(known), labels=group),
            apart=_renumber(apart, labels=labels, start=start),
            is_seeded=seeds[known[first]] >= 0,
            encoder=encoder,
        )
        labels[known] = total + _settle(merges, rows=group, is_even=is_even)
        # Rows of a seed that have no vector go where its others went.
        for seed in np.unique(seeds[seeds >= 0]):
            labels[seeds == seed] = labels[seeds == seed].max()
    return number_by_appearance(labels)


def number_by_appearance(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Labels ``int64 (N,)`` as 0, 1, 2 … in the order in which they first occur."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[inverse], dtype=np.int64)


def _start(seeds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Every row alone, but those of one seed together."""
    labels = np.arange(len(seeds), dtype=np.int64)
    for seed in np.unique(seeds[seeds >= 0]):
        members = np.flatnonzero(seeds == seed)
        labels[members] = members[0]
    return labels


def _renumber(apart: Pairs, *, labels: NDArray[np.int64], start: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pairs of rows as pairs of places in ``start``, without those that have none or are one group."""
    pairs = labels[np.asarray(apart, dtype=np.int64).reshape(-1, 2)]
    places = np.minimum(np.searchsorted(start, pairs), len(start) - 1)
    is_there = (start[places] == pairs).all(axis=1) & (places[:, 0] != places[:, 1])
    return np.asarray(places[is_there], dtype=np.int64)


def _settle(merges: Merges, *, rows: NDArray[np.int64], is_even: bool) -> NDArray[np.int64]:
    """Cut the tree by what it says itself of how common pairs of one person are; the new group of each row.

    Begun as though half of all pairs were one person's, and repeated until it says what it was told.
    """
    count = int(rows.max()) + 1
    if is_even:
        return cut_merges(merges, count=count, least=0)[rows]
    odds = 0.0
    while True:
        labels = cut_merges(merges, count=count, least=np.log(FALSE_MERGE_COST) - odds)[rows]
        found = find_base_odds(labels)
        if found >= odds - 1e-9:
            return labels
        odds = found
