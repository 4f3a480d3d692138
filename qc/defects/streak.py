"""A straight lit streak."""

import numpy as np
from numpy.typing import NDArray

from qc.defects.path import draw_path, steps
from qc.defects.tint import tint


class Streak:
    """A straight line of 3–12 px at any angle, as the track of a particle through the sensor; it may fall off."""

    name = "streak"

    def draw(self, rng: np.random.Generator) -> NDArray[np.float32]:
        """Draw it: ``float32 (h, w, 3)``."""
        length, angle = rng.uniform(3, 12), rng.uniform(0, np.pi)
        points = steps(length)[:, None] * length * np.array([np.cos(angle), np.sin(angle)])
        weights = draw_path(points, sigma_px=float(rng.uniform(0.35, 0.6)), fall=float(rng.uniform(0, 0.7)))
        return tint(weights, rng=rng)
