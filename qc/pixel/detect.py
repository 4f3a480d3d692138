"""From a map of probabilities to spots: threshold with hysteresis, connected components, centroids."""

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from qc.pixel.grouping import Places, group_places, list_places, members

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
    places = list_places(probability >= min(threshold, FRINGE))
    values = probability[places]
    groups = group_places(places, shape=probability.shape)
    is_lit = np.isin(groups, groups[values >= threshold])
    ys, xs, values = places.ys[is_lit], places.xs[is_lit], values[is_lit]
    spots = [
        spot
        for group in members(groups[is_lit])
        for spot in _find_in(Places(ys[group], xs[group]), values[group], threshold=threshold)
    ]
    return sorted(spots, key=lambda spot: (spot.box[1], spot.box[0]))


def _find_in(places: Places, values: NDArray[np.float32], *, threshold: float) -> Iterator[FoundSpot]:
    """Spots of some pixels that lie near each other."""
    top, left = int(places.ys.min()), int(places.xs.min())
    lit = np.zeros((int(places.ys.max()) - top + 1, int(places.xs.max()) - left + 1), dtype=np.uint8)
    at = places.ys - top, places.xs - left
    lit[at] = 1
    labels = cv2.connectedComponents(cv2.dilate(lit, _NEAR), connectivity=8)[1][at]
    for label in np.unique(labels[values >= threshold]).tolist():
        own = labels == label
        ys, xs, weights = places.ys[own], places.xs[own], values[own].astype(np.float64)
        box = (int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1)
        x, y = (float((weights * each).sum() / weights.sum()) for each in (xs, ys))
        yield FoundSpot(x, y, len(weights), float(weights.max()), box)
