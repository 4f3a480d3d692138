"""Which shots of a film its trailer is about, told by embeddings alone: each attends to the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

TEMPERATURE = 0.3
"""In standard deviations of all similarities of the pair: the lower, the less a second best counts."""


def co_attention(film_vectors: NDArray[np.floating], *, trailer_vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    """How strongly each film shot and a trailer shot pick each other out: float32 (S,), 0–1.

    ``film_vectors`` (S, D), ``trailer_vectors`` (T, D): of length 1, rows of zeros or NaN where a shot has none; these
    get 0. 1: one film shot and one trailer shot are each other's only likeness; shared where several takes are
    alike. Where all are alike nothing is picked out. After the co-attention module of Wang and others (2020,
    "Learning trailer moments in full-length movies with co-contrastive attention"), here of frozen embeddings.
    Raises ValueError for vectors of different dimensions.
    """
    film, trailer = _known(film_vectors), _known(trailer_vectors)
    labels = np.zeros(len(film), dtype=np.float32)
    rows, others = film.any(axis=1), trailer.any(axis=1)
    if not rows.any() or not others.any():
        return labels
    if film.shape[1] != trailer.shape[1]:
        raise ValueError(f"Vectors of {film.shape[1]} and of {trailer.shape[1]} numbers cannot be compared.")
    likeness = film[rows] @ trailer[others].T
    spread = float(likeness.std())
    likeness = (likeness - likeness.mean()) / spread if spread > 1e-6 else np.zeros_like(likeness)
    mutual = np.sqrt(_attend(likeness, axis=0) * _attend(likeness, axis=1))
    labels[rows] = mutual.max(axis=1)
    return labels


def _known(vectors: NDArray[np.floating]) -> NDArray[np.float64]:
    given = np.asarray(vectors, dtype=np.float64)
    return np.where(np.isfinite(given).all(axis=1, keepdims=True), given, 0.0)


def _attend(likeness: NDArray[np.float64], *, axis: int) -> NDArray[np.float64]:
    """Softmax along one axis."""
    raised = np.exp((likeness - likeness.max(axis=axis, keepdims=True)) / TEMPERATURE)
    return np.asarray(raised / raised.sum(axis=axis, keepdims=True), dtype=np.float64)
