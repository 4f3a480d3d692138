"""Colour conversion: the one place that knows BGR, YCbCr matrices and ranges. Everything else in AVA is RGB."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

# ITU-T H.273 code points, tables 2–4, by the names that the field uses.
MATRICES = {0: "rgb", 1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "ycgco", 9: "bt2020nc", 10: "bt2020c", 14: "ictcp"}
RANGES = {1: "tv", 2: "pc"}
TRANSFERS = {
    1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "linear", 11: "iec61966-2-4",
    13: "iec61966-2-1", 14: "bt2020-10", 15: "bt2020-12", 16: "smpte2084", 17: "smpte428", 18: "arib-std-b67",
}
PRIMARIES = {
    1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "film", 9: "bt2020", 10: "smpte428",
    11: "smpte431", 12: "smpte432", 22: "ebu3213",
}
UNKNOWN = "unknown"
HD_FROM_PX = 720  # a picture at least this high, or wider than 1024, is HD: BT.709 where the file does not say

SWSCALE_MATRICES = {
    "bt709": Colorspace.ITU709, "fcc": Colorspace.FCC, "bt470bg": Colorspace.ITU601, "smpte170m": Colorspace.ITU601,
    "smpte240m": Colorspace.SMPTE240M, "bt2020nc": Colorspace.BT2020, "bt2020c": Colorspace.BT2020,
}


class ColorNames(NamedTuple):
    """How a picture's numbers become colour, as named by ITU-T H.273; "unknown" where the file does not say."""

    space: str
    range: str
    transfer: str
    primaries: str


def color_names(frame: VideoFrame) -> ColorNames:
    """The colour description that a decoded picture carries."""
    return ColorNames(
        space=MATRICES.get(int(frame.colorspace), UNKNOWN),
        range=RANGES.get(int(frame.color_range), UNKNOWN),
        transfer=TRANSFERS.get(int(frame.color_trc), UNKNOWN),
        primaries=PRIMARIES.get(int(frame.color_primaries), UNKNOWN),
    )


def swscale_colour(*, space: str, color_range: str, pixel_format: str, width: int, height: int) -> tuple[int, int]:
    """The matrix and range with which swscale turns stored numbers into RGB.

    A file that names no matrix is read as BT.709 when it is HD and as BT.601 when it is smaller; one that names
    no range is read as limited, except for the "yuvj" formats, which are full range by definition.
    """
    is_hd = height >= HD_FROM_PX or width > 1024
    matrix = SWSCALE_MATRICES.get(space, Colorspace.ITU709 if is_hd else Colorspace.ITU601)
    is_full = color_range == "pc" or pixel_format.startswith("yuvj")
    return int(matrix), int(ColorRange.JPEG if is_full else ColorRange.MPEG)


def to_gray(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Luma (BT.601 weights) of RGB uint8 (H, W, 3) or (T, H, W, 3); returns uint8 (H, W) or (T, H, W)."""
    return _convert(rgb, cv2.COLOR_RGB2GRAY)[..., 0]


def to_hsv(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Hue 0–179 (two degrees a step), saturation 0–255 and value 0–255 of RGB uint8 (…, H, W, 3), same shape."""
    return _convert(rgb, cv2.COLOR_RGB2HSV)


def to_lab(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """CIE L*a*b* (D65) of sRGB uint8 (…, H, W, 3) as uint8: L × 255/100, a + 128, b + 128, same shape."""
    return _convert(rgb, cv2.COLOR_RGB2LAB)


def to_bgr(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The same picture in the channel order that OpenCV's detectors expect; uint8 (…, H, W, 3), same shape."""
    return _convert(rgb, cv2.COLOR_RGB2BGR)


def from_bgr(bgr: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """RGB uint8 (…, H, W, 3) of a picture that OpenCV has read."""
    return _convert(bgr, cv2.COLOR_BGR2RGB)


def _convert(pixels: NDArray[np.uint8], code: int) -> NDArray[np.uint8]:
    """cv2.cvtColor for one picture or a stack: a stack is one tall picture to it."""
    tall = pixels.reshape(-1, *pixels.shape[-2:])
    converted = np.asarray(cv2.cvtColor(tall, code), dtype=np.uint8)
    return converted.reshape(*pixels.shape[:-1], -1)
