"""Parting near-identical stills in an order that is given."""

import numpy as np
from numpy.typing import NDArray

from curation.stills.likeness import NEAR_IDENTICAL

_MOST_ASKED = 64
"""How many of those that wait are asked at each place whether they fit; all of them once the order has ended."""


def separate_alike(
    rows: NDArray[np.int64], *, looks: NDArray[np.float32], after: int | None = None
) -> NDArray[np.int64]:
    """Move each still that looks like the one before it behind the next that does not.

    ``rows`` ``int64 (N,)`` of ``looks`` ``float32 (M, L)`` in the order wanted; ``after`` is the row that stands before
    them. Returns the rows in their new order; once all that is left looks like the one before, it keeps its order.
    """
    placed: list[int] = [] if after is None else [after]
    waiting: list[int] = []
    fits = _fit_previous(rows, looks=looks)
    for place, row in enumerate(rows.tolist()):
        last = placed[-1] if placed else None
        is_known = place > 0 and last == rows[place - 1]
        if last is None or (fits[place] if is_known else _first_fit(looks, last=last, rows=[row]) is not None):
            placed.append(row)
            _place_waiting(placed, waiting, looks=looks, most=_MOST_ASKED)
        else:
            waiting.append(row)
    _place_waiting(placed, waiting, looks=looks, most=len(rows))
    return np.array((placed if after is None else placed[1:]) + waiting, dtype=np.int64)


def _fit_previous(rows: NDArray[np.int64], *, looks: NDArray[np.float32]) -> list[bool]:
    """For each still whether it differs from the one before it in the order; for the first it is not known."""
    steps = looks[rows[1:]] - looks[rows[:-1]]
    return [False, *(np.square(steps).sum(axis=1) >= NEAR_IDENTICAL**2).tolist()][: len(rows)]


def _place_waiting(placed: list[int], waiting: list[int], *, looks: NDArray[np.float32], most: int) -> None:
    """Place those that wait, one after the other, for as long as one of them fits."""
    while waiting:
        place = _first_fit(looks, last=placed[-1], rows=waiting[:most])
        if place is None:
            return
        placed.append(waiting.pop(place))


def _first_fit(looks: NDArray[np.float32], *, last: int, rows: list[int]) -> int | None:
    """The place of the first of some stills that does not look like the last one."""
    fits = np.square(looks[rows] - looks[last]).sum(axis=1) >= NEAR_IDENTICAL**2
    return int(np.argmax(fits)) if fits.any() else None
