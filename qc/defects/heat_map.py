"""Where a pixel error would show most: dark, still parts of a picture."""

import cv2
import numpy as np
from numpy.typing import NDArray

from qc.defects.defect import RgbFrames

ELSEWHERE = 0.02
"""Weight of a place that is bright or restless, against 1 for a black, still one."""
_DARK_LEVEL = 60.0
_STILL_LEVEL = 6.0
_AROUND_PX = 9
_BAR_LEVEL = 20
_BAR_SPREAD = 2


def visibility(frames: RgbFrames, *, frame: int) -> NDArray[np.float64]:
    """How gladly a spot is put at each pixel of one of several frames ``uint8 (T, H, W, 3)``: ``float64 (H, W)`` 0–1.

    The product of two maps, of intensity and of motion against the frames before and after, each a Gaussian of the
    levels' mean over 9 x 9 px, so that dark, still places are preferred, as in Netflix's article on pixel errors
    (Isikdogan et al., 2025). Any other place keeps a weight of 0.02; letterbox bars have none, for no sensor saw them.
    """
    luma = _to_luma(frames[frame])
    dark = cv2.blur(luma, (_AROUND_PX, _AROUND_PX)) / _DARK_LEVEL
    exponent = np.square(dark)
    for neighbour in (frame - 1, frame + 1):
        if 0 <= neighbour < len(frames):
            change = cv2.blur(cv2.absdiff(_to_luma(frames[neighbour]), luma), (_AROUND_PX, _AROUND_PX)) / _STILL_LEVEL
            exponent = exponent + np.square(change)
    heat = np.asarray(np.maximum(np.exp(-exponent), ELSEWHERE), dtype=np.float64)
    seen = picture_area(frames[frame])
    inside = heat[seen].copy()
    heat[:] = 0
    heat[seen] = inside
    return heat


def picture_area(rgb: NDArray[np.uint8]) -> tuple[slice, slice]:
    """Rows and columns of a picture ``uint8 (H, W, 3)`` within its black bars; all of them where all of it is such.

    A bar's rows or columns are black and of one tone, within two levels.
    """
    luma = _to_luma(rgb)
    spans = []
    for axis in (1, 0):
        low, high = luma.min(axis=axis), luma.max(axis=axis)
        lit = np.flatnonzero((high - low > _BAR_SPREAD) | (high > _BAR_LEVEL))
        if not len(lit):
            return slice(0, luma.shape[0]), slice(0, luma.shape[1])
        spans.append(slice(int(lit[0]), int(lit[-1]) + 1))
    return spans[0], spans[1]


def _to_luma(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), dtype=np.float32)

