"""Groups of pictures that are one picture, in which what people said is never overruled."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

from curation.similarity.candidate_pairs import Pair, find_candidate_pairs
from curation.similarity.descriptor import PictureDescriptor
from curation.similarity.index import SAME_PICTURE, Similarity, compare_pictures
from curation.similarity.pair_work import compare_pairs

LEAST_EVIDENCE = 4
"""Pairs between two groups that are looked at, if there are as many, before they become one."""
LEAST_AGREEING_UNIT = 0.5
"""Share of them that must be the same picture."""


class Grouping(NamedTuple):
    """``groups``: ids of two and more pictures each, sorted, in the order of their first; ``pairs``: what was compared
    anew."""

    groups: list[list[int]]
    pairs: dict[Pair, Similarity]


def group_pictures(
    descriptors: Mapping[int, PictureDescriptor],
    *,
    known_pairs: Mapping[Pair, float] | None = None,
    compared: Collection[int] = (),
    same: Iterable[Pair] = (),
    different: Iterable[Pair] = (),
    processes: int = 1,
    report: Callable[[int, int], None] = lambda done, of: None,
) -> Grouping:
    """Group pictures, comparing only pairs of which at least one is new.

    ``known_pairs``: index of pairs from earlier; ``compared``: ids that were all compared with one another before,
    so that among them only ``known_pairs`` count. ``same`` and ``different`` are what people said. Ids that are not
    in ``descriptors`` are passed over. ``report(done, of)`` is called while pairs are compared.

    Pairs are taken from the likeliest on. Two groups become one when at least half of the pairs between them that
    were looked at are the same picture (as average linkage; so a slow pan does not end up as one group), and
    never when people said "not the same" of any pair between them. What people called the same is joined first,
    whatever the index says; of two contradicting sayings "not the same" counts. The result depends on what is
    given, not on its order.
    """
    indexes = {_pair(*pair): index for pair, index in (known_pairs or {}).items() if _are_in(pair, descriptors)}
    wanted = find_candidate_pairs(descriptors, compared=set(compared), processes=processes) - indexes.keys()
    found = compare_pairs(sorted(wanted), descriptors, processes=processes, report=report)
    indexes |= {pair: similarity.index for pair, similarity in found.items()}
    joining = _Joining(descriptors, indexes, different=different)
    for pair in sorted({_pair(*pair) for pair in same if _are_in(pair, descriptors)}):
        joining.join(*pair, is_said=True)
    likely = [(-index, pair) for pair, index in indexes.items() if index >= SAME_PICTURE]
    for _, pair in sorted(likely):
        joining.join(*pair, is_said=False)
    return Grouping(joining.groups(), found | joining.compared)


def _pair(one: int, other: int) -> Pair:
    return (one, other) if one < other else (other, one)


def _are_in(pair: Pair, descriptors: Mapping[int, PictureDescriptor]) -> bool:
    return pair[0] != pair[1] and pair[0] in descriptors and pair[1] in descriptors


class _Clusters:
    """Members of each cluster, and whose cluster each id is in."""

    def __init__(self, ids: Iterable[int]) -> None:
        self.members = {each: [each] for each in ids}
        self.of = {each: each for each in self.members}

    def join(self, one: int, other: int) -> None:
        """Make the clusters of two ids one."""
        first, second = sorted((self.of[one], self.of[other]))
        if first != second:
            moved = self.members.pop(second)
            self.members[first] += moved
            self.of |= dict.fromkeys(moved, first)


class _Joining:
    """Groups as they grow, and within them the clusters that pictures alone bear out: when people join two groups,
    what each of them takes in afterwards is judged by its own pictures."""

    def __init__(
        self, descriptors: Mapping[int, PictureDescriptor], indexes: Mapping[Pair, float], *, different: Iterable[Pair]
    ) -> None:
        self.compared: dict[Pair, Similarity] = {}
        self._descriptors = descriptors
        self._indexes = dict(indexes)
        self._groups = _Clusters(descriptors)
        self._alike = _Clusters(descriptors)
        self._unlike: dict[int, set[int]] = {}
        for one, other in different:
            self._unlike.setdefault(one, set()).add(other)
            self._unlike.setdefault(other, set()).add(one)

    def groups(self) -> list[list[int]]:
        """Groups of two and more."""
        return sorted(sorted(members) for members in self._groups.members.values() if len(members) > 1)

    def join(self, one: int, other: int, *, is_said: bool) -> None:
        """Make the groups of two pictures one, unless something speaks against it."""
        if self._are_apart(one, other):
            return
        if is_said:
            self._groups.join(one, other)
        elif self._alike.of[one] != self._alike.of[other] and self._agree(one, other):
            self._alike.join(one, other)
            self._groups.join(one, other)

    def _are_apart(self, one: int, other: int) -> bool:
        """Whether people said "not the same" of any pair between the groups of two pictures."""
        if self._groups.of[one] == self._groups.of[other]:
            return False
        others = set(self._groups.members[self._groups.of[other]])
        return any(self._unlike.get(member, set()) & others for member in self._groups.members[self._groups.of[one]])

    def _agree(self, one: int, other: int) -> bool:
        """Whether at least half of the pairs between two clusters that were looked at are the same picture."""
        first, second = (self._alike.members[self._alike.of[each]] for each in (one, other))
        between = [_pair(member, later) for member in first for later in second]
        looked = [self._indexes[pair] for pair in between if pair in self._indexes]
        for pair in between:
            if len(looked) >= LEAST_EVIDENCE:
                break
            if pair not in self._indexes:
                self.compared[pair] = compare_pictures(self._descriptors[pair[0]], self._descriptors[pair[1]])
                self._indexes[pair] = self.compared[pair].index
                looked.append(self._indexes[pair])
        return sum(index >= SAME_PICTURE for index in looked) >= LEAST_AGREEING_UNIT * len(looked)
