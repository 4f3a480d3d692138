"""Light added to a picture: linear amounts of it, and levels again."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.annotate.linear_light import to_linear

LUMA = np.array([0.2126, 0.7152, 0.0722])
"""Weights of red, green and blue in luma (ITU-R BT.709-6, 3.2)."""
_GAINS = np.concatenate([[0.0], np.geomspace(1e-4, 1.2, 80)])


class Lit(NamedTuple):
    """A part of a picture with light added, ``uint8 (h, w, 3)``, and by how many levels its luma rose at the peak."""

    levels: NDArray[np.uint8]
    amplitude: float


def to_levels(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """sRGB levels 0–255 of light 0–1 of any shape (IEC 61966-2-1); light beyond that is cut, as a camera cuts it."""
    light = np.clip(light, 0, 1)
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.power(light, 1 / 2.4) - 0.055)


def add_light(
    part: NDArray[np.uint8], shape: NDArray[np.float32], *, amplitude: float, linear_light: bool = True
) -> Lit:
    """Add light of a shape to a part of a picture ``uint8 (h, w, 3)``.

    ``shape``: weights ``float32 (h, w, 3)``. The light is as strong as raises the luma of the shape's strongest pixel
    by ``amplitude`` levels, or as far as white. ``linear_light`` False adds levels instead of light.
    """
    strongest = np.unravel_index(int(np.argmax(shape @ LUMA)), shape.shape[:2])
    ground = to_linear(part.astype(np.float64)) if linear_light else part / 255.0
    tried = ground[strongest] + _GAINS[:, None] * shape[strongest]
    luma = (to_levels(tried) if linear_light else 255 * np.clip(tried, 0, 1)) @ LUMA
    target = min(luma[0] + amplitude, luma[-1] - 0.25)
    # Luma stays the same once all channels are full; interpolation wants it to rise.
    gain = float(np.interp(target, luma + 1e-9 * np.arange(len(luma)), _GAINS))
    lit = ground + gain * shape
    levels = np.round(to_levels(lit) if linear_light else 255 * np.clip(lit, 0, 1)).astype(np.uint8)
    return Lit(levels, float((levels[strongest] - part[strongest].astype(np.float64)) @ LUMA))
