"""Rendered worlds in light of known colour."""

import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 640, 360
SURFACES = 80
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def light_of(kelvin: float) -> NDArray[np.float64]:
    """Linear sRGB ``(3,)`` of largest 1 of a black body of 1,667–25,000 K (Kim et al. 2002, cubic splines)."""
    inverse = 1e3 / kelvin
    warm, cool = (-0.2661239, -0.2343589, 0.8776956, 0.179910), (-3.0258469, 2.1070379, 0.2226347, 0.240390)
    x = np.polyval(warm if kelvin < 4000 else cool, inverse)
    if kelvin < 2222:
        y = np.polyval((-1.1063814, -1.34811020, 2.18555832, -0.20219683), x)
    elif kelvin < 4000:
        y = np.polyval((-0.9549476, -1.37418593, 2.09137015, -0.16748867), x)
    else:
        y = np.polyval((3.0817580, -5.87338670, 3.75112997, -0.37001483), x)
    linear = np.linalg.solve(TO_XYZ, np.array([x / y, 1.0, (1 - x - y) / y]))
    return np.asarray(linear / linear.max(), dtype=np.float64)


def paint_world(seed: int) -> NDArray[np.float64]:
    """Reflectances ``float64 (360, 640, 3)``, 0–1: one ground of any colour, and 80 surfaces of which four fifths are
    of modest chroma, as in the real world."""
    rng = np.random.default_rng(seed)
    world = np.empty((HEIGHT, WIDTH, 3))
    world[:] = rng.uniform(0.05, 0.6, 3)
    for _ in range(SURFACES):
        spread = 0.25 if rng.random() < 0.8 else 0.8
        colour = np.clip(rng.uniform(0.03, 0.9) * np.exp(rng.normal(0, spread, 3)), 0.01, 0.95)
        centre = (int(rng.integers(0, WIDTH)), int(rng.integers(0, HEIGHT)))
        size = (int(rng.integers(8, 70)), int(rng.integers(8, 60)))
        cv2.ellipse(world, centre, size, float(rng.uniform(0, 180)), 0, 360, colour.tolist(), -1)
    return world


def to_srgb(linear: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Levels ``uint8`` of linear light, 0–1 (IEC 61966-2-1)."""
    light = np.clip(linear, 0, 1)
    level = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray((255 * level).round(), dtype=np.uint8)
