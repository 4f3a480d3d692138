"""Patches of stored pixels as pictures for people."""

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from ava.media.painter import Painter
from ava.media.video_info import VideoInfo


def paint_patch(pixels: NDArray[np.uint8], *, info: VideoInfo) -> NDArray[np.uint8]:
    """A patch of stored Y, Cb, Cr ``uint8 (frames, side, side, 3)`` as upright RGB of the same shape.

    By the film's own matrix and range, as its frames are painted everywhere else.
    """
    side = pixels.shape[1]
    painter = Painter(info, width=side, height=side)
    planes = (np.ascontiguousarray(frame.transpose(2, 0, 1)) for frame in pixels)
    return np.stack([painter.rgb(VideoFrame.from_ndarray(each, format="yuv444p")) for each in planes])
