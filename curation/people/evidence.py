"""What the distance of two groups of faces is worth as evidence that they are one person."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.annotate.face_encoders import FaceEncoder

SHARED_WITHIN_TRACK = 0.5
SHARED_BETWEEN_TRACKS = 0.25
"""Correlation of errors: faces of one shot share light and pose, and all pictures of two people share how alike the
two happen to be, so that no number of pictures makes a small difference certain. With this and ``FALSE_MERGE_COST``
six real clips and five made-up casts are grouped with a mean B-cubed F of .96 and .94, and no cast takes more than ten
actions to put right; with 0.6 and 6, which alone keep two look-alikes of five people filmed in one room apart, it is
.94 and .88. Between these two there is a gap, by which a split is proposed: see ``propose_split``."""

SCATTER_OF_LOOKS = 0.16
"""Mean squared distance of the looks of one shot from their mean, in squares of an encoder's even distance: the median
over 30 tracks of five real clips, whose looks are 0.28 apart where 0.5 is even."""

LEAST_WEIGHT = 0.15
"""Sum of qualities below which nobody can be recognised: not even one small, soft or half-turned face."""

FALSE_MERGE_COST = 4.0
"""How much worse two people in one character are than one person in two: merging is one action, splitting several. At 3
one profile more finds its person, and groups of single extras are mixed: 16 actions where 4 take 10."""


class Groups(NamedTuple):
    """Groups of faces by what distances between them need: K rows.

    ``centre`` ``float32 (K, D)`` weighted means; ``scatter`` ``float64 (K,)`` weighted mean squared distance from the
    mean; ``mass`` ``float64 (K,)`` how many independent good pictures a group is worth.
    """

    centre: NDArray[np.float32]
    scatter: NDArray[np.float64]
    mass: NDArray[np.float64]

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> "Groups":
        """Some of the groups."""
        return Groups(self.centre[rows], self.scatter[rows], self.mass[rows])


def count_pictures(weights: NDArray[np.floating]) -> NDArray[np.float64]:
    """How many independent good pictures a track of this total quality is worth: 0 for 0, 1 for 1, never above 2.

    The effective size of a sample whose members are correlated (Kish 1965, design effect).
    """
    weights = np.maximum(np.nan_to_num(np.asarray(weights, dtype=np.float64)), 0)
    return np.asarray(weights / (1 - SHARED_WITHIN_TRACK + SHARED_WITHIN_TRACK * weights))


def describe_rows(vectors: NDArray[np.float32], *, weights: NDArray[np.floating], encoder: FaceEncoder) -> Groups:
    """Each row as a group of its own: vectors ``(N, D)`` that are means of faces whose qualities sum up to ``weights``.

    A mean lies nearer to everything than the faces that it is of, for which the encoder's odds hold; what it has
    lost is given back as scatter.
    """
    mass = count_pictures(weights)
    lost = 1 - 1 / np.maximum(np.nan_to_num(np.asarray(weights, dtype=np.float64)), 1)
    scatter = SCATTER_OF_LOOKS * encoder.even_distance**2 * lost
    return Groups(np.asarray(vectors, dtype=np.float32), np.asarray(scatter, dtype=np.float64), mass)


def sum_up(rows: Groups, *, labels: NDArray[np.int64]) -> Groups:
    """Gather the rows of each label, 0-based without gaps, ``int64 (N,)``; every label has mass."""
    count = int(labels.max(initial=-1)) + 1
    if not count:
        return rows
    total = np.bincount(labels, weights=rows.mass, minlength=count).astype(np.float64)
    share = rows.mass / total[labels]
    order = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[order], np.arange(count))
    centre = np.add.reduceat((rows.centre * share[:, None])[order], starts, axis=0).astype(np.float32)
    squares = np.square(rows.centre - centre[labels], dtype=np.float64).sum(axis=1) + rows.scatter
    scatter = np.bincount(labels, weights=share * squares, minlength=count)
    return Groups(centre, scatter.astype(np.float64), total)


def join(one: Groups, other: Groups) -> Groups:
    """Put the groups of the same row together."""
    mass = one.mass + other.mass
    part = (other.mass / mass)[:, None]
    apart = np.square(one.centre - other.centre, dtype=np.float64).sum(axis=1)
    scatter = (one.mass * one.scatter + other.mass * other.scatter) / mass
    return Groups(
        (one.centre * (1 - part) + other.centre * part).astype(np.float32),
        scatter + one.mass * other.mass / mass**2 * apart,
        mass,
    )


def find_distances(one: Groups, others: Groups) -> NDArray[np.float64]:
    """Root mean square distance of the faces of each row's groups: ``float64 (K,)``; ``one`` may have a single row.

    Of groups it is what average linkage takes (Sokal & Michener 1958), from means and scatter instead of all pairs.
    """
    apart = np.square(others.centre - one.centre, dtype=np.float64).sum(axis=1)
    return np.asarray(np.sqrt(apart + one.scatter + others.scatter))


def count_evidence(one: NDArray[np.floating], other: NDArray[np.floating]) -> NDArray[np.float64]:
    """How many independent comparisons groups worth this many pictures allow: 1 for one and one, never above 4.

    The harmonic mean of both, to which the variance of a difference of means is inverse, less what all comparisons
    share (Kish 1965).
    """
    spread = (1 / np.maximum(one, 1e-9) + 1 / np.maximum(other, 1e-9)) / 2
    return np.asarray(1 / (SHARED_BETWEEN_TRACKS + (1 - SHARED_BETWEEN_TRACKS) * spread))


def weigh(
    distance: NDArray[np.floating], *, one: NDArray[np.floating], other: NDArray[np.floating], encoder: FaceEncoder
) -> NDArray[np.float64]:
    """Log odds that two groups at a distance, worth so many pictures each, are one person, both being as likely."""
    return np.asarray(encoder.log_odds(distance) * count_evidence(one, other))


def find_base_odds(labels: NDArray[np.int64]) -> float:
    """Log odds that two of the rows are one person before they are compared: how common that is within ``labels``.

    Never above 0, and never as though the rows had on average less than one other that is the same person: of a few
    rows that were found to be as many people that is not known well enough to doubt everything.
    """
    sizes = np.unique(labels, return_counts=True)[1].astype(np.float64)
    count = max(len(labels), 2)
    alike = max(float((sizes * (sizes - 1)).sum()), float(count)) / 2
    return float(np.clip(np.log(alike / max(count * (count - 1) / 2 - alike, 1e-9)), -np.log(count), 0))
