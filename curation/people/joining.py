"""Groups of faces joined, the nearest two first, and joinings taken back that nothing bore out."""

from heapq import heapify, heappop, heappush
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.annotate.face_encoders import FaceEncoder
from curation.people.evidence import Groups, count_evidence, find_distances, join, weigh
from curation.people.neighbours import MOST_COMPARED, find_neighbours

LEAST_GAIN = 0.05
STILL_AS_GOOD = 0.5
"""A group joined in bulk finds its partner grown: so much of what spoke for it has to speak for what it is now."""


class Merges(NamedTuple):
    """What was joined, in order: ``first`` and ``second`` ``int64 (M,)`` are numbers of groups, those made by joining
    counting on from the first ones in this order; ``evidence`` ``float64 (M,)`` log odds that they are one person."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    evidence: NDArray[np.float64]


def join_groups(
    groups: Groups, *, apart: NDArray[np.int64], is_seeded: NDArray[np.bool_], encoder: FaceEncoder
) -> Merges:
    """Join K groups for as long as two of them are likelier one person than two.

    ``apart`` ``(M, 2)`` are rows never to be joined, ``is_seeded`` ``(K,)`` those of which no two are. Of up to
    ``MOST_COMPARED`` groups it is exact agglomeration with average linkage; of more each is first joined with its best
    neighbour, round by round for as long as that makes them ``LEAST_GAIN`` fewer.
    """
    count = len(groups.mass)
    names = np.arange(count, dtype=np.int64)
    merges: list[Merges] = []
    gain, is_done = 1.0, False
    while not is_done:
        is_large = len(groups.mass) > MOST_COMPARED
        in_bulk = is_large and gain >= LEAST_GAIN
        step = _Joining(groups, apart=apart, is_seeded=is_seeded, encoder=encoder)
        near = find_neighbours(groups, within=encoder.even_distance)
        found = step.join_in_bulk(near) if in_bulk else step.join_surest_first(near)
        made = len(found.first)
        gain, is_done = made / max(len(groups.mass), 1), not in_bulk and (not is_large or not made)
        names = np.concatenate([names, count + np.arange(made)])
        merges.append(Merges(names[found.first], names[found.second], found.evidence))
        count += made
        left = step.left
        apart = np.searchsorted(left, step.find_left(apart))
        groups, is_seeded, names = step.groups.take(left), step.is_seeded[left], names[left]
    return Merges(*(np.concatenate(parts) for parts in zip(*merges, strict=True)))


def cut_merges(merges: Merges, *, count: int, least: float) -> NDArray[np.int64]:
    """The groups that ``count`` first groups make when joinings have to be worth it: any numbers, ``int64 (count,)``.

    Each joining has to bring ``least`` log odds, but one that falls short stands when what it has made possible
    makes up for it: of all ways to cut the tree the one with the largest sum is taken.
    """
    whole, best = np.zeros(count + len(merges.first)), np.zeros(count + len(merges.first))
    for node, (first, second, evidence) in enumerate(zip(*merges, strict=True), start=count):
        whole[node] = whole[first] + whole[second] + evidence - least
        best[node] = max(whole[node], best[first] + best[second])
    labels = np.arange(len(whole))
    for node in range(len(whole) - 1, count - 1, -1):
        # A node above that stands has given its label; otherwise this one is the top of what is left.
        parts = [merges.first[node - count], merges.second[node - count]]
        if labels[node] != node or whole[node] >= best[node]:
            labels[parts] = labels[node]
    return labels[:count]


_Offer = tuple[float, int, int]
"""How near two groups are, negative so that the best one sorts first, the younger and the older one."""

_Merge = tuple[int, int, float]
"""Two groups and the evidence for them."""


def _list(merged: list[_Merge]) -> Merges:
    columns = np.array(merged, dtype=np.float64).reshape(-1, 3)
    return Merges(columns[:, 0].astype(np.int64), columns[:, 1].astype(np.int64), columns[:, 2])


class _Joining:
    """Groups in order of age; each pair is kept by the younger of the two, and each group offers its best pair.

    The generic algorithm of Müllner 2011, on the pairs with any evidence for them: a joined group has such only with
    groups that one of its parts has it with, because its mean squared distance lies between theirs.
    """

    def __init__(
        self, groups: Groups, *, apart: NDArray[np.int64], is_seeded: NDArray[np.bool_], encoder: FaceEncoder
    ) -> None:
        self._count = len(groups.mass)
        room = max(self._count - 1, 0)
        self.groups = Groups(
            np.concatenate([groups.centre, np.empty((room, groups.centre.shape[1]), np.float32)]),
            np.concatenate([groups.scatter, np.empty(room)]),
            np.concatenate([groups.mass, np.empty(room)]),
        )
        self.is_seeded = np.concatenate([is_seeded, np.zeros(room, np.bool_)])
        self._parent = np.arange(self._count + room, dtype=np.int64)
        self._name = self._parent.copy()
        self._size = np.ones(self._count + room, dtype=np.int64)
        self._is_left = np.arange(self._count + room) < self._count
        self._encoder = encoder
        self._foes: dict[int, set[int]] = {}
        for one, other in apart.tolist():
            self._foes.setdefault(one, set()).add(other)
            self._foes.setdefault(other, set()).add(one)

    @property
    def left(self) -> NDArray[np.int64]:
        """The groups that are part of no other, ascending."""
        return np.flatnonzero(self._is_left)

    def join_surest_first(self, reach: list[NDArray[np.int64]]) -> Merges:
        """Join along ``reach``, each group's near ones, always the two that are nearest."""
        near = dict(enumerate(reach))
        offers = [offer for group in range(self._count) if (offer := self._offer(group, near[group]))]
        heapify(offers)
        merged: list[_Merge] = []
        while offers:
            _, group, partner = heappop(offers)
            if not self._is_left[group]:
                continue
            if self._is_left[partner]:
                merged.append((partner, group, self._weigh(partner, group)))
                reached = np.concatenate([near.pop(group), near.pop(partner)])
                group = self._join(group, partner, youngest=self._count + len(merged) - 1)
                near[group] = np.setdiff1d(self.find_left(reached), [group])
            if offer := self._offer(group, near[group]):
                heappush(offers, offer)
        return _list(merged)

    def join_in_bulk(self, reach: list[NDArray[np.int64]]) -> Merges:
        """Join each group once with what its best partner among its near ones has become, the surest first."""
        offers = [offer for group in range(self._count) if (offer := self._offer(group, reach[group], of_any_age=True))]
        merged: list[_Merge] = []
        for order, group, partner in sorted(offers):
            grown = int(self.find_left(np.array([partner]))[0])
            if not self._is_left[group] or grown == group:
                continue
            offer = self._offer(group, np.array([grown]), of_any_age=True)
            if offer and offer[0] <= STILL_AS_GOOD * order:
                merged.append((grown, group, self._weigh(grown, group)))
                self._join(group, grown, youngest=self._count + len(merged) - 1)
        return _list(merged)

    def _offer(self, group: int, near: NDArray[np.int64], *, of_any_age: bool = False) -> _Offer | None:
        """The best partner of a group, an older one unless told otherwise; None where nothing speaks for any."""
        older = near[self._is_left[near] & ((near < group) | of_any_age)]
        if self.is_seeded[group]:
            older = older[~self.is_seeded[older]]
        if foes := self._foes.get(group):
            older = older[[partner not in foes for partner in older.tolist()]]
        if not len(older):
            return None
        one, others = self.groups.take(np.array([group])), self.groups.take(older)
        odds = self._encoder.log_odds(find_distances(one, others))
        # Good pictures are joined by distance alone, poor ones when better ones have found each other.
        order = odds * np.minimum(count_evidence(one.mass, others.mass), 1)
        best = int(order.argmax())
        return (-float(order[best]), group, int(older[best])) if order[best] > 0 else None

    def _weigh(self, one: int, other: int) -> float:
        """The evidence that two groups are one person."""
        first, second = self.groups.take(np.array([one])), self.groups.take(np.array([other]))
        distance = find_distances(first, second)
        return float(weigh(distance, one=first.mass, other=second.mass, encoder=self._encoder)[0])

    def _join(self, one: int, other: int, *, youngest: int) -> int:
        """Make two groups the one called ``youngest``."""
        joined = join(self.groups.take(np.array([one])), self.groups.take(np.array([other])))
        self.groups.centre[youngest] = joined.centre[0]
        self.groups.scatter[youngest] = joined.scatter[0]
        self.groups.mass[youngest] = joined.mass[0]
        self.is_seeded[youngest] = self.is_seeded[one] or self.is_seeded[other]
        self._unite(one, other, youngest=youngest)
        self._is_left[[one, other, youngest]] = False, False, True
        foes = self._foes.pop(one, set()) | self._foes.pop(other, set())
        for foe in foes:
            self._foes[foe] = self._foes[foe] - {one, other} | {youngest}
        if foes:
            self._foes[youngest] = foes
        return youngest

    def _unite(self, one: int, other: int, *, youngest: int) -> None:
        """Note what two groups have become; the larger tree takes in the smaller, so that all ways stay short."""
        small, large = sorted(self._find_roots(np.array([one, other])).tolist(), key=lambda root: self._size[root])
        self._parent[[small, youngest]] = large
        self._size[large] += self._size[small] + 1
        self._name[large] = youngest

    def _find_roots(self, groups: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where the ways up from these groups end (Tarjan 1975, union by size)."""
        above = self._parent[groups]
        while (above != groups).any():
            groups, above = above, self._parent[above]
        return groups

    def find_left(self, groups: NDArray[np.int64]) -> NDArray[np.int64]:
        """The groups that these have become part of."""
        return np.asarray(self._name[self._find_roots(groups)], dtype=np.int64)
