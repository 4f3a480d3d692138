"""A face cut out of its frame, with enough around it to tell who it is."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE_PX = 160
MARGIN = 0.45
"""How much of the face's longer side is shown beyond it on every side."""

JPEG_QUALITY = 85


def find_square(box: NDArray[np.floating], *, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Give the square around a face, x0, y0, x1, y1 in pixels of a picture of ``size`` (width, height), half-open.

    It is moved inside the picture, and smaller only where the picture is.
    """
    x0, y0, x1, y1 = (float(value) for value in box)
    side = min(max(round((1 + 2 * MARGIN) * max(x1 - x0, y1 - y0)), 1), *size)
    left, top = (
        int(np.clip(round(middle - side / 2), 0, whole - side))
        for middle, whole in zip(((x0 + x1) / 2, (y0 + y1) / 2), size, strict=True)
    )
    return left, top, left + side, top + side


def cut_portrait(rgb: NDArray[np.uint8], box: NDArray[np.floating]) -> bytes:
    """Cut the square around a face out of a picture ``uint8 (H, W, 3)``: a JPEG of at most ``SIDE_PX`` a side.

    ``box`` is x0, y0, x1, y1 in the picture's pixels.
    """
    height, width = rgb.shape[:2]
    x0, y0, x1, y1 = find_square(box, size=(width, height))
    picture = Image.fromarray(rgb[y0:y1, x0:x1])
    picture.thumbnail((SIDE_PX, SIDE_PX), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=JPEG_QUALITY)
    return buffer.getvalue()
