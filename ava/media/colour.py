"""Colour conversion: the one place that knows BGR, YCbCr matrices and ranges. Everything else in AVA is RGB."""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

from ava.media.video_info import VideoInfo

# Code points of ITU-T H.273, tables 2 (primaries), 3 (transfer) and 4 (matrix), by the names the field uses.
MATRICES = {
    0: "rgb",
    1: "bt709",
    4: "fcc",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "ycgco",
    9: "bt2020nc",
    10: "bt2020c",
    14: "ictcp",
}
RANGES = {1: "tv", 2: "pc"}
TRANSFERS = {
    1: "bt709",
    4: "bt470m",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "linear",
    11: "iec61966-2-4",
    13: "iec61966-2-1",
    14: "bt2020-10",
    15: "bt2020-12",
    16: "smpte2084",
    17: "smpte428",
    18: "arib-std-b67",
}
PRIMARIES = {
    1: "bt709",
    4: "bt470m",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "film",
    9: "bt2020",
    10: "smpte428",
    11: "smpte431",
    12: "smpte432",
    22: "ebu3213",
}
UNKNOWN = "unknown"

SWSCALE_MATRICES = {
    "bt709": Colorspace.ITU709,
    "fcc": Colorspace.FCC,
    "bt470bg": Colorspace.ITU601,
    "smpte170m": Colorspace.ITU601,
    "smpte240m": Colorspace.SMPTE240M,
    "bt2020nc": Colorspace.BT2020,
    "bt2020c": Colorspace.BT2020,
}
# A picture this large is HD, and so BT.709 where its file does not say; smaller ones are BT.601.
HD_WIDTH_PX, HD_HEIGHT_PX = 1280, 720


class ColorNames(NamedTuple):
    """How a picture's numbers become colour, named as in ITU-T H.273; "unknown" where the file does not say."""

    space: str
    range: str
    transfer: str
    primaries: str


class StoredColour(NamedTuple):
    """The matrix and the range with which swscale reads a film's stored numbers."""

    matrix: int
    range: int


def color_names(picture: VideoFrame) -> ColorNames:
    """The colour description that a decoded picture carries."""
    return ColorNames(
        space=MATRICES.get(int(picture.colorspace), UNKNOWN),
        range=RANGES.get(int(picture.color_range), UNKNOWN),
        transfer=TRANSFERS.get(int(picture.color_trc), UNKNOWN),
        primaries=PRIMARIES.get(int(picture.color_primaries), UNKNOWN),
    )


def stored_colour(info: VideoInfo) -> StoredColour:
    """How to read a film's numbers: as its file says, else by the field's convention.

    Without a named matrix HD is BT.709 and anything smaller BT.601; without a named range numbers are limited
    (16–235), except for RGB and the "yuvj" formats, which are full by definition.
    """
    is_hd = info.coded_width >= HD_WIDTH_PX or info.coded_height >= HD_HEIGHT_PX
    matrix = SWSCALE_MATRICES.get(info.color_space, Colorspace.ITU709 if is_hd else Colorspace.ITU601)
    is_full = info.color_range == "pc" or info.pixel_format.startswith(("yuvj", "rgb", "bgr", "gbr", "argb", "abgr"))
    return StoredColour(int(matrix), int(ColorRange.JPEG if is_full else ColorRange.MPEG))


def deep_white(info: VideoInfo) -> int:
    """What swscale makes of a film's white with 16 bits a channel: it shifts bits up and fills in none below."""
    is_full = stored_colour(info).range == int(ColorRange.JPEG)
    bits = min(max(info.bit_depth, 8), 16)
    return ((1 << bits) - 1) << (16 - bits) if is_full else 255 << 8


def planes_to_rgb(picture: VideoFrame) -> NDArray[np.uint8]:
    """Interleave a planar "gbrp" picture to RGB uint8 (H, W, 3)."""
    return np.asarray(_interleave(picture, np.dtype(np.uint8)), dtype=np.uint8)


def deep_planes_to_rgb(picture: VideoFrame) -> NDArray[np.uint16]:
    """Interleave a planar "gbrp16le" picture to RGB uint16 (H, W, 3)."""
    return np.asarray(_interleave(picture, np.dtype("<u2")), dtype=np.uint16)


def _interleave(picture: VideoFrame, sample: np.dtype[Any]) -> NDArray[Any]:
    green, blue, red = (
        np.frombuffer(plane, dtype=sample).reshape(plane.height, -1)[:, : picture.width]  # type: ignore[call-overload]
        for plane in picture.planes
    )
    return np.asarray(cv2.merge((red, green, blue)))


def to_gray(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Luma (BT.601 weights) of RGB uint8 (…, H, W, 3); returns uint8 (…, H, W)."""
    return _convert(rgb, cv2.COLOR_RGB2GRAY)[..., 0]


def to_hsv(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Hue 0–179 (two degrees a step), saturation and value 0–255 of RGB uint8 (…, H, W, 3); same shape."""
    return _convert(rgb, cv2.COLOR_RGB2HSV)


def to_lab(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """CIE L*a*b* (D65) of sRGB uint8 (…, H, W, 3) as uint8: L × 255/100, a + 128, b + 128; same shape."""
    return _convert(rgb, cv2.COLOR_RGB2LAB)


def to_bgr(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The channel order that OpenCV's detectors and writers expect, of RGB uint8 (…, H, W, 3); same shape."""
    return _convert(rgb, cv2.COLOR_RGB2BGR)


def from_bgr(bgr: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """RGB uint8 (…, H, W, 3) of a picture that OpenCV has read; same shape."""
    return _convert(bgr, cv2.COLOR_BGR2RGB)


def _convert(pixels: NDArray[np.uint8], code: int) -> NDArray[np.uint8]:
    """cv2.cvtColor for one picture or a stack of them: to it, a stack is one tall picture."""
    tall = pixels.reshape(-1, *pixels.shape[-2:])
    converted = np.asarray(cv2.cvtColor(tall, code), dtype=np.uint8)
    return converted.reshape(*pixels.shape[:-1], -1)
