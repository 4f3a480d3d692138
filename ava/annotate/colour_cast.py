"""Colour cast: how warm or cool, how green or magenta the light of a scene is."""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import AnnotationTable, RgbFrames
from ava.annotate.linear_light import to_linear

MINKOWSKI_NORM = 6
"""Finlayson & Trezzi's best norm: between the mean of the scene (1) and its brightest values (infinity)."""

ROUNDS = 2
NEUTRAL_WITHIN = 0.4
"""Log chromaticity by which a pixel may differ from the white estimated so far and still speak for it."""

LEAST_LEVEL, MOST_LEVEL = 12, 250
"""Levels outside these are crushed or clipped and have lost the light's colour."""

COOLEST_K, WARMEST_K = 12_500.0, 2_000.0
"""The range that McCamy's formula is good for; estimates are held within it."""

MOST_TINT = 0.05
D65_XY = (0.3127, 0.3290)


class ColourCast:
    """``temperature_k``: correlated colour temperature of the scene's white in kelvin, 2,000 (warm, orange) to 12,500
    (cool, blue); ``tint``: its distance from the Planckian locus less that of D65, in CIE 1960 uv, −0.05
    (magenta) to 0.05 (green). Greys and frames without usable light have D65's 6,505 K and 0.
    """

    name = "colour_cast"
    version = 1
    columns: tuple[str, ...] = ("temperature_k", "tint")
    max_side_px = 40
    halo = 0

    def load(self) -> None:
        """Nothing to load."""

    def annotate(self, frames: RgbFrames, *, frame_index: NDArray[np.int64]) -> AnnotationTable:
        """Measure ``uint8 (T, H, W, 3)``; see the class for units and ranges."""
        casts = [describe_white(estimate_white(rgb)) for rgb in frames]
        return AnnotationTable(frame_index, np.array(casts, dtype=np.float32).reshape(-1, 2))


class Cast(NamedTuple):
    """Correlated colour temperature in kelvin, and tint (see ``ColourCast``)."""

    temperature_k: float
    tint: float


def estimate_white(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The scene's white as linear red, green and blue ``float64 (3,)`` of largest 1, from RGB ``uint8 (H, W, 3)``.

    Shades of grey (Finlayson & Trezzi 2004: a Minkowski norm of each channel), then twice again with each pixel
    weighted by how near it is to the white found so far, so that a lawn or a red wall does not count as light (after
    the grey points of Huo et al. 2006).
    """
    pixels = rgb.reshape(-1, 3)
    brightest = pixels.max(axis=1)
    pixels = pixels[(brightest >= LEAST_LEVEL) & (brightest <= MOST_LEVEL)]
    if not len(pixels):
        return np.ones(3)
    powers, logs = (table[pixels] for table in _light_tables())
    log_chroma = logs[:, ::2] - logs[:, 1:2]
    log_white = np.log(powers.mean(axis=0)) / MINKOWSKI_NORM
    for _ in range(ROUNDS):
        distance = np.square(log_chroma - (log_white[::2] - log_white[1])).sum(axis=1)
        weights = np.exp(distance / -(NEUTRAL_WITHIN**2)) + 1e-6
        # Not a matrix product: its last bit depends on where in memory the pixels happen to lie.
        log_white = np.log((weights[:, None] * powers).sum(axis=0) / weights.sum()) / MINKOWSKI_NORM
    return np.asarray(np.exp(log_white - log_white.max()), dtype=np.float64)


@cache
def _light_tables() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Light to the power of the norm and the logarithm of light, of each of 256 levels; black counts as level 1."""
    light = to_linear(np.maximum(np.arange(256.0), 1))
    return light**MINKOWSKI_NORM, np.log(light)


def describe_white(white: NDArray[np.float64]) -> Cast:
    """Temperature and tint of a white of linear sRGB ``(3,)``, not all 0.

    McCamy (1992) for the temperature; the polynomial of ANSI C78.377 for the distance from the Planckian locus
    (Ohno 2014).
    """
    x, y = _chromaticity(white)
    tint = _planckian_distance(x, y) - _planckian_distance(*D65_XY)
    return Cast(_mccamy(x, y), min(max(tint, -MOST_TINT), MOST_TINT))


def _chromaticity(linear: NDArray[np.float64]) -> tuple[float, float]:
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    cie_x, cie_y, cie_z = (to_xyz @ linear).tolist()
    total = cie_x + cie_y + cie_z
    return cie_x / total, cie_y / total


def _mccamy(x: float, y: float) -> float:
    # Beyond its epicentre the formula turns round; colours there are bluer or more purple than any white.
    if y <= 0.1858 + 1e-3:
        return COOLEST_K if x < 0.3320 else WARMEST_K
    n = (x - 0.3320) / (0.1858 - y)
    kelvin = 449 * n**3 + 3525 * n**2 + 6823.3 * n + 5520.33
    return min(max(kelvin, WARMEST_K), COOLEST_K)


def _planckian_distance(x: float, y: float) -> float:
    """Duv: distance from the Planckian locus in CIE 1960 uv, positive above it (greenish)."""
    divisor = -2 * x + 12 * y + 3
    u, v = 4 * x / divisor - 0.292, 6 * y / divisor - 0.240
    length = float(np.hypot(u, v))
    angle = float(np.arccos(np.clip(u / max(length, 1e-9), -1, 1)))
    locus = np.polyval([-0.00616793, 0.0893944, -0.5179722, 1.5317403, -2.4243787, 1.925865, -0.471106], angle)
    return length - float(locus)
