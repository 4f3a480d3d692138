"""Fits the line of an attribute to examples, drawn towards what its name says, and scores each example unseen."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.train.attribute_head import AttributeHead, Vectors

PENALTIES = (1.0, 0.2, 0.04, 0.01)
"""Weights of the squared distance from the prior beside the mean squared error, strongest first."""

TRUSTS = (1.0, 0.5, 0.0)
"""How far the prior may go by the attribute's name: spreads of the background's scores to a unit of target."""

BACKGROUND_COUNTS_AS = 4.0
"""All unlabelled shots together weigh as much as so many counterexamples: some of them may have the attribute."""

_CONSTANT = 3.0
"""Value of the feature that carries the constant: it is held back a ninth as much as the others."""


class Examples(NamedTuple):
    """Labelled vectors ``(N, D)`` with ``has_it`` ``bool (N,)``, the ``part`` ``int (N,)`` that each is left out with,
    unlabelled ``background`` ``(B, D)`` and the vector of the attribute's ``name`` ``(D,)`` where words have one."""

    vectors: Vectors
    has_it: NDArray[np.bool_]
    part: NDArray[np.int64]
    background: Vectors
    name: NDArray[np.floating] | None = None


class Space(NamedTuple):
    """Where the line is fitted: vectors less ``centre`` ``(D,)``, divided by ``spread``; ``by_name`` ``(D,)`` is the
    prior direction, of unit spread over the background, zeros where there is none."""

    centre: NDArray[np.float64]
    spread: float
    by_name: NDArray[np.float64]

    def place(self, vectors: Vectors) -> NDArray[np.float64]:
        return np.asarray((vectors - self.centre) / self.spread, dtype=np.float64)


class Candidate(NamedTuple):
    """One choice of ``penalty`` and ``trust``, with the score ``(N,)`` that each example gets from the others."""

    penalty: float
    trust: float
    unseen: NDArray[np.float64]


def find_space(examples: Examples) -> Space:
    """Centre and scale of the background, or of the examples where there is none."""
    cloud = np.asarray(examples.background if len(examples.background) else examples.vectors, dtype=np.float64)
    centre = cloud.mean(axis=0)
    away = cloud - centre
    spread = float(np.sqrt((away**2).sum(axis=1).mean()))
    spread = spread if spread > 1e-9 else 1.0
    by_name = np.zeros(len(centre))
    if examples.name is not None:
        along = away @ examples.name / spread
        if along.std() > 1e-9:
            by_name = np.asarray(examples.name, dtype=np.float64) / along.std()
    return Space(centre, spread, by_name)


class Fit:
    """Weighted ridge regression on targets of ±1 around a prior, for every penalty and trust from one decomposition.

    Regularised least squares as Rifkin, Yeo and Poggio (2003); each part's scores when it is left out come exactly
    from the whole fit, by blocks of the hat matrix (Pahikkala, Boberg and Salakoski 2006). The prior is the mean of a
    normal distribution of the weights, so it is subtracted from the targets. Both sides weigh the same.
    """

    def __init__(self, examples: Examples, space: Space) -> None:
        self._space = space
        self._count = len(examples.has_it)
        rows = space.place(np.concatenate([examples.vectors, examples.background]))
        self._prior = rows @ space.by_name
        rows = np.concatenate([rows, np.full((len(rows), 1), _CONSTANT)], axis=1)
        self._targets = np.where(np.arange(len(rows)) < self._count, 1.0, -1.0)
        self._targets[: self._count] = np.where(examples.has_it, 1.0, -1.0)
        self._weights = _weigh(examples)
        self._part = examples.part
        self._values, self._basis = _decompose(rows * np.sqrt(self._weights)[:, None])
        self._rows = rows @ self._basis

    def candidates(self) -> list[Candidate]:
        """Every choice, the simplest first: strongest penalty, then most trust in the name."""
        trusts = TRUSTS if self._space.by_name.any() else (0.0,)
        return [each for penalty in PENALTIES for each in self._leave_out(penalty, trusts)]

    def head(self, *, penalty: float, trust: float) -> AttributeHead:
        """The line fitted to all examples."""
        wanted = self._targets - trust * self._prior
        solution = self._basis @ (self._rows.T @ (self._weights * wanted) / (self._values + penalty))
        weights = (solution[:-1] + trust * self._space.by_name) / self._space.spread
        constant = _CONSTANT * float(solution[-1]) - float(weights @ self._space.centre)
        return AttributeHead(weights, constant)

    def _leave_out(self, penalty: float, trusts: tuple[float, ...]) -> list[Candidate]:
        wanted = np.stack([self._targets, self._prior], axis=1)
        shrunk = self._rows / (self._values + penalty)
        left = (wanted - shrunk @ (self._rows.T @ (self._weights[:, None] * wanted)))[: self._count]
        for part in np.unique(self._part):
            held = np.flatnonzero(self._part == part)
            kept = -(shrunk[held] @ self._rows[held].T) * self._weights[held]
            kept[np.diag_indices(len(held))] += 1
            left[held] = np.linalg.solve(kept, left[held])
        told = wanted[: self._count] - left
        prior = self._prior[: self._count]
        return [
            Candidate(penalty, trust, told[:, 0] - trust * told[:, 1] + trust * prior) for trust in trusts
        ]


def _decompose(rows: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Squared singular values ``(R,)`` and right singular vectors ``(D, R)`` of rows ``(N, D)``, by the smaller of
    their two Gram matrices; what is nothing but rounding is left out."""
    is_wide = len(rows) < rows.shape[1]
    values, vectors = np.linalg.eigh(rows @ rows.T if is_wide else rows.T @ rows)
    is_real = values > max(float(values[-1]), 0.0) * 1e-10
    values, vectors = values[is_real], vectors[:, is_real]
    return values, rows.T @ vectors / np.sqrt(values) if is_wide else vectors


def _weigh(examples: Examples) -> NDArray[np.float64]:
    """Weights ``(N + B,)``: half for what has it, half for what has not and, weakly, for what nobody looked at."""
    positive = int(examples.has_it.sum())
    negative, unknown = len(examples.has_it) - positive, len(examples.background)
    against = negative + (BACKGROUND_COUNTS_AS if unknown else 0.0)
    labelled = np.where(examples.has_it, 0.5 / max(positive, 1), 0.5 / max(against, 1.0))
    background = np.full(unknown, 0.5 * BACKGROUND_COUNTS_AS / max(against, 1.0) / max(unknown, 1))
    return np.concatenate([labelled, background])
