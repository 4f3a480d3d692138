"""Pictures of logos as people upload them: read with suspicion, and kept as a PNG of AVA's own making."""

import io
import struct
import warnings
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from ava.annotate.logos import LEAST_INLIERS, REFERENCE_SIDES_PX, describe
from ava.media.colour import to_gray

FORMATS = ("PNG", "JPEG", "WEBP")
MOST_BYTES = 8 * 2**20
MOST_SIDE_PX = 6000
MOST_PIXELS = 24_000_000
LEAST_SIDE_PX = 16
MOST_ASPECT = 12
KEPT_SIDE_PX = 1024
"""Longer side of what is kept: matching needs less, and a page shows no more."""

_SEEN_ALPHA = 8
_UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, OverflowError, struct.error, zlib.error)


class UnusableLogo(Exception):
    """A picture cannot be used as a logo; the message says why and what to do."""


def read_logo_picture(content: bytes) -> bytes:
    """Check an uploaded picture and write it anew as PNG, see-through where it was, its empty margins cut off.

    Nothing of the upload but its pixels is kept. Raises UnusableLogo.
    """
    if len(content) > MOST_BYTES:
        raise UnusableLogo(f"The picture is larger than {MOST_BYTES // 2**20} MB; save it smaller and try again.")
    picture = _shrink(_trim(_decode(content)))
    if count_features(np.asarray(picture)) < LEAST_INLIERS:
        raise UnusableLogo(
            "The picture has too few details to be found again, as a plain area of one colour has. "
            "Use a version of the logo with its lettering or its outline on a transparent ground."
        )
    written = io.BytesIO()
    picture.save(written, format="PNG", optimize=True)
    return written.getvalue()


def open_logo(content: bytes) -> NDArray[np.uint8]:
    """A kept picture as `uint8 (H, W, 4)` RGBA."""
    return np.array(Image.open(io.BytesIO(content), formats=["PNG"]).convert("RGBA"))


def count_features(rgba: NDArray[np.uint8]) -> int:
    """Places that the matcher could recognise a logo by, on whichever of light and dark ground shows more."""
    factor = max(REFERENCE_SIDES_PX) / max(rgba.shape[:2])
    size = (max(round(rgba.shape[1] * factor), 1), max(round(rgba.shape[0] * factor), 1))
    shown = Image.fromarray(rgba).resize(size)
    counts = []
    for ground in (255, 0):
        laid = Image.new("RGBA", size, (ground, ground, ground, 255))
        laid.alpha_composite(shown)
        places = describe(to_gray(np.array(laid.convert("RGB")))).places
        counts.append(len(np.unique(np.round(places), axis=0)))
    return max(counts)


def _decode(content: bytes) -> Image.Image:
    """The upload's first picture, upright, as RGBA."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # its own limits follow
        try:
            image = Image.open(io.BytesIO(content), formats=FORMATS)
        except Image.DecompressionBombError as error:
            raise _too_many_pixels() from error
        except _UNREADABLE as error:
            raise UnusableLogo("This is no PNG, JPEG or WebP picture; save the logo as one of these.") from error
        _require_size(*image.size)
        try:
            image.load()
            return _to_rgba(ImageOps.exif_transpose(image))
        except _UNREADABLE as error:
            raise UnusableLogo("The picture is damaged or incomplete; save it again and try once more.") from error


def _require_size(width: int, height: int) -> None:
    if max(width, height) > MOST_SIDE_PX or width * height > MOST_PIXELS:
        raise _too_many_pixels()
    if min(width, height) < LEAST_SIDE_PX:
        raise UnusableLogo(
            f"The picture is only {width} × {height} pixels; each side needs {LEAST_SIDE_PX} at least, "
            "and 200 or more make the logo easier to find."
        )
    if max(width, height) > MOST_ASPECT * min(width, height):
        raise UnusableLogo(
            f"The picture of {width} × {height} pixels is too narrow; its longer side may be at most "
            f"{MOST_ASPECT} times the shorter."
        )


def _too_many_pixels() -> UnusableLogo:
    return UnusableLogo(
        f"The picture has too many pixels; its sides may be {MOST_SIDE_PX:,} at most, and 1,000 are plenty."
    )


def _to_rgba(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits of grey, which Pillow would clip
        image = Image.fromarray((np.asarray(image).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8))
    return image.convert("RGBA") if image.has_transparency_data else image.convert("RGB").convert("RGBA")


def _trim(image: Image.Image) -> Image.Image:
    """Without the margins that are see-through: they are no part of the logo."""
    seen = image.getchannel("A").point(lambda alpha: 255 if alpha > _SEEN_ALPHA else 0).getbbox()
    if seen is None:
        raise UnusableLogo("The picture is transparent all over; there is nothing to look for.")
    trimmed = image.crop(seen)
    _require_size(*trimmed.size)
    return trimmed


def _shrink(image: Image.Image) -> Image.Image:
    longer = max(image.size)
    if longer <= KEPT_SIDE_PX:
        return image
    width, height = (max(round(side * KEPT_SIDE_PX / longer), 1) for side in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS)
