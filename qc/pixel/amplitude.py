"""How far a spot stands above what surrounds it."""

import numpy as np
from numpy.typing import NDArray

_GAP_PX = 2
_RING_PX = 3


def measure_amplitude(luma: NDArray[np.uint8], *, box: tuple[int, int, int, int]) -> float:
    """Highest luma ``uint8 (H, W)`` within a half-open box (x0, y0, x1, y1) above the median of a ring around it,
    in levels; below 0 where the box is darker. The ring leaves a gap of 2 px, for light that spreads."""
    x0, y0, x1, y1 = box
    wide = _GAP_PX + _RING_PX
    top, left = max(y0 - wide, 0), max(x0 - wide, 0)
    around = luma[top : y1 + wide, left : x1 + wide]
    outside = np.ones(around.shape, dtype=np.bool_)
    outside[max(y0 - _GAP_PX - top, 0) : y1 + _GAP_PX - top, max(x0 - _GAP_PX - left, 0) : x1 + _GAP_PX - left] = False
    ground = np.median(around[outside]) if outside.any() else around.min()
    return float(luma[y0:y1, x0:x1].max()) - float(ground)
