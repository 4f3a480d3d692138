"""The colour of a pixel error: mostly near white, now and then of one hue."""

import numpy as np
from numpy.typing import NDArray

_COLOURED_SHARE = 0.2


def tint(weights: NDArray[np.float64], *, rng: np.random.Generator) -> NDArray[np.float32]:
    """Give a shape ``(h, w)`` a colour: ``float32 (h, w, 3)`` 0–1 with a full peak in one channel.

    One in five is plainly coloured, the others vary by up to 15 % a channel, as the gains of a sensor's channels do.
    """
    least = 0.15 if rng.random() < _COLOURED_SHARE else 0.85
    colour = rng.uniform(least, 1.0, 3)
    coloured = weights[..., None] * colour
    return np.asarray(coloured / coloured.max(), dtype=np.float32)
