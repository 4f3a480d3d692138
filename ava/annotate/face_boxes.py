"""Boxes of faces and bodies: how far they overlap, and which of several on one thing to keep."""

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float32]
"""``float32 (N, 4)`` as x0, y0, x1, y1 in pixels."""


def find_intersections(first: Boxes, second: Boxes) -> NDArray[np.float64]:
    """Areas that each pair shares: ``(N, 4)`` and ``(M, 4)`` give ``float64 (N, M)`` in pixels²."""
    one, other = first.astype(np.float64)[:, None], second.astype(np.float64)[None]
    sides = np.minimum(one[..., 2:], other[..., 2:]) - np.maximum(one[..., :2], other[..., :2])
    return np.asarray(np.maximum(sides, 0).prod(axis=2))


def find_areas(boxes: Boxes) -> NDArray[np.float64]:
    """Areas ``float64 (N,)`` in pixels²; 0 for boxes turned inside out."""
    return np.asarray(np.maximum(boxes[:, 2:].astype(np.float64) - boxes[:, :2], 0).prod(axis=1))


def find_overlaps(first: Boxes, second: Boxes, *, of_smaller: bool = False) -> NDArray[np.float64]:
    """Intersection over union 0–1 of each pair, ``float64 (N, M)``; ``of_smaller``: over the smaller box's area."""
    shared = find_intersections(first, second)
    one, other = find_areas(first)[:, None], find_areas(second)[None]
    whole = np.minimum(one, other) if of_smaller else one + other - shared
    return np.asarray(shared / np.maximum(whole, 1e-9))


def keep_best(
    boxes: Boxes, scores: NDArray[np.floating], *, overlap: float, of_smaller: bool = False
) -> NDArray[np.int64]:
    """Row numbers of greedy non-maximum suppression, best first; of equal scores the earlier row is the better.

    A box falls when it overlaps a better one by more than ``overlap`` (see ``find_overlaps``).
    """
    order = np.argsort(-scores, kind="stable")
    overlaps = find_overlaps(boxes[order], boxes[order], of_smaller=of_smaller) > overlap
    alive = np.ones(len(order), dtype=bool)
    for best in range(len(order)):
        if alive[best]:
            alive[best + 1 :] &= ~overlaps[best, best + 1 :]
    return order[alive].astype(np.int64)
