"""Squares of a picture, turned and scaled to what a network wants to see, and the way back."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray


class Square(NamedTuple):
    """A square of the picture: ``middle`` (x, y) and side in pixels, and its turn clockwise in radians."""

    middle: NDArray[np.float64]
    side_px: float
    turn: float = 0.0


def map_to_picture(square: Square, *, side_px: int, is_mirrored: bool = False) -> NDArray[np.float64]:
    """The affine map (2, 3) from a network's pixels, 0–``side_px`` from edge to edge, to the picture's."""
    scale = square.side_px / side_px
    cosine, sine = np.cos(square.turn) * scale, np.sin(square.turn) * scale
    matrix = np.array([[cosine, -sine], [sine, cosine]])
    if is_mirrored:
        matrix[:, 0] *= -1
    shift = square.middle - matrix @ np.array([side_px / 2, side_px / 2])
    return np.column_stack([matrix, shift])


def apply_map(affine: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points ``(N, 2)`` moved by an affine map (2, 3)."""
    return np.asarray(points @ affine[:, :2].T + affine[:, 2])


def cut_square(rgb: NDArray[np.uint8], to_picture: NDArray[np.float64], *, side_px: int) -> NDArray[np.float32]:
    """What a network sees: ``float32 (1, 3, side_px, side_px)``, 0–1; beyond the picture its border goes on."""
    # The map speaks of edges of pixels, OpenCV of their centres.
    by_centres = to_picture.copy()
    by_centres[:, 2] += to_picture[:, :2] @ (0.5, 0.5) - 0.5
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    cut = cv2.warpAffine(rgb, by_centres, (side_px, side_px), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.ascontiguousarray(cut.transpose(2, 0, 1)[None].astype(np.float32) / 255)
