"""How much of what draws the eye lies in windows, and how much their rims cut through."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from curation.layout.box import Box
from curation.layout.crop_windows import Windows
from curation.layout.interest import InterestMap

TOP_WEIGHT = 2.0
"""What the top of a window cuts off is missed more than the rest: heads and spires are there."""


class SummedInterest(NamedTuple):
    """The integral image ``float64 (h + 1, w + 1)`` of a picture's interest, ``scale`` pixels of the picture a pixel,
    and the area of the picture that counts."""

    sums: NDArray[np.float64]
    scale: float
    area: Box


def sum_up(interest: InterestMap, *, area: Box) -> SummedInterest:
    """Sum interest up; what of it is no number counts as none."""
    sums = np.asarray(cv2.integral(interest.weights, sdepth=cv2.CV_64F), dtype=np.float64)
    if not np.isfinite(sums[-1, -1]):
        known = np.nan_to_num(interest.weights, nan=0.0, posinf=0.0, neginf=0.0)
        sums = np.asarray(cv2.integral(known, sdepth=cv2.CV_64F), dtype=np.float64)
    return SummedInterest(sums, max(interest.scale, 1e-9), area)


def measure_interest_in(windows: Windows, *, interest: SummedInterest) -> NDArray[np.float64]:
    """Share 0–1 of a picture's interest that lies in each of ``(N, 4)`` windows; their share of its area where there
    is none."""
    total = float(interest.sums[-1, -1])
    if total <= 0:
        sides = (windows[:, 2:] - windows[:, :2]).astype(np.float64)
        return np.asarray(np.minimum(sides.prod(axis=1) / interest.area.area, 1.0))
    x0, y0, x1, y1 = _to_map(windows, interest)
    return np.asarray(np.clip(_sum_in(interest.sums, x0, y0, x1, y1) / total, 0, 1))


def measure_rim_interest(windows: Windows, *, interest: SummedInterest) -> NDArray[np.float64]:
    """Mean interest that the rims of each of ``(N, 4)`` windows run through, 0 where they are the picture's own.

    A crop whose rim runs through calm ground cuts nothing (Fang, Lin, Mech and Shen 2014, "Automatic image cropping
    using visual composition, boundary simplicity and content preservation models"; of an interest map here, in place
    of gradients).
    """
    x0, y0, x1, y1 = _to_map(windows, interest)
    area = interest.area
    height, width = (side - 1 for side in interest.sums.shape)
    left, right = np.maximum(x0 - 1, 0), np.minimum(x1 + 1, width)
    top, bottom = np.maximum(y0 - 1, 0), np.minimum(y1 + 1, height)
    strips = (
        (TOP_WEIGHT, windows[:, 1] > area.y0, (x0, top, x1, np.minimum(y0 + 1, height))),
        (1.0, windows[:, 3] < area.y1, (x0, np.maximum(y1 - 1, 0), x1, bottom)),
        (1.0, windows[:, 0] > area.x0, (left, y0, np.minimum(x0 + 1, width), y1)),
        (1.0, windows[:, 2] < area.x1, (np.maximum(x1 - 1, 0), y0, right, y1)),
    )
    cost = np.zeros(len(windows))
    for weight, is_inner, (from_x, from_y, to_x, to_y) in strips:
        cells = np.maximum((to_x - from_x) * (to_y - from_y), 1)
        cost += weight * is_inner * _sum_in(interest.sums, from_x, from_y, to_x, to_y) / cells
    return cost / sum(weight for weight, *_ in strips)


def _to_map(windows: Windows, interest: SummedInterest) -> NDArray[np.int64]:
    """Sides of windows as rows ``(4, N)``, in pixels of the map."""
    most = np.array(interest.sums.shape[::-1] * 2) - 1
    return np.asarray(np.clip(np.rint(windows / interest.scale).astype(np.int64), 0, most).T, dtype=np.int64)


def _sum_in(
    summed: NDArray[np.float64], x0: NDArray[np.int64], y0: NDArray[np.int64], x1: NDArray[np.int64],
    y1: NDArray[np.int64],
) -> NDArray[np.float64]:  # fmt: skip
    flat, width = summed.ravel(), summed.shape[1]
    below, above = y1 * width, y0 * width
    return np.asarray(flat.take(below + x1) - flat.take(above + x1) - flat.take(below + x0) + flat.take(above + x0))
