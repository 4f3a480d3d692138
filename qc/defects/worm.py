"""A lit path that winds."""

import numpy as np
from numpy.typing import NDArray

from qc.defects.path import draw_path, steps
from qc.defects.tint import tint


class Worm:
    """A winding path of 5–14 px, as of an electron that is scattered in the sensor."""

    name = "worm"

    def draw(self, rng: np.random.Generator) -> NDArray[np.float32]:
        """Draw it: ``float32 (h, w, 3)``."""
        along = steps(float(rng.uniform(5, 14)))
        swing, waves, phase = rng.uniform(0.4, 1.4), rng.uniform(0.5, 1.5), rng.uniform(0, 2 * np.pi)
        heading = rng.uniform(0, 2 * np.pi) + swing * np.sin(2 * np.pi * waves * along + phase)
        points = np.cumsum(0.5 * np.stack([np.cos(heading), np.sin(heading)], axis=1), axis=0)
        weights = draw_path(points, sigma_px=float(rng.uniform(0.35, 0.6)), fall=float(rng.uniform(0, 0.5)))
        return tint(weights, rng=rng)
