"""A lit arc."""

import numpy as np
from numpy.typing import NDArray

from qc.defects.path import draw_path, steps
from qc.defects.tint import tint


class Arc:
    """A part of a circle: radius 2.5–7 px, a sixth to half of the way round."""

    name = "arc"

    def draw(self, rng: np.random.Generator) -> NDArray[np.float32]:
        """Draw it: ``float32 (h, w, 3)``."""
        radius, start, turn = rng.uniform(2.5, 7), rng.uniform(0, 2 * np.pi), rng.uniform(np.pi / 3, np.pi)
        angle = start + turn * steps(radius * turn)
        points = radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        weights = draw_path(points, sigma_px=float(rng.uniform(0.35, 0.6)), fall=float(rng.uniform(0, 0.5)))
        return tint(weights, rng=rng)
