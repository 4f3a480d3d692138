"""A film's stored pictures as luma and chroma planes of full resolution, without any conversion of colour."""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

Plane = NDArray[np.uint8]
"""``uint8 (H, W)`` in stored levels."""

# Formats whose planes lie as they are needed: name → bits of a sample.
_PLANAR_BITS = {
    **{f"yuv{kind}p": 8 for kind in ("420", "422", "444")},
    **{f"yuvj{kind}p": 8 for kind in ("420", "422", "444")},
    **{f"yuv{kind}p{bits}le": bits for kind in ("420", "422", "444") for bits in (10, 12)},
}
_GREY_CHROMA = 128


class Planes(NamedTuple):
    """One stored picture, unturned and unscaled: luma ``y (H, W)``; chroma ``cb``, ``cr (h, w)``, subsampled as stored.

    8 bits a sample; deeper ones are rounded. Levels are those of the file: black is 16 or, in full range, 0.
    """

    y: Plane
    cb: Plane
    cr: Plane


def read_planes(picture: VideoFrame) -> Planes:
    """The planes of a stored picture; arrays of its own. Grey pictures get chroma of half size; RGB becomes 4:4:4."""
    name = picture.format.name
    if name.startswith("gray"):
        y = _plane(picture if name == "gray" else _converted(picture, to="gray"), 0, bits=8)
        grey = np.full(((y.shape[0] + 1) // 2, (y.shape[1] + 1) // 2), _GREY_CHROMA, dtype=np.uint8)
        return Planes(y, grey, grey)
    bits = _PLANAR_BITS.get(name)
    if bits is None:
        picture, bits = _converted(picture, to="yuv444p"), 8
    return Planes(*(_plane(picture, number, bits=bits) for number in range(3)))


def _converted(picture: VideoFrame, *, to: str) -> VideoFrame:
    return VideoReformatter().reformat(picture, format=to, threads=1)


def _plane(picture: VideoFrame, number: int, *, bits: int) -> Plane:
    plane = picture.planes[number]
    kind: np.dtype[np.integer[Any]] = np.dtype("u1" if bits == 8 else "<u2")
    stride = plane.line_size // kind.itemsize
    levels = np.frombuffer(memoryview(plane), dtype=kind)[: stride * plane.height]
    rows = levels.reshape(plane.height, stride)[:, : plane.width]
    if bits == 8:
        return np.ascontiguousarray(rows, dtype=np.uint8)
    return np.asarray(cv2.convertScaleAbs(rows, alpha=1 / (1 << (bits - 8))), dtype=np.uint8)
