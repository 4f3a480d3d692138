"""From a map of probabilities to spots: threshold, connected components, centroids."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray


class FoundSpot(NamedTuple):
    """One component above the threshold: centroid weighted by probability in pixels, size, highest probability,
    and its box (x0, y0, x1, y1), half-open."""

    x: float
    y: float
    area_px: int
    peak: float
    box: tuple[int, int, int, int]


def find_spots(probability: NDArray[np.float32], *, threshold: float) -> list[FoundSpot]:
    """Components, joined over corners too, of what reaches ``threshold`` in ``float32 (H, W)``, row by row."""
    lit = (probability >= threshold).view(np.uint8)
    left, top, width, height = cv2.boundingRect(lit)
    if not width:
        return []
    # Labelling a whole picture costs more than judging one.
    probability = probability[top : top + height, left : left + width]
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        lit[top : top + height, left : left + width], connectivity=8
    )
    spots = []
    for number in range(1, count):
        x0, y0, width, height, area = (int(value) for value in stats[number])
        inside = labels[y0 : y0 + height, x0 : x0 + width] == number
        weights = np.where(inside, probability[y0 : y0 + height, x0 : x0 + width], 0).astype(np.float64)
        total = weights.sum()
        x0, y0 = x0 + left, y0 + top
        y = y0 + float((weights.sum(axis=1) @ np.arange(height)) / total)
        x = x0 + float((weights.sum(axis=0) @ np.arange(width)) / total)
        spots.append(FoundSpot(x, y, area, float(weights.max()), (x0, y0, x0 + width, y0 + height)))
    return spots
