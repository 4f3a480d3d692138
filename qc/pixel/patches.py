"""The pixels around a flag in its five frames: kept for reviewers and for the next model."""

import zlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.media.planes import Planes
from qc.pixel.found import WINDOW_FRAMES
from qc.pixel.window import check_window, chroma_places

PATCH_SIDE_PX = 48
_LARGEST_SIDE_PX = 256


class Patch(NamedTuple):
    """``pixels``: ``uint8 (5, S, S, 3)`` Y, Cb, Cr in stored levels, chroma by nearest neighbour.

    ``x0``, ``y0``: its left top pixel in the stored picture; negative where it reaches beyond, where the picture's
    outermost pixels are repeated.
    """

    x0: int
    y0: int
    pixels: NDArray[np.uint8]


def cut_patch(window: Sequence[Planes], *, x: float, y: float, side_px: int = PATCH_SIDE_PX) -> Patch:
    """The square around a place of five pictures. Raises ValueError unless they are five of one size."""
    check_window(window)
    height, width = window[0].y.shape
    x0, y0 = round(x) - side_px // 2, round(y) - side_px // 2
    ys = np.clip(np.arange(y0, y0 + side_px), 0, height - 1)
    xs = np.clip(np.arange(x0, x0 + side_px), 0, width - 1)
    chroma_height, chroma_width = window[0].cb.shape
    chroma = np.ix_(
        chroma_places(ys, luma=height, chroma=chroma_height), chroma_places(xs, luma=width, chroma=chroma_width)
    )
    luma = np.ix_(ys, xs)
    frames = [np.dstack([picture.y[luma], picture.cb[chroma], picture.cr[chroma]]) for picture in window]
    return Patch(x0, y0, np.stack(frames))


def pack_patch(patch: Patch) -> bytes:
    """The pixels, compressed without loss; the place is kept beside them."""
    return zlib.compress(np.ascontiguousarray(patch.pixels).tobytes(), 6)


def unpack_patch(packed: bytes, *, x0: int, y0: int, side_px: int) -> Patch:
    """What ``pack_patch`` packed. Raises ValueError where the bytes are none of a patch of that side."""
    if not 0 < side_px <= _LARGEST_SIDE_PX:
        raise ValueError(f"A patch has sides of 1 to {_LARGEST_SIDE_PX} pixels, not {side_px}.")
    shape = (WINDOW_FRAMES, side_px, side_px, 3)
    size = int(np.prod(shape))
    try:
        raw = zlib.decompressobj().decompress(bytes(packed), size + 1)
    except zlib.error as error:
        raise ValueError("These bytes are no packed patch.") from error
    if len(raw) != size:
        raise ValueError(f"These bytes are no patch of {side_px} x {side_px} pixels in {WINDOW_FRAMES} frames.")
    return Patch(x0, y0, np.frombuffer(raw, dtype=np.uint8).reshape(shape))
