"""Boxes of lines from a network's map of where lettering is."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

MAP_THRESHOLD = 0.3
"""Share of lettering from which a pixel belongs to a line."""

LEAST_SCORE = 0.4
"""Mean map value inside a box below which it is not proposed; what is doubtful is left to reading and to views."""

UNCLIP_RATIO = 1.0
"""The network marks shrunken lines; each box grows by this times area over perimeter (eq. 10 of the paper)."""

LEAST_SIDE_PX = 3.0
MOST_BOXES = 200


class TiltedBox(NamedTuple):
    """A turned rectangle: ``float32 (4, 2)`` corners x, y clockwise from the top left one, and its 0–1 score."""

    corners: NDArray[np.float32]
    score: float

    @property
    def width_px(self) -> float:
        """Length along the line."""
        return float(np.hypot(*(self.corners[1] - self.corners[0])))

    @property
    def height_px(self) -> float:
        """Length across the line."""
        return float(np.hypot(*(self.corners[3] - self.corners[0])))

    @property
    def tilt_deg(self) -> float:
        """How far the line falls to the right, -90–90; negative when it rises."""
        along_x, along_y = self.corners[1] - self.corners[0]
        return float(np.degrees(np.arctan2(along_y, along_x)))

    def grown(self, margin: float) -> "TiltedBox":
        """The same box with ``margin`` times its shorter side more on every side."""
        by_px = margin * min(self.width_px, self.height_px)
        along, across = (
            (self.corners[far] - self.corners[0]) * np.float32(by_px / max(side, 1.0))
            for far, side in ((1, self.width_px), (3, self.height_px))
        )
        moves = np.stack([-along - across, along - across, along + across, across - along])
        return self._replace(corners=self.corners + moves)

    def scaled(self, factor: float) -> "TiltedBox":
        """The same box in a picture that is ``factor`` times as large."""
        return self._replace(corners=self.corners * np.float32(factor))


def find_boxes(lettering: NDArray[np.float32]) -> list[TiltedBox]:
    """Boxes of the lines in a map ``float32 (H, W)`` of 0–1 shares of lettering, from top to bottom.

    Liao, Wan, Yao, Chen & Bai (2020), "Real-time scene text detection with differentiable binarization": threshold,
    contours, smallest turned rectangle, growth by area × ratio / perimeter. A rectangle grown by a distance is a
    rectangle, so that no polygon clipping is needed.
    """
    marked = np.asarray(lettering > MAP_THRESHOLD, dtype=np.uint8)
    marked = np.asarray(cv2.dilate(marked, np.ones((2, 2), np.uint8)), dtype=np.uint8)
    contours, _ = cv2.findContours(marked, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    boxes = []
    for contour in contours:
        centre, sides, angle = cv2.minAreaRect(contour)
        if min(sides) < LEAST_SIDE_PX:
            continue
        score = _mean_inside(lettering, _corners(centre, sides, angle))
        if score >= LEAST_SCORE:
            margin = sides[0] * sides[1] * UNCLIP_RATIO / (2 * sum(sides))
            grown = (sides[0] + 2 * margin, sides[1] + 2 * margin)
            boxes.append(TiltedBox(_order_corners(_corners(centre, grown, angle)), score))
    boxes.sort(key=lambda box: (-box.score, *box.corners.ravel().tolist()))
    return sorted(boxes[:MOST_BOXES], key=lambda box: (float(box.corners[:, 1].min()), float(box.corners[:, 0].min())))


def _corners(centre: Sequence[float], sides: Sequence[float], angle_deg: float) -> NDArray[np.float32]:
    return np.asarray(cv2.boxPoints((centre, sides, angle_deg)), dtype=np.float32)


def _mean_inside(lettering: NDArray[np.float32], corners: NDArray[np.float32]) -> float:
    """Mean of the map inside a quadrilateral."""
    size = np.array(lettering.shape[::-1])
    low = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, size - 1)
    high = np.clip(np.ceil(corners.max(axis=0)).astype(int), 0, size - 1)
    inside = np.zeros((high[1] - low[1] + 1, high[0] - low[0] + 1), dtype=np.uint8)
    cv2.fillPoly(inside, [np.round(corners - low).astype(np.int32)], (1,))
    part = lettering[low[1] : high[1] + 1, low[0] : high[0] + 1]
    return float(cv2.mean(part, inside)[0])


def _order_corners(corners: NDArray[np.float32]) -> NDArray[np.float32]:
    """Clockwise from the corner that is the top left one when the box is turned by at most 45° either way."""
    along = corners[1] - corners[0]
    turns = round(float(np.degrees(np.arctan2(along[1], along[0]))) / 90)
    return np.asarray(np.roll(corners, turns, axis=0), dtype=np.float32)
