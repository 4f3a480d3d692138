"""From a map of probabilities to spots: threshold with hysteresis, connected components, centroids."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

FRINGE = 0.15
"""What is at least this probable belongs to the spot beside it."""
_NEAR = np.ones((3, 3), dtype=np.uint8)


class FoundSpot(NamedTuple):
    """One component that reaches the threshold: centroid weighted by probability in pixels, size, highest probability,
    and its box (x0, y0, x1, y1), half-open."""

    x: float
    y: float
    area_px: int
    peak: float
    box: tuple[int, int, int, int]


def find_spots(probability: NDArray[np.float32], *, threshold: float) -> list[FoundSpot]:
    """Spots whose most probable pixel reaches ``threshold`` in ``float32 (H, W)``, row by row.

    To a spot belong its pixels of FRINGE and more (hysteresis, Canny 1986), those beyond a gap of two pixels, too: long
    thin errors are faint in places, and their parts are one error.
    """
    if not (probability >= threshold).any():
        return []
    lit = (probability >= min(threshold, FRINGE)).view(np.uint8)
    left, top, width, height = cv2.boundingRect(lit)
    # Labelling a whole picture costs more than judging one.
    inside = slice(top, top + height), slice(left, left + width)
    probability = np.where(lit[inside], probability[inside], 0)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(cv2.dilate(lit[inside], _NEAR), connectivity=8)
    spots = []
    for number in np.unique(labels[probability >= threshold]).tolist():
        x0, y0, width, height = (int(value) for value in stats[number][:4])
        part = slice(y0, y0 + height), slice(x0, x0 + width)
        weights = np.where(labels[part] == number, probability[part], 0).astype(np.float64)
        rows, columns = np.flatnonzero(weights.any(axis=1)), np.flatnonzero(weights.any(axis=0))
        y = y0 + top + float(weights.sum(axis=1) @ np.arange(height)) / weights.sum()
        x = x0 + left + float(weights.sum(axis=0) @ np.arange(width)) / weights.sum()
        box = (x0 + left + int(columns[0]), y0 + top + int(rows[0]),
               x0 + left + int(columns[-1]) + 1, y0 + top + int(rows[-1]) + 1)  # fmt: skip
        spots.append(FoundSpot(float(x), float(y), int(np.count_nonzero(weights)), float(weights.max()), box))
    return spots
