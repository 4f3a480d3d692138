"""Several ranked lists made one: reciprocal rank fusion."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import NamedTuple

RANK_CONSTANT = 60.0
"""How slowly the worth of a rank falls: Cormack, Clarke and Büttcher's k, which they found good for any collection."""

GRADE_POWER = 3.0
"""A graded entry's worth is its score to this power: a match of two words of three is worth .3 of one of all three.
Chosen among 0, 1, 2 and 3 by one half of the frozen queries (`manage.py bench accuracy --only search_films`)."""


class Scored(NamedTuple):
    """One entry of a ranked list: its key and the source's own score; equal scores share their rank."""

    key: Hashable
    score: float


def fuse(
    lists: Mapping[str, Sequence[Scored]],
    *,
    weights: Mapping[str, float] | None = None,
    graded: Collection[str] = (),
    rank_constant: float = RANK_CONSTANT,
    grade_power: float = GRADE_POWER,
) -> list[Scored]:
    """Fuse the ranked lists of several sources: the score of a key is the sum of weight / (rank_constant + rank).

    ``lists`` by source, each the best first; ranks count from 1, entries of equal score share the mean of their ranks,
    and a key that stands twice in a list counts where it stands first. Sources without a weight weigh 1; what a
    ``graded`` source adds is multiplied by score ** grade_power, its scores being shares in 0–1: else the first of a
    list of poor matches would be worth as much as the first of good ones. Gives every key once, the best first, equal
    ones ordered by key where keys can be ordered; scores are divided by what a key at the head of all lists would have,
    so that they lie in 0–1. Nothing gives nothing.

    Source: Cormack, Clarke and Büttcher 2009, "Reciprocal rank fusion outperforms Condorcet and individual rank
    learning methods"; deviations: shared ranks, weights, grades, the scale.
    """
    weighing = {source: (weights or {}).get(source, 1.0) for source in lists}
    sums: dict[Hashable, float] = defaultdict(float)
    for source in sorted(lists):
        grades = _grades(lists[source], grade_power) if source in graded else {}
        for key, rank in shared_ranks(lists[source]).items():
            sums[key] += weighing[source] * grades.get(key, 1.0) / (rank_constant + rank)
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


def _grades(entries: Sequence[Scored], power: float) -> dict[Hashable, float]:
    """What the worth of every key is multiplied by; a key's first entry counts."""
    return {entry.key: min(max(entry.score, 0.0), 1.0) ** power for entry in reversed(entries)}


def _orderable(key: Hashable) -> tuple[str, str] | tuple[int, ...]:
    """Keys of numbers in their order, others by how they are written; those of one call are of one kind."""
    if isinstance(key, tuple) and all(isinstance(part, int) for part in key):
        return key
    return ("", str(key))
