"""How well shots are found by their texts, and texts by their shots."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

TIE = 1e-6
"""Similarities closer than this are equal: what differs by rounding must not decide."""
_QUERIES_AT_ONCE = 1024


class Recall(NamedTuple):
    """Of ``queries``, the shares 0–1 whose best right answer is among the first 1, 5 and 10, and its median rank."""

    r1: float
    r5: float
    r10: float
    median_rank: float
    queries: int
    candidates: int


class Retrieval(NamedTuple):
    """Both directions."""

    text_to_shot: Recall
    shot_to_text: Recall

    def as_json(self) -> dict[str, dict[str, float]]:
        """Both directions by name, their figures by name."""
        return {name: recall._asdict() for name, recall in self._asdict().items()}

    def tell(self) -> str:
        """The figures in a line for people."""
        found = self.text_to_shot
        return (
            f"R@1 {found.r1:.1%}, R@5 {found.r5:.1%}, R@10 {found.r10:.1%}, median rank {found.median_rank:g} of "
            f"{found.candidates:,} shots by {found.queries:,} texts; R@5 of texts by shots {self.shot_to_text.r5:.1%}"
        )


def measure_retrieval(
    shots: NDArray[np.floating],
    texts: NDArray[np.floating],
    links: NDArray[np.int64],
    *,
    others: NDArray[np.floating] | None = None,
) -> Retrieval:
    """Rank every shot of the pairs for every text of them, and every text for every shot.

    ``shots`` ``(S, D)`` and ``texts`` ``(T, D)``, of length 1; ``links`` ``int64 (N, 2)``; ``others`` ``(M, D)``:
    shots that are right for none of the texts. Several shots may be right for one text; the best counts. A wrong
    answer that is as similar as the right one comes before it: an encoder that takes all for the same finds nothing.
    Vectors that are no numbers are similar to nothing. Without pairs everything is 0, of 0 queries.
    """
    if not len(links):
        nothing = Recall(0.0, 0.0, 0.0, 0.0, 0, 0)
        return Retrieval(nothing, nothing)
    shot_numbers, own_shots = np.unique(links[:, 0], return_inverse=True)
    text_numbers, own_texts = np.unique(links[:, 1], return_inverse=True)
    right = np.zeros((len(text_numbers), len(shot_numbers)), np.bool_)
    right[own_texts, own_shots] = True
    seen = _finite(shots[shot_numbers])
    said = _finite(texts[text_numbers])
    to_shots = _recall(said, seen, right) if others is None else _recall_among(said, seen, right, _finite(others))
    return Retrieval(to_shots, _recall(seen, said, right.T))


def _recall_among(
    texts: NDArray[np.float64], shots: NDArray[np.float64], right: NDArray[np.bool_], others: NDArray[np.float64]
) -> Recall:
    wrong = np.zeros((len(texts), len(others)), np.bool_)
    return _recall(texts, np.concatenate([shots, others]), np.concatenate([right, wrong], axis=1))


def _finite(vectors: NDArray[np.floating]) -> NDArray[np.float64]:
    exact = vectors.astype(np.float64)
    exact[~np.isfinite(exact).all(axis=1)] = 0.0
    return exact


def _recall(queries: NDArray[np.float64], answers: NDArray[np.float64], right: NDArray[np.bool_]) -> Recall:
    parts = [
        _ranks(queries[first : first + _QUERIES_AT_ONCE] @ answers.T, right[first : first + _QUERIES_AT_ONCE])
        for first in range(0, len(queries), _QUERIES_AT_ONCE)
    ]
    ranks = np.concatenate(parts)
    r1, r5, r10 = (float((ranks <= most).mean()) for most in (1, 5, 10))
    return Recall(r1, r5, r10, float(np.median(ranks)), len(queries), len(answers))


def _ranks(similarity: NDArray[np.float64], right: NDArray[np.bool_]) -> NDArray[np.int64]:
    best = np.where(right, similarity, -np.inf).max(axis=1, keepdims=True)
    before = (similarity >= best - TIE) & ~right
    return np.asarray(before.sum(axis=1) + 1, dtype=np.int64)
