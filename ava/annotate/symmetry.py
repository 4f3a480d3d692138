"""Symmetry: how far one half of a picture mirrors the other."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.media.colour import to_lab

SIDE_PX = 64
BLUR_SIGMA_PX = 1.2
"""Mirrored things are never mirrored to the pixel; this forgives a 50th of the frame."""

MOST_SHIFT_UNIT = 0.04
"""How far off the frame's middle the axis may lie."""

FAINT_SIGMA = 6.0
"""Lab levels of contrast at which symmetry counts half: a lens's shading mirrors itself in every picture."""


def measure_symmetry(rgb: NDArray[np.uint8], *, axis: int) -> float:
    """How far RGB ``uint8 (H, W, 3)`` mirrors itself, 0–1: left and right for ``axis`` 1, top and bottom for 0.

    The correlation of the picture with its mirror image over the Lab channels, at 64 px, as is usual for global
    reflection symmetry, with what is alike along the mirrored axis anyway taken out of both (rows or columns of one
    tone mirror trivially), for the best axis within 4 % of the middle. Faint contrast counts less; pictures without
    any have 0.
    """
    size = (SIDE_PX, SIDE_PX)
    lab = to_lab(np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)).astype(np.float32)
    picture = np.asarray(cv2.GaussianBlur(lab, (0, 0), BLUR_SIGMA_PX), dtype=np.float64)
    if axis == 0:
        picture = picture.transpose(1, 0, 2)
    picture = picture - picture.mean(axis=1, keepdims=True)
    most = round(SIDE_PX * MOST_SHIFT_UNIT * 2)
    return max(0.0, *(_mirror_correlation(picture, shift=shift) for shift in range(-most, most + 1)))


def _mirror_correlation(picture: NDArray[np.float64], *, shift: int) -> float:
    part = picture[:, max(shift, 0) : SIDE_PX + min(shift, 0)]
    energy = float(np.square(part).sum(axis=2).mean())
    return float((part * part[:, ::-1]).sum(axis=2).mean()) / (energy + FAINT_SIGMA**2)
