"""From stored pictures (any pixel format, size, orientation) to upright RGB or player-ready YCbCr of one size."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

from ava.media.colour import deep_planes_to_rgb, deep_white, planes_to_rgb, stored_colour
from ava.media.tone_map import ToneMap, needs_tone_map
from ava.media.video_info import VideoInfo


class Painter:
    """Turns a film's stored pictures into upright ones of one size; keeps the scaler's tables between them.

    width, height: of the upright result, in square pixels.
    """

    def __init__(self, info: VideoInfo, *, width: int, height: int) -> None:
        self.quarter_turns = info.rotation_deg // 90
        self.is_mirrored = info.is_mirrored
        self.width, self.height = (height, width) if self.quarter_turns % 2 else (width, height)
        shrinks = self.width <= info.coded_width and self.height <= info.coded_height
        self.interpolation = (Interpolation.AREA if shrinks else Interpolation.BICUBIC) | Interpolation.ACCURATE_RND
        self.colour = stored_colour(info)
        self.scaler = VideoReformatter()
        self.packer = VideoReformatter()
        self.tone_map = ToneMap(info) if needs_tone_map(info) else None
        self.info = info

    @cached_property
    def full_scale(self) -> NDArray[np.uint16]:
        """What swscale gives as 16 bits → the same with white at 65535."""
        codes = np.arange(1 << 16) * (65535 / deep_white(self.info))
        return np.minimum(np.round(codes), 65535).astype(np.uint16)

    def rgb(self, picture: VideoFrame) -> NDArray[np.uint8]:
        """The picture as uint8 RGB (height, width, 3), contiguous and upright."""
        if self.tone_map is None:
            rgb = planes_to_rgb(self._scaled(picture, format="gbrp"))
        else:
            rgb = self.tone_map.to_sdr(deep_planes_to_rgb(self._scaled(picture, format="gbrp16le")))
        return np.asarray(self._upright(rgb), dtype=np.uint8)

    def deep_rgb(self, picture: VideoFrame) -> NDArray[np.uint16]:
        """The picture as uint16 RGB (height, width, 3) of 0–65535, with every level that the film's bits hold."""
        rgb = deep_planes_to_rgb(self._scaled(picture, format="gbrp16le"))
        deep = self.full_scale[rgb] if self.tone_map is None else self.tone_map.to_deep_sdr(rgb)
        return np.asarray(self._upright(deep), dtype=np.uint16)

    def _scaled(self, picture: VideoFrame, *, format: str) -> VideoFrame:
        # Planar output: swscale's packed RGB writer is both slower and darker by 1.4 levels.
        return self.scaler.reformat(
            picture,
            width=self.width,
            height=self.height,
            format=format,
            src_colorspace=self.colour.matrix,
            src_color_range=self.colour.range,
            interpolation=self.interpolation,
            threads=1,
        )

    def _upright(self, rgb: NDArray[Any]) -> NDArray[Any]:
        if self.is_mirrored:
            rgb = rgb[:, ::-1]
        if self.quarter_turns:
            rgb = np.rot90(rgb, k=-self.quarter_turns)
        return np.ascontiguousarray(rgb)

    def ycbcr(self, picture: VideoFrame) -> VideoFrame:
        """The picture as 8-bit 4:2:0 of limited range in BT.709, upright: what every player takes."""
        if self.quarter_turns or self.is_mirrored or self.tone_map is not None:
            upright = VideoFrame.from_ndarray(self.rgb(picture), format="rgb24")
            return self._to_ycbcr(upright, matrix=None, color_range=int(ColorRange.JPEG))
        return self._to_ycbcr(picture, matrix=self.colour.matrix, color_range=self.colour.range)

    def _to_ycbcr(self, picture: VideoFrame, *, matrix: int | None, color_range: int) -> VideoFrame:
        is_stored = matrix is not None
        return self.packer.reformat(
            picture,
            width=self.width if is_stored else picture.width,
            height=self.height if is_stored else picture.height,
            format="yuv420p",
            src_colorspace=matrix,
            src_color_range=color_range,
            dst_colorspace=int(Colorspace.ITU709),
            dst_color_range=int(ColorRange.MPEG),
            interpolation=self.interpolation,
            threads=1,
        )
