"""What to ask next: what most probably has the attribute, what is least sure, and what is unlike all that was seen."""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.train.attribute_head import Vectors

Why = Literal["guess", "unsure", "new"]

SAME_FROM = 0.995
"""Two vectors this close are one to a person; asking about both is asking twice."""

_SHARES: tuple[tuple[Why, float], ...] = (("unsure", 0.2), ("new", 0.1))
_LOOKED_AT = 20
"""So many times the number asked for are looked through for what differs."""


class Question(NamedTuple):
    """A row to ask about, and why."""

    row: int
    why: Why


def choose_questions(
    vectors: Vectors,
    *,
    scores: NDArray[np.float64],
    answered: NDArray[np.int64],
    boundary: float | None,
    count: int,
) -> list[Question]:
    """Choose at most ``count`` of the rows ``(N, D)``, none of those ``answered``, best guesses first.

    Seven in ten are the highest ``scores`` ``(N,)``; two lie nearest ``boundary``, the score of even odds (uncertainty
    sampling, Lewis and Gale 1994; none where it is None); one is farthest from all that is answered and chosen, among
    the upper scores (the farthest-first order of Gonzalez 1985). What looks the same is asked about once. Equal
    scores go by row: the same answers always bring the same questions.
    """
    is_open = np.ones(len(scores), dtype=np.bool_)
    is_open[answered] = False
    rows = np.flatnonzero(is_open)
    if count <= 0 or not len(rows):
        return []
    wanted = {why: int(count * part) for why, part in _SHARES}
    if boundary is None:
        wanted["unsure"] = 0
    ranked = _first(rows, -scores[rows], count=_LOOKED_AT * count)
    near = _first(rows, np.abs(scores[rows] - (boundary or 0.0)), count=_LOOKED_AT * count)
    chosen = _Chosen(vectors)
    chosen.take(ranked, "guess", count=count - sum(wanted.values()))
    chosen.take(near, "unsure", count=wanted["unsure"])
    chosen.take_farthest(ranked, answered, count=wanted["new"])
    chosen.take(ranked, "guess", count=count - len(chosen.questions))
    return sorted(chosen.questions, key=lambda each: (each.why != "guess", each.why != "unsure"))


def _first(rows: NDArray[np.int64], keys: NDArray[np.float64], *, count: int) -> NDArray[np.int64]:
    """The rows of the smallest keys, ties by row, without sorting all of them."""
    if len(rows) > count:
        edge = np.partition(keys, count - 1)[count - 1]
        near = np.flatnonzero(keys <= edge)
        rows, keys = rows[near], keys[near]
    return rows[np.argsort(keys, kind="stable")][:count]


class _Chosen:
    def __init__(self, vectors: Vectors) -> None:
        self.questions: list[Question] = []
        self._vectors = vectors

    def take(self, rows: NDArray[np.int64], why: Why, *, count: int) -> None:
        """Take the first that look like none that is taken."""
        left = count
        for row in rows.tolist():
            if left <= 0:
                return
            if not self._looks_taken(row):
                self.questions.append(Question(row, why))
                left -= 1

    def take_farthest(self, rows: NDArray[np.int64], answered: NDArray[np.int64], *, count: int) -> None:
        """Take, one after the other, what is least like all that is answered or taken."""
        seen = [*answered.tolist(), *(each.row for each in self.questions)]
        if not seen or count <= 0:
            return
        nearest = (self._vectors[rows] @ self._vectors[seen].T).max(axis=1)
        for _ in range(count):
            place = int(np.argmin(nearest))
            if nearest[place] >= SAME_FROM:
                return
            self.questions.append(Question(int(rows[place]), "new"))
            nearest = np.maximum(nearest, self._vectors[rows] @ self._vectors[rows[place]])

    def _looks_taken(self, row: int) -> bool:
        taken = [each.row for each in self.questions]
        return bool(taken) and bool((self._vectors[taken] @ self._vectors[row] >= SAME_FROM).any())
