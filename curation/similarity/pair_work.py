"""Many pairs of pictures compared, on several cores where that is worth it."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from ava.annotate.processes import Report, map_in_processes
from curation.similarity.descriptor import PictureDescriptor
from curation.similarity.index import Similarity, compare_pictures
from curation.similarity.one_thread import one_thread

PAIRS_A_PART = 2000
LEAST_FOR_PROCESSES = 4000
"""Starting processes takes longer than comparing fewer pairs."""
REPORT_EVERY = 50

Pair = tuple[int, int]


class _Part(NamedTuple):
    """Pairs and the descriptors that they need."""

    pairs: Sequence[Pair]
    descriptors: Mapping[int, PictureDescriptor]


def compare_pairs(
    pairs: Sequence[Pair],
    descriptors: Mapping[int, PictureDescriptor],
    *,
    processes: int = 1,
    report: Callable[[int, int], None] = lambda done, of: None,
) -> dict[Pair, Similarity]:
    """Compare pairs of ids; ``report(done, of)`` is called as they are done. The result is in the pairs' order."""
    parts = [
        _Part(part, {each: descriptors[each] for pair in part for each in pair})
        for part in _batched(pairs, PAIRS_A_PART)
    ]
    done = map_in_processes(
        _compare_part, parts, size=lambda part: len(part.pairs),
        processes=processes if len(pairs) >= LEAST_FOR_PROCESSES else 1, report=lambda count: report(count, len(pairs)),
    )  # fmt: skip
    similarities = [similarity for part in done for similarity in part]
    return dict(zip(pairs, similarities, strict=True))


def _batched(pairs: Sequence[Pair], count: int) -> list[Sequence[Pair]]:
    return [pairs[start : start + count] for start in range(0, len(pairs), count)]


def _compare_part(part: _Part, report: Report) -> list[Similarity]:
    similarities = []
    with one_thread():
        for number, (one, other) in enumerate(part.pairs, start=1):
            similarities.append(compare_pictures(part.descriptors[one], part.descriptors[other]))
            if number % REPORT_EVERY == 0 or number == len(part.pairs):
                report(number)
    return similarities
