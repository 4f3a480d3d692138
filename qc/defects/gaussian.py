"""A lit dot that falls off smoothly."""

import numpy as np
from numpy.typing import NDArray

from qc.defects.tint import tint

_REACH_PX = 3


class GaussianDot:
    """A dot of sigma 0.4–1.0 px (0.9–2.4 px across at half height) whose middle lies anywhere within a pixel.

    So looks a lit site after a change of scale, or a particle that lit several sites.
    """

    name = "gaussian"

    def draw(self, rng: np.random.Generator) -> NDArray[np.float32]:
        """Draw it: ``float32 (7, 7, 3)``."""
        axis = np.arange(-_REACH_PX, _REACH_PX + 1)
        (x, y), sigma = rng.uniform(-0.5, 0.5, 2), rng.uniform(0.4, 1.0)
        weights = np.exp(-((axis[None, :] - x) ** 2 + (axis[:, None] - y) ** 2) / (2 * sigma**2))
        weights[weights < 0.01 * weights.max()] = 0
        return tint(weights, rng=rng)
