"""Lines: straight edges of a picture, its horizon and how far it is tilted."""

import math
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

FINE_SIDE_PX, COARSE_SIDE_PX = 480, 160
"""Sizes at which edges are looked for: the coarse one finds the soft horizons of hazy seas and defocused ground."""

LEAST_LENGTH_UNIT = 0.04
LEAST_COARSE_LENGTH_UNIT = 0.1
"""Shorter segments, as shares of the longer side, are texture."""

SMALLEST_SIDE_PX = 8
MOST_TILT_DEG = 15.0
"""Lines steeper than this are slopes and diagonals, not a horizon held at a slant."""

DIAGONAL_WITHIN_DEG = (25.0, 65.0)
AGREE_WITHIN_DEG = 1.5
AGREE_WITHIN_UNIT = 0.012
"""Segments within these of a line through the frame belong to it."""

LEAST_HORIZON_UNIT, MORE_A_DEGREE_UNIT = 0.35, 0.03
"""Share of the frame's width that the segments of a horizon cover together, at the least, and how much more they must
for each degree of tilt: kerbs and walls seen at an angle are seldom as long."""

RIM_UNIT = 0.05
"""Lines this near to the top or bottom, as a share of the height, are the rim of a print or of a frame within."""

UPRIGHT_WITHIN_DEG = 15.0
LEAST_UPRIGHT_UNIT = 1.0
MOST_DISAGREEMENT_DEG = 5.0
"""Upright edges, where they are a frame's height long together, tell how the camera was held: a line that leans by so
much more than they do is a street or a shore seen at an angle."""

MUCH_LINE_UNIT = 12.0


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


def find_segments(luma: NDArray[np.uint8], *, side_px: int = FINE_SIDE_PX) -> Segments:
    """Straight edges of luma ``uint8 (H, W)`` (LSD, Grompone von Gioi et al. 2010), those of texture left out.

    Larger pictures are looked at with a longer side of ``side_px``.
    """
    longer = max(luma.shape)
    scale = min(side_px / longer, 1.0)
    if min(luma.shape) * scale < SMALLEST_SIDE_PX:
        return _segments(np.empty((0, 4)))
    size = (max(round(luma.shape[1] * scale), 1), max(round(luma.shape[0] * scale), 1))
    small = luma if scale == 1 else np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    found: NDArray[np.float32] | None = cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD).detect(small)[0]  # type: ignore[assignment]
    ends = np.empty((0, 4)) if found is None else found.reshape(-1, 4).astype(np.float64)
    factors = np.array([luma.shape[1] / size[0], luma.shape[0] / size[1]] * 2)
    # LSD calls the middle of the first pixel 0.
    segments = _segments((ends + 0.5) * factors)
    least = LEAST_LENGTH_UNIT if side_px > COARSE_SIDE_PX else LEAST_COARSE_LENGTH_UNIT
    return _choose(segments, segments.length_px >= least * longer)


def _choose(segments: Segments, chosen: NDArray[np.bool_]) -> Segments:
    return Segments(*(values[chosen] for values in segments))


def _segments(ends: NDArray[np.float64]) -> Segments:
    ends = np.where((ends[:, 0] > ends[:, 2])[:, None], ends[:, [2, 3, 0, 1]], ends)
    across, down = ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1]
    return Segments(ends, np.hypot(across, down), np.degrees(np.arctan2(down, across)))


def find_horizon(luma: NDArray[np.uint8], *, segments: Segments) -> Horizon:
    """The line near horizontal whose segments cover most of the frame's width; none where they cover too little.

    ``segments`` are those of the same luma ``uint8 (H, W)``; soft edges, seen at a coarse size only, are added. Every
    segment proposes its own line; those in agreement with it are counted by the share of the frame's width they
    cover, and the best proposal is fitted to them. A line that upright edges speak against is none.
    """
    height, width = luma.shape
    coarse = find_segments(luma, side_px=COARSE_SIDE_PX)
    both = Segments(*(np.concatenate(pair) for pair in zip(segments, coarse, strict=True)))
    middle = (both.ends[:, 1] + both.ends[:, 3]) / 2 / height
    flat = _choose(both, (np.abs(both.slope_deg) <= MOST_TILT_DEG) & (np.abs(middle - 0.5) < 0.5 - RIM_UNIT))
    line, cover = _best_supported(flat, width=width, height=height)
    if cover < LEAST_HORIZON_UNIT:
        return NO_HORIZON
    horizon = _fit(_choose(flat, line), middle_x=width / 2)
    if cover < LEAST_HORIZON_UNIT + MORE_A_DEGREE_UNIT * abs(horizon.tilt_deg):
        return NO_HORIZON
    roll_deg = _roll_of_uprights(segments, height=height)
    return horizon if abs(horizon.tilt_deg - roll_deg) <= MOST_DISAGREEMENT_DEG or math.isnan(roll_deg) else NO_HORIZON


def _best_supported(flat: Segments, *, width: int, height: int) -> tuple[NDArray[np.bool_], float]:
    """Which segments lie on the line with most support, and the share of the frame's width that they cover."""
    middle_x, middle_y = (flat.ends[:, 0] + flat.ends[:, 2]) / 2, (flat.ends[:, 1] + flat.ends[:, 3]) / 2
    best, best_cover = np.zeros(len(flat.ends), dtype=bool), 0.0
    for x, y, slope_deg in zip(middle_x, middle_y, flat.slope_deg, strict=True):
        expected = y + (middle_x - x) * math.tan(math.radians(slope_deg))
        agree = np.abs(middle_y - expected) <= AGREE_WITHIN_UNIT * max(width, height)
        agree &= np.abs(flat.slope_deg - slope_deg) <= AGREE_WITHIN_DEG
        cover = _covered(flat.ends[agree], width=width)
        if cover > best_cover:
            best, best_cover = agree, cover
    return best, best_cover


def _roll_of_uprights(segments: Segments, *, height: int) -> float:
    """How far upright edges lean, as the tilt of a horizon at right angles to them; NaN where they are too few.

    Edges converge upwards or downwards when the camera looks up or down, alike on both sides: the median holds.
    """
    lean_deg = segments.slope_deg - np.where(segments.slope_deg > 0, 90, -90)
    upright = np.abs(lean_deg) <= UPRIGHT_WITHIN_DEG
    length = segments.length_px[upright]
    if length.sum() < LEAST_UPRIGHT_UNIT * height:
        return math.nan
    order = np.argsort(lean_deg[upright], kind="stable")
    half = np.searchsorted(np.cumsum(length[order]), length.sum() / 2)
    return float(lean_deg[upright][order][half])


def _covered(ends: NDArray[np.float64], *, width: int) -> float:
    """Share of the frame's width that lies under any of the segments."""
    columns = np.zeros(width + 1, dtype=np.int64)
    first, last = (np.clip(np.round(ends[:, side]).astype(np.int64), 0, width) for side in (0, 2))
    np.add.at(columns, first, 1)
    np.add.at(columns, last, -1)
    return float((np.cumsum(columns[:-1]) > 0).mean())


def _fit(line: Segments, *, middle_x: float) -> Horizon:
    """Slope and height of agreeing segments: their mean direction, weighted by the square of their length, as a
    long one is known the better."""
    squared = line.length_px**2
    tilt_deg = float((line.slope_deg * squared).sum() / squared.sum())
    x, y = (line.ends[:, 0] + line.ends[:, 2]) / 2, (line.ends[:, 1] + line.ends[:, 3]) / 2
    heights = y + (middle_x - x) * math.tan(math.radians(tilt_deg))
    return Horizon(tilt_deg, float((heights * line.length_px).sum() / line.length_px.sum()))


def measure_line_strength(segments: Segments, *, width: int, height: int) -> float:
    """Length of all straight edges in shares of twelve times the frame's half perimeter, at most 1: nearly none in a
    landscape, most in architecture."""
    return min(float(segments.length_px.sum()) / (MUCH_LINE_UNIT * (width + height)), 1.0)


def measure_diagonal_share(segments: Segments) -> float:
    """Share of the length of straight edges that runs diagonally, 25–65° to the horizontal; 0 without any."""
    total = float(segments.length_px.sum())
    steep = np.abs(segments.slope_deg)
    diagonal = (steep >= DIAGONAL_WITHIN_DEG[0]) & (steep <= DIAGONAL_WITHIN_DEG[1])
    return float(segments.length_px[diagonal].sum()) / total if total else 0.0
