"""From the stored picture to the upright one with square pixels, and to the sizes in between."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from av.sidedata.sidedata import SideData
from av.video.frame import VideoFrame

SQUARE_WITHIN_PX = 1.0  # a pixel aspect that moves the picture's edge by less than this is square
WIDEST_ASPECT = 8  # a pixel eight times as wide as high is a damaged header, not a lens


class Orientation(NamedTuple):
    """Flip left to right first where is_mirrored, then turn clockwise by rotation_deg (0, 90, 180, 270)."""

    rotation_deg: int
    is_mirrored: bool


def orientation(picture: VideoFrame) -> Orientation:
    """How a decoded picture has to be turned, from the display matrix (ISO 14496-12, 8.3.2) it carries."""
    matrix = picture.side_data.get("DISPLAYMATRIX")
    if not isinstance(matrix, SideData):
        return Orientation(0, False)
    a, b, _, c, d = np.frombuffer(bytes(matrix), dtype=np.int32)[:5].tolist()
    is_mirrored = a * d - b * c < 0
    turn = math.degrees(math.atan2(-b, -a) if is_mirrored else math.atan2(b, a))
    return Orientation(round(turn / 90) * 90 % 360, is_mirrored)


def upright_size(width: int, height: int, *, sample_aspect: Fraction, rotation_deg: int) -> tuple[int, int]:
    """Width and height, in square pixels and upright, of a stored picture.

    Pixels are made square by stretching the side that holds fewer of them, as browsers do, so that no
    stored detail is lost; aspects that mean less than a pixel, or are absurd, count as square.
    """
    if 1 < sample_aspect <= WIDEST_ASPECT and width * (sample_aspect - 1) >= SQUARE_WITHIN_PX:
        width = round(width * sample_aspect)
    elif Fraction(1, WIDEST_ASPECT) <= sample_aspect < 1 and height * (1 / sample_aspect - 1) >= SQUARE_WITHIN_PX:
        height = round(height / sample_aspect)
    return (height, width) if rotation_deg in (90, 270) else (width, height)


def scaled_size(width: int, height: int, *, max_side_px: int | None) -> tuple[int, int]:
    """Size after scaling down until the longer side is at most max_side_px: even sides, never enlarged.

    A picture that is small enough already keeps its size, even an odd one.
    """
    if max_side_px is None or max(width, height) <= max_side_px:
        return width, height
    scale = max_side_px / max(width, height)
    return min(_even(width * scale), width), min(_even(height * scale), height)


def _even(length_px: float) -> int:
    return max(2, 2 * math.floor(length_px / 2 + 0.5))
