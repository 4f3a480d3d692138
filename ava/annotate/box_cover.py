"""How much of a picture boxes cover."""

import cv2
import numpy as np
from numpy.typing import NDArray


def covered_unit(boxes: NDArray[np.float32], *, size: tuple[int, int]) -> float:
    """Share 0–1 of a picture of ``size`` (width, height) under boxes ``(N, 4)`` x0, y0, x1, y1 in its pixels.

    Each pixel counts once, however many boxes lie over it.
    """
    covered = np.zeros((size[1], size[0]), dtype=np.uint8)
    for x0, y0, x1, y1 in np.round(boxes).astype(int).tolist():
        if x1 > x0 and y1 > y0:
            cv2.rectangle(covered, (x0, y0), (x1 - 1, y1 - 1), (1,), thickness=cv2.FILLED)
    return float(covered.mean())
