"""Exact search among vectors: the slow, obvious oracle that every index is measured against."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class ExactMatch(NamedTuple):
    """Row of the vector and its cosine to the query, −1 to 1."""

    row: int
    cosine: float


def exact_top(vectors: NDArray[np.floating], query: NDArray[np.floating], k: int) -> list[ExactMatch]:
    """The ``k`` vectors of the largest cosine to a query, the best first; equal ones in the order of their rows.

    ``vectors`` ``(N, D)`` and ``query`` ``(D,)`` of any lengths; a vector of length 0, or with a value that is not
    finite, matches nothing and is left out, and such a query has no matches. Fewer rows than ``k`` are all given.
    Raises ``ValueError`` where the dimensions differ or ``k`` is negative.
    """
    rows, wanted = np.asarray(vectors, dtype=np.float64), np.asarray(query, dtype=np.float64)
    if rows.ndim != 2 or wanted.shape != (rows.shape[1],) or k < 0:
        raise ValueError(f"Vectors {rows.shape} and a query {wanted.shape} do not fit; k is {k}.")
    usable = np.flatnonzero(np.isfinite(rows).all(axis=1) & (rows != 0).any(axis=1))
    if not np.isfinite(wanted).all() or not wanted.any() or not len(usable):
        return []
    lengths = np.linalg.norm(rows[usable], axis=1) * np.linalg.norm(wanted)
    cosines = np.clip(rows[usable] @ wanted / lengths, -1, 1)
    order = np.argsort(-cosines, kind="stable")[:k]
    return [ExactMatch(int(usable[each]), float(cosines[each])) for each in order]
