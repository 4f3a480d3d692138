"""What a copy of a picture is worth as a copy: its detail, its compression and what is written on it."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.media.colour import to_gray

WINDOW_PX = 768
"""Side of the middle part that is looked at, in the picture's own pixels."""
_GRID_PX = 8


class QualityFacts(NamedTuple):
    """``detail``: how much of the contrast lies in the finest detail, 0–1, low where a picture was enlarged or is
    blurred; ``blockiness``: how much steps of brightness on the 8-pixel grid of JPEG exceed the others, from 0;
    ``lettering_unit``: share of the area that is lettered."""

    detail: float
    blockiness: float
    lettering_unit: float


def measure_quality(rgb: NDArray[np.uint8], *, lettering_unit: float) -> QualityFacts:
    """Measure ``uint8 (H, W, 3)`` in its middle at its own resolution; see ``QualityFacts``."""
    luma = to_gray(_middle(rgb)).astype(np.float32)
    spread = float(luma.std())
    fine = luma - np.asarray(cv2.GaussianBlur(luma, (0, 0), 1.0), dtype=np.float32)
    # The finest band of a noise-free photograph holds up to about a fifth of its contrast.
    detail = min(float(fine.std()) / (0.2 * spread), 1.0) if spread > 1 else 0.0
    return QualityFacts(*(float(np.float32(value)) for value in (detail, _blockiness(luma), lettering_unit)))


def _middle(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The middle part, cut on the grid of JPEG."""
    top, left = (max((side - WINDOW_PX) // 2, 0) // _GRID_PX * _GRID_PX for side in rgb.shape[:2])
    return np.ascontiguousarray(rgb[top : top + WINDOW_PX, left : left + WINDOW_PX])


def _blockiness(luma: NDArray[np.float32]) -> float:
    """Excess of the steps on the grid's lines over the others, after Wang, Sheikh & Bovik (2002), 0–1."""
    excess = []
    for pixels in (luma, luma.T):
        steps = np.abs(np.diff(pixels, axis=1)).mean(axis=0)
        if len(steps) < 2 * _GRID_PX:
            return 0.0
        on_grid = np.arange(1, len(steps) + 1) % _GRID_PX == 0
        excess.append(float(steps[on_grid].mean() / (steps[~on_grid].mean() + 0.5)) - 1)
    return float(np.clip(np.mean(excess), 0, 1))
