"""The pairs of many pictures that are worth comparing, looked for on several cores."""

from collections.abc import Callable, Mapping, Sequence, Set
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from ava.annotate.processes import Report, map_in_processes
from curation.similarity.candidate_index import CandidateIndex
from curation.similarity.descriptor import PictureDescriptor
from curation.similarity.one_thread import one_thread
from curation.similarity.visual_words import list_words

PICTURES_A_PART = 1000
LEAST_FOR_PROCESSES = 2000
"""Starting processes takes longer than asking for fewer pictures."""

Answer = TypeVar("Answer")
Pair = tuple[int, int]
"""Ids of two pictures, the lower first."""


class _Asked(NamedTuple):
    """Pictures to ask for, and the index of all; None where only their words are wanted."""

    descriptors: Sequence[PictureDescriptor]
    everything: CandidateIndex | None


def find_candidate_pairs(
    descriptors: Mapping[int, PictureDescriptor], *, compared: Set[int] = frozenset(), processes: int = 1
) -> set[Pair]:
    """Pairs by id that share enough to be compared, at least one of each not in ``compared``."""
    ids = sorted(descriptors)
    new = [each for each in ids if each not in compared]
    if not new:
        return set()
    index = CandidateIndex()
    index.add_words(ids, _in_parts(_words_of, _ask(ids, descriptors), processes=processes))
    found = _in_parts(_candidates_of, _ask(new, descriptors, index), processes=processes)
    return {
        (min(each, other), max(each, other))
        for each, others in zip(new, found, strict=True)
        for other in others
        if other != each
    }


def _ask(
    ids: Sequence[int], descriptors: Mapping[int, PictureDescriptor], index: CandidateIndex | None = None
) -> list[_Asked]:
    parts = [ids[start : start + PICTURES_A_PART] for start in range(0, len(ids), PICTURES_A_PART)]
    return [_Asked([descriptors[each] for each in part], index) for part in parts]


def _in_parts(
    work: Callable[[_Asked, Report], list[Answer]], parts: Sequence[_Asked], *, processes: int
) -> list[Answer]:
    """What ``work`` gives of each part, one after the other."""
    is_many = sum(len(part.descriptors) for part in parts) >= LEAST_FOR_PROCESSES
    done = map_in_processes(
        work, parts, size=lambda part: len(part.descriptors), processes=processes if is_many else 1,
        report=lambda done: None,
    )  # fmt: skip
    return [answer for part in done for answer in part]


def _words_of(asked: _Asked, report: Report) -> list[NDArray[np.uint32]]:
    with one_thread():
        return [list_words(each) for each in asked.descriptors]


def _candidates_of(asked: _Asked, report: Report) -> list[list[int]]:
    index = asked.everything or CandidateIndex()
    with one_thread():
        return [index.candidates(each) for each in asked.descriptors]
