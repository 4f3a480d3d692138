"""Keypoints of a picture and what surrounds them, small enough to be kept for every picture of a catalogue."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

MOST_KEYPOINTS = 200
CELLS = 6
"""The picture is cut into 6 × 6 cells and each may keep its share of the keypoints, so that every crop has some."""
CONTRAST_THRESHOLD = 0.016
LEAST_APART_PX = 1.5
_LEVELS = 15
_LARGEST = 0.45
"""Root of a descriptor's largest part that 4 bits tell apart."""

_ROWS, _COLUMNS, _TURNS = np.meshgrid(np.arange(4), np.arange(4), np.arange(8), indexing="ij")
MIRRORED = np.asarray(((_ROWS * 4 + 3 - _COLUMNS) * 8 + (4 - _TURNS) % 8).ravel(), dtype=np.int64)
"""Order of the parts of a descriptor in a picture turned left to right: columns and directions change places."""


@dataclass(frozen=True, slots=True)
class Keypoints:
    """Places ``float32 (N, 2)`` as x, y in pixels of the working picture, sizes ``float32 (N,)`` in its pixels, and
    descriptors packed to 4 bits a part, ``uint8 (N, 64)``; strongest first."""

    places_px: NDArray[np.float32]
    sizes_px: NDArray[np.float32]
    packed: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.sizes_px)

    def descriptors(self) -> NDArray[np.float32]:
        """Unpacked, each of length 1: ``float32 (N, 128)``, parts from 0."""
        levels = np.stack([self.packed >> 4, self.packed & 15], axis=2).reshape(len(self.packed), 128)
        lengths = np.sqrt(np.square(levels, dtype=np.float32).sum(axis=1, keepdims=True))
        return np.asarray(levels / np.maximum(lengths, 1), dtype=np.float32)


@cache
def _detector() -> Any:
    return cv2.SIFT.create(nfeatures=0, contrastThreshold=CONTRAST_THRESHOLD, edgeThreshold=12)


def find_keypoints(luma: NDArray[np.uint8], *, allowed: NDArray[np.bool_]) -> Keypoints:
    """Find keypoints of ``uint8 (H, W)`` where ``allowed`` ``(H, W)`` is true: at most 200, spread over the picture.

    SIFT (Lowe, 2004) with the root of the normalised parts (Arandjelović & Zisserman, 2012), 4 bits each. Deviation:
    all are described upright, as artwork is cropped and mirrored but not turned; that tells more apart, and a
    mirrored descriptor is the same one in another order. A picture without structure has none.
    """
    if min(luma.shape) < 16:
        return _pack([], np.empty((0, 128), dtype=np.float32))
    found = _detector().detect(luma, None)
    kept = [found[place] for place in _spread(found, allowed=allowed)] if found else []
    if not kept:
        return _pack([], np.empty((0, 128), dtype=np.float32))
    for each in kept:
        each.angle = 0.0
    described, vectors = _detector().compute(luma, kept)
    return _pack(list(described), np.asarray(vectors, dtype=np.float32))


def _spread(found: Sequence[Any], *, allowed: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Places in ``found`` of the three strongest of each cell, then of the next three, and so on; one place and size
    counts once, whatever its directions."""
    x, y, sizes, strengths = np.array([(*each.pt, each.size, each.response) for each in found], dtype=np.float64).T
    order = np.lexsort((sizes, y, x, -strengths))
    order = order[allowed[y[order].astype(np.int64), x[order].astype(np.int64)]]
    grid = np.stack([np.rint(x / LEAST_APART_PX), np.rint(y / LEAST_APART_PX), np.rint(2 * np.log2(sizes))])
    places = grid[:, order].astype(np.int64)
    _, first = np.unique(places[0] << 24 | places[1] << 8 | places[2], return_index=True)
    order = order[np.sort(first)]
    height, width = allowed.shape
    cells = (y[order] * CELLS / height).astype(np.int64) * CELLS + (x[order] * CELLS / width).astype(np.int64)
    by_cell = np.argsort(cells, kind="stable")
    starts = np.searchsorted(cells[by_cell], cells[by_cell], side="left")
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[by_cell] = np.arange(len(order)) - starts
    return np.asarray(order[np.argsort(ranks // 3, kind="stable")][:MOST_KEYPOINTS], dtype=np.int64)


def _pack(found: list[Any], vectors: NDArray[np.float32]) -> Keypoints:
    # Kept in 16 bits, and used so from the beginning: what is stored compares exactly as what is not.
    places = np.array([each.pt for each in found], dtype=np.float16).reshape(len(found), 2).astype(np.float32)
    sizes = np.array([each.size for each in found], dtype=np.float16).astype(np.float32)
    rooted = np.sqrt(vectors / np.maximum(vectors.sum(axis=1, keepdims=True), 1e-6))
    levels = np.clip(np.rint(rooted / _LARGEST * _LEVELS), 0, _LEVELS).astype(np.uint8)
    return Keypoints(places, sizes, levels[:, 0::2] << 4 | levels[:, 1::2])
