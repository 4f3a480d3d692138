"""Pictures as large as work on them needs."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def shrink_to_side(rgb: NDArray[np.uint8], *, side_px: int) -> NDArray[np.uint8]:
    """Shrink RGB ``uint8 (H, W, 3)``, of at least one pixel, to a longer side of ``side_px``; never enlarged, and as it
    is where it is no larger. A side keeps one pixel at least."""
    height, width = rgb.shape[:2]
    factor = side_px / max(height, width)
    if factor >= 1:
        return rgb
    size = (max(round(width * factor), 1), max(round(height * factor), 1))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
