"""Pictures of any film fitted into one size, with black bars where their shape is another."""

from __future__ import annotations

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

from ava.media.painter import Painter
from ava.media.video_info import VideoInfo

_BLACK_Y, _BLACK_C = 16, 128  # of limited range


def fitted_size(info: VideoInfo, *, size: tuple[int, int]) -> tuple[int, int]:
    """The largest even width and height in a film's shape that fit into ``size``; all of it within two pixels."""
    scale = min(size[0] / info.width, size[1] / info.height)
    fitted = [round(length * scale) for length in (info.width, info.height)]
    width, height = (
        whole if whole - length <= 2 else max(2, length // 2 * 2)
        for length, whole in zip(fitted, size, strict=True)
    )
    return width, height


class PictureFit:
    """Turns a film's stored pictures into 4:2:0 ones of one size, in BT.709 of limited range."""

    def __init__(self, info: VideoInfo, *, size: tuple[int, int]) -> None:
        width, height = fitted_size(info, size=size)
        self.size = size
        self.painter = Painter(info, width=width, height=height)
        self.is_whole = (width, height) == size
        self.framed = _black(size)
        self.left, self.top = ((whole - own) // 4 * 2 for whole, own in zip(size, (width, height), strict=True))

    def paint(self, picture: VideoFrame) -> VideoFrame:
        """The picture in its place, black around it."""
        painted = self.painter.ycbcr(picture)
        return painted if self.is_whole else self._with_bars(painted)

    def _with_bars(self, painted: VideoFrame) -> VideoFrame:
        own = painted.to_ndarray()  # the planes Y, U, V below each other, chroma lines packed
        width, height = self.size
        self.framed[self.top : self.top + painted.height, self.left : self.left + painted.width] = own[: painted.height]
        own_chroma = own[painted.height :].reshape(2, painted.height // 2, painted.width // 2)
        chroma = self.framed[height:].reshape(2, height // 2, width // 2)
        top, left = self.top // 2, self.left // 2
        chroma[:, top : top + painted.height // 2, left : left + painted.width // 2] = own_chroma
        out = VideoFrame.from_ndarray(self.framed, format="yuv420p")  # a copy: the bars are drawn once
        out.colorspace, out.color_range = int(Colorspace.ITU709), int(ColorRange.MPEG)
        return out


def _black(size: tuple[int, int]) -> NDArray[np.uint8]:
    width, height = size
    framed = np.full((height * 3 // 2, width), _BLACK_C, np.uint8)
    framed[:height] = _BLACK_Y
    return framed
