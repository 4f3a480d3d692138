"""How well a face can be seen: whether it is sharp, how bright it is, and what exposure took from it."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

NOISE_SIGMA_PX = 0.7
REBLUR_SIGMA_PX = 2.0
LEAST_ENERGY = 2.0
"""Mean squared slope, in grey levels² a pixel, below which a face shows nothing that could be sharp."""

CRUSHED, BURNT = 8, 247


class FacePicture(NamedTuple):
    """``sharpness`` 0–1, ``brightness`` mean luma 0–1, ``contrast`` from the 5th to the 95th percentile of luma
    0–1, ``clipped`` share of pixels without any drawing because they are black or white, 0–1."""

    sharpness: float
    brightness: float
    contrast: float
    clipped: float


def measure_face_picture(luma: NDArray[np.uint8], box: NDArray[np.floating]) -> FacePicture:
    """Measure the part of a luma picture ``uint8 (H, W)`` within a box x0, y0, x1, y1; zeros for an empty one."""
    height, width = luma.shape
    x0, y0, x1, y1 = (int(value) for value in np.rint(np.clip(box, 0, [width, height, width, height])))
    face = luma[y0:y1, x0:x1]
    if not face.size:
        return FacePicture(0.0, 0.0, 0.0, 0.0)
    low, high = np.percentile(face, (5, 95))
    clipped = np.mean((face <= CRUSHED) | (face >= BURNT))
    return FacePicture(_sharpness(face), float(face.mean()) / 255, float(high - low) / 255, float(clipped))


def _sharpness(face: NDArray[np.uint8]) -> float:
    """Share of squared slopes that blurring once more takes away: a soft face has little to lose.

    After Crete, Dolmiere, Ladret & Nicolas 2007, "The blur effect"; slopes are those of the slightly smoothed
    picture, because film grain must not count as drawing.
    """
    if min(face.shape) < 4:
        return 0.0
    smooth = cv2.GaussianBlur(face.astype(np.float32), (0, 0), NOISE_SIGMA_PX)
    own = _slope_energy(smooth)
    if own < LEAST_ENERGY:
        return 0.0
    return float(np.clip(1 - _slope_energy(cv2.GaussianBlur(smooth, (0, 0), REBLUR_SIGMA_PX)) / own, 0, 1))


def _slope_energy(picture: cv2.typing.MatLike) -> float:
    along_x, along_y = np.diff(picture, axis=1), np.diff(picture, axis=0)
    return float(np.square(along_x, dtype=np.float64).mean() + np.square(along_y, dtype=np.float64).mean())
