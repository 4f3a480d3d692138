"""Four lit pixels in a square."""

import numpy as np
from numpy.typing import NDArray

from qc.defects.tint import tint


class Square:
    """Two by two pixels, as where four sensor sites are read as one; top to bottom it may fall off a little."""

    name = "2x2"

    def draw(self, rng: np.random.Generator) -> NDArray[np.float32]:
        """Draw it: ``float32 (2, 2, 3)``."""
        weights = np.ones((2, 2))
        weights[int(rng.integers(2))] = rng.uniform(0.6, 1.0)
        return tint(weights, rng=rng)
