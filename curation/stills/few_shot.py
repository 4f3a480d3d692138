"""A classifier trained from a few example embeddings, kept in a small file."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Embeddings = NDArray[np.float32]

LEAST_EXAMPLES = 4
"""Fewer examples of either side leave nothing to test a classifier on."""

FOLDS = 4
_PENALTY = 0.05
"""Weight of the squared coefficients beside the mean loss: with few examples, far from sure is right."""

_STEPS = 50


class TooFewExamples(Exception):
    """There are not enough examples to train from; the message says how many are needed."""


class UnusableClassifier(Exception):
    """A classifier's file cannot be read or belongs to another encoder; the message says what to do."""


class FewShotClassifier(NamedTuple):
    """Logistic regression on unit embeddings of one encoder.

    ``coefficients`` ``float64 (D,)``, ``constant``, the ``encoder``'s name and ``accuracy``: the mean of the shares
    of positive and of negative examples that were told rightly when left out of the training, 0–1.
    """

    encoder: str
    coefficients: NDArray[np.float64]
    constant: float
    accuracy: float

    def probability(self, embedding: NDArray[np.floating]) -> float:
        """How likely one embedding ``(D,)`` is a positive, 0–1, as if both were equally common.

        Raises ``UnusableClassifier`` when its length is not the one trained with.
        """
        if embedding.shape != self.coefficients.shape:
            raise UnusableClassifier(
                f"The classifier was trained on {len(self.coefficients)} numbers of {self.encoder}, this picture has "
                f"{embedding.size}; train it again with the present encoder."
            )
        odds = float(_unit(np.asarray(embedding)[None])[0] @ self.coefficients) + self.constant
        return float(_sigmoid(np.array([odds]))[0])


def train_few_shot(positive: Embeddings, *, negative: Embeddings, encoder: str) -> FewShotClassifier:
    """Train from examples ``float32 (P, D)`` and ``(N, D)`` of what is wanted and what is not.

    Logistic regression with squared penalty, both sides weighing the same however many there are, by Newton steps in
    the span of the examples. Raises ``TooFewExamples`` under four of either.
    """
    if min(len(positive), len(negative)) < LEAST_EXAMPLES:
        raise TooFewExamples(
            f"Training needs at least {LEAST_EXAMPLES} examples and {LEAST_EXAMPLES} counterexamples; there are "
            f"{len(positive)} and {len(negative)}."
        )
    vectors = _unit(np.concatenate([positive, negative]))
    wanted = np.arange(len(vectors)) < len(positive)
    coefficients, constant = _fit(vectors, wanted)
    return FewShotClassifier(encoder, coefficients, constant, _held_out_accuracy(vectors, wanted))


def save_few_shot(classifier: FewShotClassifier, path: Path) -> None:
    """Write a classifier as a NumPy archive without code in it; the file appears whole or not at all."""
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file:
        np.savez(
            file,
            encoder=np.array(classifier.encoder),
            coefficients=classifier.coefficients,
            constant=np.array(classifier.constant),
            accuracy=np.array(classifier.accuracy),
        )
    partial.replace(path)


def load_few_shot(path: Path, *, encoder: str) -> FewShotClassifier:
    """Read a classifier; raises ``UnusableClassifier`` when the file is missing, damaged or of another encoder."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            classifier = FewShotClassifier(
                str(stored["encoder"]),
                np.asarray(stored["coefficients"], dtype=np.float64),
                float(stored["constant"]),
                float(stored["accuracy"]),
            )
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise UnusableClassifier(f"{path.name} is no classifier that can be read ({error}); train it again.") from error
    if classifier.encoder != encoder:
        raise UnusableClassifier(
            f"{path.name} was trained on embeddings of {classifier.encoder}, those here are of {encoder}; "
            "train it again."
        )
    return classifier


def _fit(vectors: NDArray[np.float64], wanted: NDArray[np.bool_]) -> tuple[NDArray[np.float64], float]:
    # The best coefficients lie in the span of the examples: a system of their number, not of the dimensions'.
    basis = np.linalg.svd(vectors, full_matrices=False)[2]
    rows = np.concatenate([vectors @ basis.T, np.ones((len(vectors), 1))], axis=1)
    share = np.where(wanted, 0.5 / wanted.sum(), 0.5 / (~wanted).sum())
    penalty = np.full(rows.shape[1], _PENALTY)
    penalty[-1] = 1e-6
    solution = np.zeros(rows.shape[1])
    for _ in range(_STEPS):
        likely = _sigmoid(rows @ solution)
        slope = rows.T @ (share * (likely - wanted)) + penalty * solution
        bend = (rows * (share * likely * (1 - likely))[:, None]).T @ rows + np.diag(penalty)
        step = np.linalg.solve(bend, slope)
        solution -= step
        if float(np.abs(step).max()) < 1e-9:
            break
    return np.asarray(basis.T @ solution[:-1], dtype=np.float64), float(solution[-1])


def _held_out_accuracy(vectors: NDArray[np.float64], wanted: NDArray[np.bool_]) -> float:
    right = np.empty(len(vectors), dtype=np.bool_)
    # Each side is dealt out on its own, so that every part holds both.
    part = np.where(wanted, np.cumsum(wanted), np.cumsum(~wanted)) % FOLDS
    for fold in range(FOLDS):
        held = part == fold
        coefficients, constant = _fit(vectors[~held], wanted[~held])
        right[held] = (vectors[held] @ coefficients + constant > 0) == wanted[held]
    return float((right[wanted].mean() + right[~wanted].mean()) / 2)


def _unit(vectors: NDArray[np.floating] | Sequence[Sequence[float]]) -> NDArray[np.float64]:
    levels = np.asarray(vectors, dtype=np.float64)
    length = np.sqrt((levels**2).sum(axis=1, keepdims=True))
    return levels / np.where(length > 0, length, 1.0)


def _sigmoid(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(0.5 * (1 + np.tanh(odds / 2)), dtype=np.float64)
