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

    Those that stand out by more than ``threshold`` levels. Raises ValueError unless there are five pictures of one
    size.
    """
    return np.asarray(levels_standing_out(window) > int(np.clip(np.floor(threshold), 0, 254)), dtype=np.bool_)


def levels_standing_out(window: Sequence[Planes]) -> NDArray[np.uint8]:
    """By how many levels each pixel of the middle picture of five stands out: ``uint8 (H, W)``.

    The least of how far it exceeds the opening of its own picture (white top-hat, Serra 1982) and the brightest of
    the 3x3 surroundings in the pictures before and after. In chroma, which colour dots raise or lower, either way.
    """
    check_window(window)
    height, width = window[HALO_FRAMES].y.shape
    levels = _stand_out([picture.y for picture in window], kernel=_TOP_HAT)
    in_chroma = [
        _stand_out(planes, kernel=_CHROMA_TOP_HAT)
        for stored in ([picture.cb for picture in window], [picture.cr for picture in window])
        for planes in (stored, [np.subtract(255, plane) for plane in stored])
    ]
    for chroma in in_chroma[1:]:
        cv2.max(in_chroma[0], chroma, dst=in_chroma[0])
    return np.asarray(cv2.max(levels, enlarge(in_chroma[0], height=height, width=width)), dtype=np.uint8)


def stand_out(before: Plane, here: Plane, after: Plane, *, kernel: NDArray[np.uint8] = _TOP_HAT) -> Plane:
    """By how many levels each sample of a plane stands out between two others: ``uint8 (H, W)``, see above."""
    beside = cv2.max(cv2.dilate(before, _NEAR), cv2.dilate(after, _NEAR))
    excess = cv2.subtract(here, beside)
    return np.asarray(cv2.min(excess, cv2.morphologyEx(here, cv2.MORPH_TOPHAT, kernel)), dtype=np.uint8)


def _stand_out(planes: Sequence[Plane], *, kernel: NDArray[np.uint8]) -> Plane:
    before, after = (planes[number] for number in _BESIDE)
    return stand_out(before, planes[HALO_FRAMES], after, kernel=kernel)
