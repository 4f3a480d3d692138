"""Accuracy of the similarity index and of grouping: on derivatives, and on pictures that only seem to be one."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np

from ava.media.picture_file import read_picture
from curation.similarity.descriptor import describe_picture
from curation.similarity.grouping import group_pictures
from curation.similarity.index import SAME_PICTURE
from tests.bench.figures import Figure
from tests.bench.similarity_calibration import ComparedPair, compare_all, known_pairs
from tests.bench.similarity_pictures import NATURAL_TWINS, read_groups

SECTION = "similarity"
EVERY = 1


def measure(data: Path | None) -> list[Figure]:
    """All figures, on pictures and films that the index was not fitted to; drawn scenes alone without ``data``."""
    found = list(compare_all(known_pairs(data, use="held out", every=EVERY)))
    figures = [*_overall(found), *_by_kind(found)]
    return figures + (list(_group_figures(data)) if data is not None else [])


def _is_called_same(found: Sequence[ComparedPair]) -> tuple[np.ndarray, np.ndarray]:
    """Which pairs are one picture, and which are called so."""
    truth = np.array([each.is_same for each in found])
    return truth, np.array([each.similarity.index >= SAME_PICTURE for each in found])


def _overall(found: Sequence[ComparedPair]) -> Iterator[Figure]:
    truth, called = _is_called_same(found)
    what = f"{truth.sum()} pairs of one picture, {(~truth).sum()} of others; none fitted to"
    yield Figure(SECTION, "recall of derivatives, all kinds", float(called[truth].mean()), "", what)
    yield Figure(SECTION, "precision, all kinds", float(truth[called].mean()), "", what)
    hard = np.array([each.kind.startswith("another moment") for each in found])
    easy = ~hard
    yield Figure(SECTION, "precision without other moments of one shot", float(truth[easy & called].mean()), "", what)


def _by_kind(found: Sequence[ComparedPair]) -> Iterator[Figure]:
    """Recall of each kind of derivative with its precision against all other pictures; wrong calls of each kind."""
    truth, called = _is_called_same(found)
    kinds = np.array([each.kind for each in found])
    moments = np.array([kind.startswith("another moment") for kind in kinds])
    wrong = float(called[~truth & ~moments].mean())
    for kind in dict.fromkeys(kinds):
        members = kinds == kind
        share = float(called[members].mean())
        if truth[members][0]:
            yield Figure(SECTION, f"recall, {kind}", share, "", f"{members.sum()} pairs")
            precise = share / (share + wrong) if share else 0.0
            yield Figure(SECTION, f"precision, {kind}", precise, "", "as many pairs of other pictures as of this kind")
        else:
            yield Figure(SECTION, f"wrongly called one picture, {kind}", share, "", f"{members.sum()} pairs")


def _group_figures(data: Path) -> Iterator[Figure]:
    """Pairs within the groups that are made of the folder of near-duplicates, mirror images counting as such."""
    groups = read_groups(data)
    paths = [path for members in groups.values() for path in members]
    names = [name for name, members in groups.items() for _ in members]
    found = group_pictures({number: describe_picture(read_picture(path)) for number, path in enumerate(paths)}).groups
    together = {pair for group in found for pair in combinations(group, 2)}
    true = {pair for pair in combinations(range(len(paths)), 2) if names[pair[0]] == names[pair[1]]}
    twins = {pair for pair in together if frozenset(names[each] for each in pair) in NATURAL_TWINS}
    what = f"{len(groups)} photographs × {len(paths) // len(groups)} variants of the footage folder"
    yield Figure(SECTION, "recall of pairs in groups", len(true & together) / len(true), "", what)
    right = len(true & together) / max(len(together - twins), 1)
    yield Figure(SECTION, "precision of pairs in groups", right, "", what)
    yield Figure(SECTION, "groups", float(len(found)), "", f"there are {len(groups)}")
