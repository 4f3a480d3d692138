"""Lines: straight edges of a picture, its horizon and how far it is tilted."""

import math
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

WORKING_SIDE_PX = 480
LEAST_LENGTH_UNIT = 0.04
"""Shorter segments, as a share of the longer side, are texture."""

MOST_TILT_DEG = 20.0
"""Lines steeper than this are slopes and diagonals, not a horizon held at a slant."""

DIAGONAL_WITHIN_DEG = (25.0, 65.0)
AGREE_WITHIN_DEG = 1.5
AGREE_WITHIN_UNIT = 0.012
"""Segments within these of a line through the frame belong to it."""

LEAST_HORIZON_UNIT = 0.3
"""Share of the frame's width that the segments of a horizon cover together, at the least."""


class Segments(NamedTuple):
    """Straight edges: ``ends`` ``float64 (N, 4)`` x0, y0, x1, y1 with x0 ≤ x1, in the pixels of the picture they
    were found in; ``length_px`` ``(N,)``; ``slope_deg`` ``(N,)`` −90–90, positive where a line falls to the right."""

    ends: NDArray[np.float64]
    length_px: NDArray[np.float64]
    slope_deg: NDArray[np.float64]


class Horizon(NamedTuple):
    """The dominant line near horizontal: its ``tilt_deg`` (positive where it falls to the right) and its
    height ``y`` in pixels at the middle of the frame; both NaN where there is none."""

    tilt_deg: float
    y: float


NO_HORIZON = Horizon(math.nan, math.nan)


def find_segments(luma: NDArray[np.uint8]) -> Segments:
    """Straight edges of luma ``uint8 (H, W)`` (LSD, Grompone von Gioi et al. 2010), the short ones left out.

    Larger pictures are looked at with a longer side of 480 px.
    """
    longer = max(luma.shape)
    scale = min(WORKING_SIDE_PX / longer, 1.0)
    if min(luma.shape) * scale < 8:
        return _segments(np.empty((0, 4)))
    size = (max(round(luma.shape[1] * scale), 1), max(round(luma.shape[0] * scale), 1))
    small = luma if scale == 1 else np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    found: NDArray[np.float32] | None = cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD).detect(small)[0]  # type: ignore[assignment]
    ends = np.empty((0, 4)) if found is None else found.reshape(-1, 4).astype(np.float64)
    factors = np.array([luma.shape[1] / size[0], luma.shape[0] / size[1]] * 2)
    segments = _segments(ends * factors)
    keep = segments.length_px >= LEAST_LENGTH_UNIT * longer
    return Segments(segments.ends[keep], segments.length_px[keep], segments.slope_deg[keep])


def _segments(ends: NDArray[np.float64]) -> Segments:
    ends = np.where((ends[:, 0] > ends[:, 2])[:, None], ends[:, [2, 3, 0, 1]], ends)
    across, down = ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1]
    return Segments(ends, np.hypot(across, down), np.degrees(np.arctan2(down, across)))


def find_horizon(segments: Segments, *, width: int, height: int) -> Horizon:
    """The line near horizontal whose segments cover most of the frame's width; none where they cover too little.

    Every segment proposes its own line; those in agreement with it are counted by the share of the frame's
    width they cover, and the best proposal is fitted to them by length-weighted least squares.
    """
    flat = np.abs(segments.slope_deg) <= MOST_TILT_DEG
    ends, length, slope = segments.ends[flat], segments.length_px[flat], segments.slope_deg[flat]
    middle_x, middle_y = (ends[:, 0] + ends[:, 2]) / 2, (ends[:, 1] + ends[:, 3]) / 2
    best, best_cover = np.zeros(len(ends), dtype=bool), 0.0
    for number in range(len(ends)):
        expected = middle_y[number] + (middle_x - middle_x[number]) * math.tan(math.radians(slope[number]))
        agree = np.abs(middle_y - expected) <= AGREE_WITHIN_UNIT * max(width, height)
        agree &= np.abs(slope - slope[number]) <= AGREE_WITHIN_DEG
        cover = _covered(ends[agree], width=width)
        if cover > best_cover:
            best, best_cover = agree, cover
    if best_cover < LEAST_HORIZON_UNIT:
        return NO_HORIZON
    return _fit(ends[best], length[best], slope[best], middle_x=width / 2)


def _covered(ends: NDArray[np.float64], *, width: int) -> float:
    """Share of the frame's width that lies under any of the segments."""
    columns = np.zeros(width + 1, dtype=np.int64)
    first, last = (np.clip(np.round(ends[:, side]).astype(np.int64), 0, width) for side in (0, 2))
    np.add.at(columns, first, 1)
    np.add.at(columns, last, -1)
    return float((np.cumsum(columns[:-1]) > 0).mean())


def _fit(
    ends: NDArray[np.float64], length: NDArray[np.float64], slope: NDArray[np.float64], *, middle_x: float
) -> Horizon:
    """Slope and height of agreeing segments: their mean direction, weighted by the square of their length, as a
    long one is known the better."""
    tilt_deg = float((slope * length**2).sum() / (length**2).sum())
    x, y = (ends[:, 0] + ends[:, 2]) / 2, (ends[:, 1] + ends[:, 3]) / 2
    heights = y + (middle_x - x) * math.tan(math.radians(tilt_deg))
    return Horizon(tilt_deg, float((heights * length).sum() / length.sum()))


def measure_line_strength(segments: Segments, *, width: int, height: int) -> float:
    """Length of all straight edges against the frame's half perimeter, 1 from four times that on."""
    return min(float(segments.length_px.sum()) / (4 * (width + height)), 1.0)


def measure_diagonal_share(segments: Segments) -> float:
    """Share of the length of straight edges that runs diagonally, 25–65° to the horizontal; 0 without any."""
    total = float(segments.length_px.sum())
    steep = np.abs(segments.slope_deg)
    diagonal = (steep >= DIAGONAL_WITHIN_DEG[0]) & (steep <= DIAGONAL_WITHIN_DEG[1])
    return float(segments.length_px[diagonal].sum()) / total if total else 0.0
