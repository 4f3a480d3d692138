"""A part of a picture at the exact size of a canvas, and the file that it is sent as."""

from __future__ import annotations

import io
import math
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ava.media.still_file import srgb_profile

RGB = NDArray[np.uint8] | NDArray[np.uint16]
WebFormat = Literal["jpeg", "webp", "avif", "png"]
CONTENT_TYPES: dict[WebFormat, str] = {
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "avif": "image/avif",
    "png": "image/png",
}
_SETTINGS: dict[WebFormat, dict[str, Any]] = {  # measured at 1536 × 864: all but AVIF and PNG take under 50 ms
    "jpeg": {"quality": 90, "subsampling": 0},
    "webp": {"quality": 86, "method": 1},
    "avif": {"quality": 75, "speed": 9, "max_threads": 1},
    "png": {"compress_level": 1},
}
_DRAFT_GAP = 2.0  # a JPEG is never read at less than twice the size that is wanted, or its own


class Window(NamedTuple):
    """Left, top, right and bottom of a part of a picture, in its pixels; right and bottom are where the next begins."""

    x0: float
    y0: float
    x1: float
    y1: float


def fit_window(box: tuple[float, float, float, float], *, size: tuple[int, int]) -> Window:
    """The largest window of the shape of ``size`` (width, height) in the middle of a box, to parts of a pixel.

    A crop in whole pixels can miss a canvas's shape by one; filling the canvas with all of it would distort it.
    Raises ValueError for a box or a size without area.
    """
    x0, y0, x1, y1 = box
    if not all(map(math.isfinite, box)) or x1 <= x0 or y1 <= y0:
        raise ValueError("This crop has no area; choose it again.")
    if min(size) < 1:
        raise ValueError("A canvas is at least one pixel wide and high.")
    aspect = size[0] / size[1]
    width, height = min(x1 - x0, (y1 - y0) * aspect), min(y1 - y0, (x1 - x0) / aspect)
    left, top = (x0 + x1 - width) / 2, (y0 + y1 - height) / 2
    return Window(left, top, left + width, top + height)


def render_canvas(rgb: RGB, *, box: tuple[float, float, float, float], size: tuple[int, int]) -> RGB:
    """Render a part of a picture at exactly ``size`` (width, height) pixels.

    RGB ``uint8`` or ``uint16 (H, W, 3)`` in, the same type ``(height, width, 3)`` out. ``box`` is ``(x0, y0, x1, y1)``
    in pixels of ``rgb`` and may lie between them; of it the middle in the shape of ``size`` is shown, nothing is
    distorted, and nothing outside the pixels that the box touches bleeds in (a black bar beside it, say).
    Resampled by a Lanczos kernel of three lobes that widens as the picture shrinks (Duchon, 1979), so that fine
    patterns do not alias. Raises ValueError, a sentence, for a box without area or not within the picture.
    """
    window = fit_window(box, size=size)
    height, width = rgb.shape[:2]
    if box[0] < 0 or box[1] < 0 or box[2] > width or box[3] > height:
        raise ValueError(f"This crop is not within the picture of {width} × {height} pixels; choose it again.")
    left, top = math.floor(window.x0), math.floor(window.y0)
    part = rgb[top : math.ceil(window.y1), left : math.ceil(window.x1)]
    inner = (window.x0 - left, window.y0 - top, window.x1 - left, window.y1 - top)
    if rgb.dtype == np.uint8:
        return np.asarray(Image.fromarray(np.ascontiguousarray(part)).resize(size, Image.Resampling.LANCZOS, box=inner))
    channels = [_resample(part[:, :, channel], box=inner, size=size) for channel in range(part.shape[2])]
    return np.stack(channels, axis=2)


def _resample(
    channel: RGB, *, box: tuple[float, float, float, float], size: tuple[int, int]
) -> NDArray[np.uint16]:
    """One channel; in float32, which holds every level of 16 bits."""
    image = Image.fromarray(np.ascontiguousarray(channel, dtype=np.float32))
    smooth = np.asarray(image.resize(size, Image.Resampling.LANCZOS, box=box))
    rounded: NDArray[np.uint16] = np.clip(np.rint(smooth), 0, np.iinfo(np.uint16).max).astype(np.uint16)
    return rounded


def read_for_canvas(jpeg: bytes, *, box_width: float, width: int) -> NDArray[np.uint8]:
    """Read a JPEG no larger than a canvas of ``width`` pixels needs whose crop is ``box_width`` of its pixels wide.

    All of the picture comes back, RGB ``uint8 (h, w, 3)``, of its own size or less. Where the canvas is much smaller,
    much is left out while decoding, to half, a quarter or an eighth (Wallace, 1992: a JPEG's blocks are 8 × 8), which
    is up to four times as quick. Raises OSError for what is no picture.
    """
    with Image.open(io.BytesIO(jpeg)) as image:
        full = image.size
        share = _DRAFT_GAP * width / max(box_width, 1.0)
        if share < 1:
            image.draft("RGB", (math.ceil(full[0] * share), math.ceil(full[1] * share)))
        return np.asarray(image.convert("RGB"))


def encode_for_web(rgb: NDArray[np.uint8], *, format: WebFormat) -> bytes:
    """Encode RGB ``uint8 (H, W, 3)`` for pages and apps, quickly, with an embedded sRGB profile.

    JPEG of quality 90 without chroma subsampling, WebP 86, AVIF 75, PNG. Raises ValueError for a picture that the
    format cannot hold.
    """
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, format.upper(), icc_profile=srgb_profile(), **_SETTINGS[format])
    return file.getvalue()
