"""Two lit lines that meet at a right angle."""

import numpy as np
from numpy.typing import NDArray

from qc.defects.path import draw_path, steps
from qc.defects.tint import tint


class LShape:
    """Two arms of 2–7 px along a row and a column of the sensor, as charge runs along both."""

    name = "l_shape"

    def draw(self, rng: np.random.Generator) -> NDArray[np.float32]:
        """Draw it: ``float32 (h, w, 3)``."""
        upright, level = rng.integers(2, 8, 2) * rng.choice((-1, 1), 2)
        down = np.outer(steps(abs(float(upright)))[::-1], (0.0, float(upright)))
        right = np.outer(steps(abs(float(level))), (float(level), 0.0))
        weights = draw_path(np.concatenate([down, right]), sigma_px=float(rng.uniform(0.35, 0.5)))
        return tint(weights, rng=rng)
