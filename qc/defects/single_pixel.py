"""One lit pixel."""

import numpy as np
from numpy.typing import NDArray

from qc.defects.tint import tint


class SinglePixel:
    """The smallest pixel error there is."""

    name = "pixel"

    def draw(self, rng: np.random.Generator) -> NDArray[np.float32]:
        """Draw it: ``float32 (1, 1, 3)``."""
        return tint(np.ones((1, 1)), rng=rng)
