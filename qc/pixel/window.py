"""Windows of five stored pictures as the network reads them."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.media.planes import Plane, Planes
from qc.pixel.found import WINDOW_FRAMES

LEVELS = np.float32(255)


def stack_window(planes: Sequence[Planes]) -> NDArray[np.float32]:
    """Five pictures as ``float32 (15, H, W)``: frame-major Y, Cb, Cr, 0–1, chroma by nearest neighbour.

    Raises ValueError unless there are five of one size.
    """
    check_window(planes)
    height, width = planes[0].y.shape
    layers = [enlarge(plane, height=height, width=width) for picture in planes for plane in picture]
    return np.stack(layers).astype(np.float32) / LEVELS


def check_window(planes: Sequence[Planes]) -> None:
    """Raise ValueError unless these are five pictures of one size and one chroma subsampling."""
    shapes = {(picture.y.shape, picture.cb.shape, picture.cr.shape) for picture in planes}
    if len(planes) != WINDOW_FRAMES or len(shapes) != 1:
        raise ValueError(f"A window takes {WINDOW_FRAMES} pictures of one size, not {len(planes)} of {len(shapes)}.")


def enlarge(plane: Plane, *, height: int, width: int) -> Plane:
    """A plane ``uint8 (h, w)`` brought to ``(height, width)`` by nearest neighbour."""
    if plane.shape == (height, width):
        return plane
    if 2 * plane.shape[0] == height and 2 * plane.shape[1] == width:  # nearly all films; several times as fast
        return np.asarray(cv2.resize(plane, (width, height), interpolation=cv2.INTER_NEAREST), dtype=np.uint8)
    rows = chroma_places(np.arange(height), luma=height, chroma=plane.shape[0])
    columns = chroma_places(np.arange(width), luma=width, chroma=plane.shape[1])
    return np.asarray(plane[rows][:, columns], dtype=np.uint8)


def chroma_places(places: NDArray[np.int64], *, luma: int, chroma: int) -> NDArray[np.int64]:
    """Which chroma row (or column) belongs to each luma row, where ``luma`` rows share ``chroma`` ones."""
    return places // max(-(-luma // chroma), 1)
