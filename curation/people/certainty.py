"""How sure it is that a track is the character that it was given."""

import numpy as np
from numpy.typing import NDArray

from ava.annotate.face_encoders import FaceEncoder
from curation.people.evidence import Groups, sum_up, weigh

BLOCK_ROWS = 1024


def compare_rows(rows: Groups, *, person: NDArray[np.int64], encoder: FaceEncoder) -> NDArray[np.float64]:
    """Weigh N rows against each of K persons, 0-based without gaps in ``person`` ``int64 (N,)``, −1 for none.

    Log odds ``float64 (N, K)``; a row is weighed against the others of its own person, 0 where there are none.
    """
    is_in = np.flatnonzero(person >= 0)
    people = sum_up(rows.take(is_in), labels=person[is_in])
    evidence = np.zeros((len(rows.mass), len(people.mass)))
    for start in range(0, len(rows.mass), BLOCK_ROWS):
        block = np.arange(start, min(start + BLOCK_ROWS, len(rows.mass)))
        evidence[block] = _compare_block(rows.take(block), people, own=person[block], encoder=encoder)
    return evidence


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


def find_shares(rows: Groups, *, person: NDArray[np.int64], encoder: FaceEncoder) -> NDArray[np.float64]:
    """Probability of each row being each person: ``float64 (N, K)``, what lacks to 1 is that of a stranger.

    Bayes' rule over all persons and one stranger, all as likely. The only row of a person is the stranger itself.
    """
    odds = np.exp(np.clip(compare_rows(rows, person=person, encoder=encoder), -50, 50))
    is_in = person >= 0
    is_only = is_in.copy()
    is_only[is_in] = np.bincount(person[is_in])[person[is_in]] == 1
    return np.asarray(odds / (odds.sum(axis=1) + ~is_only)[:, None])


def find_confidence(rows: Groups, *, person: NDArray[np.int64], encoder: FaceEncoder) -> NDArray[np.float32]:
    """Probability that each row is its person, ``float32 (N,)``; NaN for rows of nobody. See ``find_shares``."""
    confidence = np.full(len(person), np.nan, dtype=np.float32)
    is_in = np.flatnonzero(person >= 0)
    confidence[is_in] = find_shares(rows, person=person, encoder=encoder)[is_in, person[is_in]]
    return confidence
