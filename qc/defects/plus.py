"""A lit pixel whose upright neighbours are lit, too."""

import numpy as np
from numpy.typing import NDArray

from qc.defects.tint import tint


class Plus:
    """A plus of three by three pixels, as charge leaks to the next sites; sometimes one pixel longer."""

    name = "plus"

    def draw(self, rng: np.random.Generator) -> NDArray[np.float32]:
        """Draw it: ``float32 (3, 3, 3)`` or ``(5, 5, 3)``."""
        arm = int(rng.choice((1, 1, 2)))
        distance = np.abs(np.arange(-arm, arm + 1))
        weights = np.zeros((2 * arm + 1, 2 * arm + 1))
        weights[arm] = weights[:, arm] = rng.uniform(0.3, 1.0) ** distance
        return tint(weights, rng=rng)
