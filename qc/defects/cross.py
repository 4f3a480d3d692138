"""A lit pixel whose diagonal neighbours are lit, too."""

import numpy as np
from numpy.typing import NDArray

from qc.defects.tint import tint


class Cross:
    """A cross of three by three pixels, as sites of one colour are neighbours on the diagonal of a Bayer sensor."""

    name = "cross"

    def draw(self, rng: np.random.Generator) -> NDArray[np.float32]:
        """Draw it: ``float32 (3, 3, 3)``."""
        weights = np.zeros((3, 3))
        weights[[0, 0, 2, 2], [0, 2, 0, 2]] = rng.uniform(0.3, 1.0)
        weights[1, 1] = 1.0
        return tint(weights, rng=rng)
