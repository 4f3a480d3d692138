"""Image files that somebody names or brings: read with suspicion, turned upright, and brought to sRGB."""

import struct
import warnings
import zlib
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from ava.media.picture_colour import to_srgb
from ava.media.picture_kinds import HEAD_BYTES, is_heic, name_other_kind

FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "AVIF")
FORMATS_IN_WORDS = "PNG, JPEG, WebP, TIFF, BMP, GIF, AVIF or HEIC"
HEIC = "HEIF"
MOST_BYTES = 256 * 2**20
MOST_PIXELS = 100_000_000
"""Larger than what cameras make; 300 MB as RGB."""

_UNREADABLE = (
    OSError, SyntaxError, ValueError, EOFError, OverflowError, MemoryError, RuntimeError, IndexError, KeyError,
    TypeError, AttributeError, NotImplementedError, struct.error, zlib.error,
)  # fmt: skip
"""What decoders raise over damaged files, some of them by their own mistakes."""


class UnusablePicture(Exception):
    """A file cannot be used as a picture; the message names it, says why and what to do."""


class PictureRead(NamedTuple):
    """A picture, ``uint8 (H, W, 3)`` sRGB and upright, and sentences on what it took to read it so."""

    rgb: NDArray[np.uint8]
    remarks: tuple[str, ...]


def read_picture(path: Path) -> NDArray[np.uint8]:
    """Read an image file: RGB ``uint8 (H, W, 3)``; ``open_picture`` without the remarks."""
    return open_picture(path).rgb


def open_picture(path: Path, *, name: str = "") -> PictureRead:
    """Read a PNG, JPEG, WebP, TIFF, BMP, GIF, AVIF or HEIC file, upright as its EXIF orientation says, as sRGB.

    Of several pictures in a file the first is read; colours go through the embedded profile, transparency onto
    middle grey, more than 8 bits a channel become 8: see ``to_srgb``; all of that is told in ``remarks``. ``name`` is
    what messages call the file, else its path. Raises ``UnusablePicture`` for what is no file, no picture, damaged,
    or larger than ``MOST_BYTES`` or ``MOST_PIXELS``.
    """
    called = name or str(path)
    if not path.is_file():
        raise UnusablePicture(f"There is no file {called}; check the path.")
    if path.stat().st_size > MOST_BYTES:
        raise UnusablePicture(f"{called} is larger than {MOST_BYTES // 2**20} MB; save the picture smaller.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's limit is its own, and what it doubts in metadata is not needed
        try:
            return _decode(path, called=called)
        except Image.DecompressionBombError as error:
            raise _too_many_pixels(called) from error
        except UnidentifiedImageError as error:
            raise UnusablePicture(_tell_what_it_is(path, called=called)) from error
        except _UNREADABLE as error:
            raise UnusablePicture(f"{called} is damaged or incomplete, or cannot be read; save it again.") from error


def can_read_heic() -> bool:
    """Whether the library that decodes HEIC is installed."""
    return find_spec("pillow_heif") is not None


def _decode(path: Path, *, called: str) -> PictureRead:
    with Image.open(path, formats=_formats(path)) as image:
        if image.width * image.height > MOST_PIXELS:
            raise _too_many_pixels(called)
        remarks = _tell_of_other_pictures(image)
        raw_mode = _raw_mode(image)
        image.load()
        upright = ImageOps.exif_transpose(image)
    upright.info.setdefault("icc_profile", image.info.get("icc_profile"))
    coloured = to_srgb(upright, raw_mode=raw_mode)
    return PictureRead(np.array(coloured.image), (*remarks, *coloured.remarks))


def _formats(path: Path) -> tuple[str, ...]:
    """What Pillow may take the file for; HEIC only where it is one, for its library takes time to load."""
    if not (is_heic(_head(path)) and can_read_heic()):
        return FORMATS
    heif = import_module("pillow_heif")
    heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
    return (*FORMATS, HEIC)


def _tell_of_other_pictures(image: Image.Image) -> list[str]:
    """A sentence when the file holds more pictures than the one that is read; JPEG's hidden ones are no pages."""
    if image.format == "MPO" or not getattr(image, "is_animated", False):
        return []
    if image.format in {"TIFF", HEIC}:
        return [f"The file holds {getattr(image, 'n_frames', 2)} pictures; the first was taken."]
    return ["It is animated; its first picture was taken."]


def _raw_mode(image: Image.Image) -> str:
    """How the file stores its pixels, in Pillow's words, empty where a format does not say."""
    if image.info.get("bit_depth", 8) > 8:  # HEIC
        return "RGB;16"
    for tile in getattr(image, "tile", []):
        given = tile[3]
        mode = given[0] if isinstance(given, tuple) and given else given
        if isinstance(mode, str):
            return mode
    return ""


def _tell_what_it_is(path: Path, *, called: str) -> str:
    head = _head(path)
    if is_heic(head):
        return f"{called} is a HEIC picture, which needs the package pillow-heif here; save it as PNG or JPEG."
    other = name_other_kind(head)
    refusal = f"{called} is no {FORMATS_IN_WORDS} picture"
    return f"{refusal} but {other.what}; {other.advice}." if other else f"{refusal}; save it as one of these."


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def _too_many_pixels(called: str) -> UnusablePicture:
    return UnusablePicture(f"{called} has more than {MOST_PIXELS // 10**6} million pixels; save the picture smaller.")
