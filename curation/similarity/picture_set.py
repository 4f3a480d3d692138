"""A set of pictures compared with one another: every pair of few, the likely pairs of many."""

from collections.abc import Callable, Mapping
from itertools import combinations
from typing import NamedTuple

from curation.similarity.candidate_pairs import Pair
from curation.similarity.descriptor import PictureDescriptor
from curation.similarity.grouping import group_pictures
from curation.similarity.index import Similarity
from curation.similarity.pair_work import compare_pairs

ALL_PAIRS_UP_TO = 60
"""Pictures of which every pair is compared and told."""


class ComparedSet(NamedTuple):
    """``pairs``: the similarity of each pair that was compared, in the order of their ids; ``groups``: ids of pictures
    that are one, two and more each."""

    pairs: dict[Pair, Similarity]
    groups: list[list[int]]


def compare_set(
    descriptors: Mapping[int, PictureDescriptor],
    *,
    processes: int = 1,
    report: Callable[[int, int], None] = lambda done, of: None,
) -> ComparedSet:
    """Compare pictures by id and group them; ``report(done, of)`` counts pairs. One picture or none gives no pairs."""
    if len(descriptors) > ALL_PAIRS_UP_TO:
        grouping = group_pictures(descriptors, processes=processes, report=report)
        return ComparedSet(dict(sorted(grouping.pairs.items())), grouping.groups)
    pairs = compare_pairs(
        list(combinations(sorted(descriptors), 2)), descriptors, processes=processes, report=report
    )  # fmt: skip
    known = {pair: similarity.index for pair, similarity in pairs.items()}
    return ComparedSet(pairs, group_pictures(descriptors, known_pairs=known, compared=set(descriptors)).groups)
