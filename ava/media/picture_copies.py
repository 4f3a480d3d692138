"""The copies that AVA keeps of a picture: one to measure, one to show."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

PICTURE_FILE = "picture.png"
PREVIEW_FILE = "preview.jpg"
PREVIEW_WIDTH_PX = 640
JPEG_QUALITY = 88


def write_copies(rgb: NDArray[np.uint8], *, folder: Path) -> None:
    """Write a picture, ``uint8 (H, W, 3)`` sRGB, into a folder: as it is, and small.

    They are ``PICTURE_FILE`` and ``PREVIEW_FILE``. Nothing of the file that it came from but its pixels is kept.
    """
    image = Image.fromarray(rgb)
    image.save(folder / PICTURE_FILE, compress_level=2)
    shrink(image, width_px=PREVIEW_WIDTH_PX).save(folder / PREVIEW_FILE, quality=JPEG_QUALITY)


def shrink(image: Image.Image, *, width_px: int) -> Image.Image:
    """Return the picture at a width, or as it is where it is narrower; a side keeps one pixel at least."""
    if image.width <= width_px:
        return image
    height_px = max(round(image.height * width_px / image.width), 1)
    return image.resize((width_px, height_px), Image.Resampling.LANCZOS, reducing_gap=3.0)
