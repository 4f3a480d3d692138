"""Several ranked lists made one: reciprocal rank fusion."""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple

RANK_CONSTANT = 60.0
"""How slowly the worth of a rank falls: Cormack, Clarke and Büttcher's k, which they found good for any collection."""


class Scored(NamedTuple):
    """One entry of a ranked list: its key and the source's own score; equal scores share their rank."""

    key: Hashable
    score: float


def fuse(
    lists: Mapping[str, Sequence[Scored]],
    *,
    weights: Mapping[str, float] | None = None,
    rank_constant: float = RANK_CONSTANT,
) -> list[Scored]:
    """Fuse the ranked lists of several sources: the score of a key is the sum of weight / (rank_constant + rank).

    ``lists`` by source, each the best first; ranks count from 1, entries of equal score share the mean of their ranks,
    and a key that stands twice in a list counts where it stands first. Sources without a weight weigh 1. Gives every
    key once, the best first, equal ones ordered by key where keys can be ordered; scores are divided by what a key at
    the head of all lists would have, so that they lie in 0–1. Nothing gives nothing.

    Source: Cormack, Clarke and Büttcher 2009, "Reciprocal rank fusion outperforms Condorcet and individual rank
    learning methods"; deviations: shared ranks, weights, the scale.
    """
    weighing = {source: (weights or {}).get(source, 1.0) for source in lists}
    sums: dict[Hashable, float] = defaultdict(float)
    for source in sorted(lists):
        for key, rank in shared_ranks(lists[source]).items():
            sums[key] += weighing[source] / (rank_constant + rank)
    most = sum(weighing[source] for source, entries in lists.items() if entries) / (rank_constant + 1)
    if most <= 0:
        return []
    fused = [Scored(key, score / most) for key, score in sums.items()]
    return sorted(fused, key=lambda each: (-round(each.score, 12), _orderable(each.key)))


def shared_ranks(entries: Sequence[Scored]) -> dict[Hashable, float]:
    """The rank of every key of a list, from 1: its first place; entries of equal score share the mean of theirs."""
    first: dict[Hashable, float] = {}
    for entry in entries:
        first.setdefault(entry.key, entry.score)
    ranks: dict[Hashable, float] = {}
    keys = list(first)
    start = 0
    while start < len(keys):
        end = start
        while end < len(keys) and first[keys[end]] == first[keys[start]]:
            end += 1
        ranks |= dict.fromkeys(keys[start:end], (start + 1 + end) / 2)
        start = end
    return ranks


def _orderable(key: Hashable) -> tuple[str, str] | tuple[int, ...]:
    """Keys of numbers in their order, others by how they are written; those of one call are of one kind."""
    if isinstance(key, tuple) and all(isinstance(part, int) for part in key):
        return key
    return ("", str(key))
