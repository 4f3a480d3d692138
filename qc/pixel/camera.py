"""What happens to a picture between the scene and the file: too little light, grain, storing, compression."""

from __future__ import annotations

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from numpy.typing import NDArray

from ava.media.planes import Planes, read_planes
from qc.defects.compress import compress
from qc.defects.defect import RgbFrames

_FORMATS = ("yuv420p", "yuv420p", "yuv420p", "yuv422p", "yuv444p")
_FULL_RANGE_SHARE = 0.1
_DARKEST_GAIN = 0.15
_GRAIN_LEVELS = 8.0
_COLOUR_GRAIN_SHARE = 0.5
_QUALITIES = {"h264": range(10, 27), "mjpeg": range(2, 9), "prores": range(1, 4)}
"""What films come in: from near lossless to a good copy for viewing."""


def weather(frames: RgbFrames, *, rng: np.random.Generator) -> RgbFrames:
    """Darken frames ``uint8 (T, H, W, 3)`` as underexposure does, and grain them, each frame with grain of its own.

    Gains are drawn evenly from 0.15–1, the standard deviation of grain from 0–8 levels; half of it is common to the
    channels. Grain comes after the gain, as in a sensor.
    """
    gain = rng.uniform(_DARKEST_GAIN, 1.0)
    strength = rng.uniform(0, _GRAIN_LEVELS)
    grain = rng.normal(0, strength, frames.shape[:3])[..., None]
    coloured = rng.normal(0, strength * _COLOUR_GRAIN_SHARE, frames.shape)
    return np.round(np.clip(frames * gain + grain + coloured, 0, 255)).astype(np.uint8)


def store_frames(frames: RgbFrames, *, rng: np.random.Generator, is_compressed: bool = False) -> list[Planes]:
    """Bring frames to the planes that a file stores: usually 4:2:0 in studio range, sometimes others; one draw for all.

    Compressed ones went through H.264, Motion JPEG or ProRes of good quality before.
    """
    if is_compressed:
        codec = list(_QUALITIES)[int(rng.integers(len(_QUALITIES)))]
        frames = compress(frames, codec=codec, quality=int(rng.choice(_QUALITIES[codec])))
    name = _FORMATS[int(rng.integers(len(_FORMATS)))]
    is_full = bool(rng.random() < _FULL_RANGE_SHARE)
    return [store_frame(rgb, pixel_format=name, is_full_range=is_full) for rgb in frames]


def store_frame(rgb: NDArray[np.uint8], *, pixel_format: str = "yuv420p", is_full_range: bool = False) -> Planes:
    """One picture ``uint8 (H, W, 3)`` as planes by ITU-R BT.709, sides rounded up to what the format takes."""
    picture = VideoReformatter().reformat(
        VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24"),
        format=pixel_format,
        src_colorspace=Colorspace.ITU709,
        dst_colorspace=Colorspace.ITU709,
        dst_color_range=ColorRange.JPEG if is_full_range else ColorRange.MPEG,
        threads=1,  # several take longer to begin than a small picture takes
    )
    return read_planes(picture)
