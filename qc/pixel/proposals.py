"""Where a lit pixel could be at all: what stands out in space and in time, found in a few milliseconds a picture."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.media.planes import Plane, Planes
from qc.pixel.found import HALO_FRAMES
from qc.pixel.window import check_window, enlarge

TOP_HAT_SIDE_PX = 7
_BESIDE = (HALO_FRAMES - 1, HALO_FRAMES + 1)
_TOP_HAT = np.ones((TOP_HAT_SIDE_PX, TOP_HAT_SIDE_PX), dtype=np.uint8)
_CHROMA_TOP_HAT = np.ones((5, 5), dtype=np.uint8)
_NEAR = np.ones((3, 3), dtype=np.uint8)


def propose(window: Sequence[Planes], *, threshold: float) -> NDArray[np.bool_]:
    """Pixels of the middle picture of five that could belong to an error: ``bool (H, W)``.

    A pixel is proposed where it exceeds both the opening of its own picture (white top-hat, Serra 1982) and the
    brightest of the 3x3 surroundings in the pictures before and after by more than ``threshold`` levels; in chroma
    (colour dots raise or lower it) on either side. Raises ValueError unless there are five pictures of one size.
    """
    check_window(window)
    height, width = window[HALO_FRAMES].y.shape
    level = int(np.clip(np.floor(threshold), 0, 254))
    proposed = _stands_out([picture.y for picture in window], kernel=_TOP_HAT, level=level)
    chroma = np.zeros(window[HALO_FRAMES].cb.shape, dtype=np.uint8)
    for planes in ([picture.cb for picture in window], [picture.cr for picture in window]):
        chroma |= _stands_out(planes, kernel=_CHROMA_TOP_HAT, level=level)
        chroma |= _stands_out([255 - plane for plane in planes], kernel=_CHROMA_TOP_HAT, level=level)
    if chroma.any():
        proposed = proposed | enlarge(chroma, height=height, width=width)
    return proposed.view(np.bool_)


def _stands_out(planes: Sequence[Plane], *, kernel: NDArray[np.uint8], level: int) -> NDArray[np.uint8]:
    """1 where the middle plane exceeds its own opening and both neighbours by more than ``level``."""
    middle = planes[HALO_FRAMES]
    before, after = (cv2.dilate(planes[number], _NEAR) for number in _BESIDE)
    beside = cv2.max(before, after)
    excess = cv2.subtract(middle, beside)
    excess = cv2.min(excess, cv2.morphologyEx(middle, cv2.MORPH_TOPHAT, kernel))
    return np.asarray(cv2.threshold(excess, level, 1, cv2.THRESH_BINARY)[1], dtype=np.uint8)
