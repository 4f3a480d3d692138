"""Fit the weights of the similarity index to pairs of which it is known whether they are one picture.

`python -m tests.bench.similarity_calibration [--data DIR] [--every N]` prints what belongs into
curation/similarity/index.py; the figures of `manage.py bench accuracy` are measured on other pictures.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from curation.similarity.descriptor import PictureDescriptor, describe_picture
from curation.similarity.index import PARTS, Similarity, compare_pictures
from tests.bench.similarity_pictures import (
    FILMS,
    Pair,
    Rgb,
    different_pairs,
    film_pairs,
    load_bases,
    read_groups,
    same_pairs,
)
from tests.conftest import SHARED_DATA

SAME_SEED, DIFFERENT_SEED = 3, 4
LEAST_WEIGHT = 1.0
"""Every part counts for something."""
RECALL = 0.97
"""Share of the pairs of one picture that are to be called so: what fits best would call a hand that moved the same."""
DOUBT = 0.002
"""Of the weights' squares: pairs can be told apart so well that they would grow without end."""


class ComparedPair(NamedTuple):
    """Of what kind a pair of pictures was, whether they are one picture, and how alike they were found."""

    kind: str
    is_same: bool
    similarity: Similarity


def compare_all(pairs: Iterable[Pair]) -> Iterator[ComparedPair]:
    """Compare each pair; a picture that comes several times in a row is described once."""
    described: dict[int, tuple[Rgb, PictureDescriptor]] = {}
    for pair in pairs:
        for rgb in pair[:2]:
            if id(rgb) not in described:
                described[id(rgb)] = (rgb, describe_picture(rgb))
        similarity = compare_pictures(described[id(pair.first)][1], described[id(pair.second)][1])
        yield ComparedPair(pair.kind, pair.is_same, similarity)
        described = {id(pair.first): described[id(pair.first)]}


def known_pairs(data: Path | None, *, use: str, every: int = 1) -> Iterator[Pair]:
    """Pairs of the pictures and films that are fitted to, or of those held out."""
    kept_apart = read_groups(data).keys() if data else ()  # the folder of near-duplicates is held out as well
    bases = load_bases(data)[("fitted", "held out").index(use) :: 2]
    bases = [base for base in bases if use != "fitted" or base.name not in kept_apart][::every]
    seeds = (SAME_SEED, DIFFERENT_SEED) if use == "fitted" else (SAME_SEED + 10, DIFFERENT_SEED + 10)
    yield from same_pairs(bases, seed=seeds[0])
    yield from different_pairs(bases, seed=seeds[1])
    if data is not None:
        yield from film_pairs(data, films=FILMS[use])


def fit(parts: NDArray[np.float64], is_same: NDArray[np.bool_], kinds: NDArray[np.str_]) -> NDArray[np.float64]:
    """Weights of the parts ``(N, 4)`` and the bias, ``(5,)``: logistic regression in which each kind weighs alike,
    and the bias at which ``RECALL`` of the same are called so."""
    from scipy.optimize import minimize

    share = np.zeros(len(kinds))
    for truth in (True, False):
        for kind in set(kinds[is_same == truth]):
            members = (kinds == kind) & (is_same == truth)
            share[members] = 1 / np.count_nonzero(members) / len(set(kinds[is_same == truth])) / 2
    sign = np.where(is_same, 1.0, -1.0)

    def loss(values: NDArray[np.float64]) -> float:
        margin = sign * (parts @ values[:4] + values[4])
        return float((share * np.logaddexp(0, -margin)).sum() + DOUBT / 100 * np.square(values[:4]).sum())

    bounds = [(LEAST_WEIGHT, None)] * 4 + [(None, None)]
    weights = np.asarray(minimize(loss, np.array([2.0, 8, 4, 2, -10]), bounds=bounds).x[:4], dtype=np.float64)
    return np.append(weights, -np.quantile(parts[is_same] @ weights, 1 - RECALL))


def main() -> None:
    """Print the fitted weights and how well they tell the pairs apart."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=SHARED_DATA)
    parser.add_argument("--every", type=int, default=1, help="use every so many-th picture only")
    options = parser.parse_args()
    data = options.data if options.data.is_dir() else None
    found = list(compare_all(known_pairs(data, use="fitted", every=options.every)))
    parts = np.array([[getattr(each.similarity, name) for name in PARTS] for each in found])
    is_same = np.array([each.is_same for each in found])
    values = fit(parts, is_same, np.array([each.kind for each in found]))
    called = parts @ values[:4] + values[4] >= 0
    print({name: round(float(weight), 1) for name, weight in zip(PARTS, values, strict=False)}, round(values[4], 1))
    print(f"{len(found)} pairs; recall {called[is_same].mean():.3f}, wrong {called[~is_same].mean():.3f}")


if __name__ == "__main__":
    main()
