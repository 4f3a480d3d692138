"""Linear light: sRGB levels as amounts of light."""

import numpy as np
from numpy.typing import NDArray


def to_linear(srgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """Light 0–1 of sRGB levels 0–255 of any shape (IEC 61966-2-1)."""
    level = srgb / 255
    return np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
