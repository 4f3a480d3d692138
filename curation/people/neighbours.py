"""Which groups of faces are near one another, of more than can be compared in one table."""

import numpy as np
from numpy.typing import NDArray

from curation.people.evidence import Groups

MOST_COMPARED = 3000
"""Up to so many groups every near pair is taken; of more, each group's nearest."""

NEAREST = 48
BLOCK_BYTES = 32 << 20


def find_neighbours(groups: Groups, *, within: float) -> list[NDArray[np.int64]]:
    """Find the groups at a root mean square distance below ``within`` of each: K ascending arrays, own row left out.

    All of them of up to ``MOST_COMPARED`` groups; of more, the ``NEAREST`` and those to which it is one of these.
    Takes 32 MB and a few bytes for each neighbour.
    """
    count = len(groups.mass)
    nearest = count if count <= MOST_COMPARED else NEAREST
    # Near the origin the squares of single precision are exact enough to be subtracted.
    centred = groups.centre - groups.centre.mean(axis=0) if count else groups.centre
    squares = np.square(centred, dtype=np.float64).sum(axis=1) + groups.scatter
    step = max(BLOCK_BYTES // (4 * max(count, 1)), 1)
    pairs = [
        _find_near(centred, squares=squares, start=start, end=min(start + step, count), most=nearest, within=within)
        for start in range(0, count, step)
    ]
    return _both_ways(np.concatenate(pairs) if pairs else np.empty((0, 2), np.int64), count=count)


def _find_near(
    centred: NDArray[np.float32], *, squares: NDArray[np.float64], start: int, end: int, most: int, within: float
) -> NDArray[np.int64]:
    """Pairs (row, near row) for the rows from ``start`` to ``end``."""
    apart = centred[start:end] @ centred.T
    apart *= -2
    apart += squares.astype(np.float32)
    apart += squares[start:end, None].astype(np.float32)
    apart[np.arange(end - start), np.arange(start, end)] = np.inf
    if most >= len(squares):
        row, near = np.nonzero(apart < within**2)
    else:
        chosen = np.argpartition(apart, most, axis=1)[:, :most]
        is_near = np.take_along_axis(apart, chosen, axis=1) < within**2
        row, near = np.nonzero(is_near)[0], chosen[is_near]
    return np.column_stack([row + start, near]).astype(np.int64)


def _both_ways(pairs: NDArray[np.int64], *, count: int) -> list[NDArray[np.int64]]:
    """Pairs of rows, each of them once or twice, as the list of partners of each row."""
    keys = np.unique(np.concatenate([pairs[:, 0] * count + pairs[:, 1], pairs[:, 1] * count + pairs[:, 0]]))
    rows, partners = np.divmod(keys, max(count, 1))
    return np.split(partners, np.searchsorted(rows, np.arange(1, count))) if count else []
