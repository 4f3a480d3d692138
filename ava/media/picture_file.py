"""Image files that somebody names: read with suspicion, and turned upright."""

import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP")
MOST_BYTES = 256 * 2**20
MOST_PIXELS = 100_000_000
"""Larger than what cameras make; 300 MB as RGB."""

_UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, OverflowError, MemoryError, struct.error, zlib.error)


class UnusablePicture(Exception):
    """A file cannot be used as a picture; the message names it, says why and what to do."""


def read_picture(path: Path) -> NDArray[np.uint8]:
    """Read a PNG, JPEG, WebP, TIFF or BMP file: RGB ``uint8 (H, W, 3)``, upright as its EXIF orientation says.

    Of several pictures in a file the first is read; transparency is dropped, 16 bits a channel become 8. Raises
    ``UnusablePicture`` for what is no file, no picture, damaged, or larger than ``MOST_BYTES`` or ``MOST_PIXELS``.
    """
    if not path.is_file():
        raise UnusablePicture(f"There is no file {path}; check the path.")
    if path.stat().st_size > MOST_BYTES:
        raise UnusablePicture(f"{path} is larger than {MOST_BYTES // 2**20} MB; save the picture smaller.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's limit is its own, and what it doubts in metadata is not needed
        try:
            return _decode(path)
        except Image.DecompressionBombError as error:
            raise _too_many_pixels(path) from error
        except UnidentifiedImageError as error:
            names = f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}"
            raise UnusablePicture(f"{path} is no {names} picture; save it as one of these.") from error
        except _UNREADABLE as error:
            raise UnusablePicture(f"{path} is damaged or incomplete, or cannot be read; save it again.") from error


def _decode(path: Path) -> NDArray[np.uint8]:
    with Image.open(path, formats=FORMATS) as image:
        if image.width * image.height > MOST_PIXELS:
            raise _too_many_pixels(path)
        image.load()
        upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith(("I", "F")):  # Pillow would clip what is deeper than 8 bits
        levels = np.nan_to_num(np.asarray(upright, dtype=np.float64))
        depth = 1 if levels.max(initial=0) < 256 else 256
        upright = Image.fromarray(np.clip(levels / depth, 0, 255).astype(np.uint8))
    return np.array(upright.convert("RGB"))


def _too_many_pixels(path: Path) -> UnusablePicture:
    return UnusablePicture(f"{path} has more than {MOST_PIXELS // 10**6} million pixels; save the picture smaller.")
