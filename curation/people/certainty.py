"""How sure it is that a track is the character that it was given."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ava.annotate.face_encoders import FaceEncoder
from curation.people.evidence import Groups, sum_up, weigh

BLOCK_ROWS = 512
NO_PAIRS: NDArray[np.int64] = np.empty((0, 2), dtype=np.int64)


def share_out(
    rows: Groups, *, person: NDArray[np.int64], encoder: FaceEncoder, excluded: NDArray[np.int64] = NO_PAIRS
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """Work out how probably each of N rows is each of K persons, 0-based without gaps in ``person`` ``int64 (N,)``, −1
    for none.

    Gives, block by block, the numbers of some rows and ``float64 (B, K)``; what lacks to 1 is that of a stranger.
    Bayes' rule over all persons and one stranger, all as likely. A row is weighed against the others of its own person;
    the only row of a person is the stranger itself. ``excluded`` ``int64 (M, 2)`` are rows and persons that they
    cannot be.
    """
    is_in = person >= 0
    people = sum_up(rows.take(is_in), labels=person[is_in])
    is_only = is_in.copy()
    is_only[is_in] = np.bincount(person[is_in])[person[is_in]] == 1
    for start in range(0, len(person), BLOCK_ROWS):
        block = np.arange(start, min(start + BLOCK_ROWS, len(person)))
        evidence = _compare_block(rows.take(block), people, own=person[block], encoder=encoder)
        odds = np.exp(np.clip(evidence, -50, 50))
        here = excluded[(excluded[:, 0] >= start) & (excluded[:, 0] <= block[-1])]
        odds[here[:, 0] - start, here[:, 1]] = 0
        yield block, odds / np.maximum(odds.sum(axis=1) + ~is_only[block], 1e-300)[:, None]


def find_confidence(
    rows: Groups, *, person: NDArray[np.int64], encoder: FaceEncoder, excluded: NDArray[np.int64] = NO_PAIRS
) -> NDArray[np.float32]:
    """Probability that each row is its person, ``float32 (N,)``; NaN for rows of nobody. See ``share_out``."""
    confidence = np.full(len(person), np.nan, dtype=np.float32)
    for block, shares in share_out(rows, person=person, encoder=encoder, excluded=excluded):
        mine = np.flatnonzero(person[block] >= 0)
        confidence[block[mine]] = shares[mine, person[block[mine]]]
    return confidence


def _compare_block(
    rows: Groups, people: Groups, *, own: NDArray[np.int64], encoder: FaceEncoder
) -> NDArray[np.float64]:
    apart = find_squared_distances(rows, people)
    mass = np.repeat(people.mass[None], len(rows.mass), axis=0)
    mine = np.flatnonzero(own >= 0)
    own = own[mine]
    # A row is part of its own person's mean: take it out.
    part = rows.mass[mine] / people.mass[own]
    others = np.maximum(1 - part, 1e-9)
    apart[mine, own] = np.maximum((apart[mine, own] - part * 2 * rows.scatter[mine]) / others, 0)
    mass[mine, own] = people.mass[own] - rows.mass[mine]
    evidence = weigh(np.sqrt(apart), one=rows.mass[:, None], other=mass, encoder=encoder)
    evidence[mine, own] = np.where(others > 1e-6, evidence[mine, own], 0)
    return evidence


def find_squared_distances(one: Groups, others: Groups) -> NDArray[np.float64]:
    """Mean squared distances of each to each: N and K groups give ``float64 (N, K)``."""
    if not len(others.mass):
        return np.zeros((len(one.mass), 0))
    origin = others.centre.mean(axis=0, dtype=np.float64)
    here, there = one.centre - origin, others.centre - origin
    squares = np.square(here).sum(axis=1)[:, None] + np.square(there).sum(axis=1) - 2 * here @ there.T
    return np.asarray(np.maximum(squares, 0) + one.scatter[:, None] + others.scatter)
