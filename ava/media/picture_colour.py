"""A picture's own colours brought to sRGB with 8 bits a channel, and told in sentences what that took."""

import io
import re
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageCms

GROUND = 128
"""Grey level that transparent parts are laid on: white and black lettering are both seen on it."""

LEAST_VISIBLE = 2
"""A change of levels, of 255, up to which a conversion is not worth a word: rounding makes as much."""

_SEEN_THROUGH = "Its transparent parts were laid on middle grey."
_DEEP = re.compile(r";(?:16|32)|^I;?|^F")


class ColouredPicture(NamedTuple):
    """A picture as RGB with 8 bits a channel, sRGB, and sentences on what was done to it."""

    image: Image.Image
    remarks: tuple[str, ...]


def to_srgb(image: Image.Image, *, raw_mode: str = "") -> ColouredPicture:
    """Bring a decoded picture of any mode to sRGB through its embedded ICC profile, and lay it on ``GROUND``.

    ``raw_mode`` is how the file stored its pixels, as Pillow names it, by which more than 8 bits are known of.
    Without a profile RGB and grey are taken for sRGB, and CMYK is converted by plain arithmetic; a damaged profile
    is ignored. All of that is told. Conversion is by Little CMS, perceptual intent (ICC.1:2022).
    """
    remarks = []
    if _DEEP.search(raw_mode) or image.mode.startswith(("I", "F")):
        remarks.append("It has more than 8 bits a channel; AVA measures it with 8.")
    profile = image.info.get("icc_profile") or b""
    alpha = _opacity(image)
    base = _without_opacity(_to_8_bits(image))
    rgb, said = _convert(base, profile)
    remarks += said
    if alpha is not None:
        ground = Image.new("RGB", rgb.size, (GROUND, GROUND, GROUND))
        rgb = Image.composite(rgb, ground, alpha)
        remarks.append(_SEEN_THROUGH)
    return ColouredPicture(rgb, tuple(remarks))


def _to_8_bits(image: Image.Image) -> Image.Image:
    """Pillow would clip what is deeper; floats of 0–1 and integers of 0–255 are what they are usually meant as."""
    if not image.mode.startswith(("I", "F")):
        return image
    levels = np.nan_to_num(np.asarray(image, dtype=np.float64), posinf=0.0, neginf=0.0)
    highest = levels.max(initial=0)
    scale = 255.0 if image.mode == "F" and highest <= 1 else 1.0 if highest < 256 else 1 / 256
    return Image.fromarray(np.clip(levels * scale, 0, 255).astype(np.uint8))


def _opacity(image: Image.Image) -> Image.Image | None:
    """How opaque each pixel is, None where all of them are."""
    if not image.has_transparency_data or image.mode.startswith(("I", "F")):
        return None
    alpha = image.convert("RGBA").getchannel("A")
    lowest, _ = alpha.getextrema()
    return alpha if float(np.asarray(lowest)) < 255 else None


def _without_opacity(image: Image.Image) -> Image.Image:
    """The colours alone, in a mode that a profile can be applied to."""
    plain = {"LA": "L", "La": "L", "RGBA": "RGB", "RGBa": "RGB", "RGBX": "RGB", "P": "RGB", "PA": "RGB", "1": "L"}
    if image.mode in {"La", "RGBa"}:  # premultiplied
        image = image.convert(image.mode.upper())
    if image.mode == "P" and image.has_transparency_data:
        image = image.convert("RGBA")
    return image.convert(plain[image.mode]) if image.mode in plain else image


def _convert(image: Image.Image, profile: bytes) -> tuple[Image.Image, list[str]]:
    if image.mode == "LAB":
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    if profile and image.mode in {"L", "RGB", "CMYK", "LAB"}:
        try:
            return _through(image, profile)
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            plain, said = _convert(image, b"")
            return plain, ["Its colour profile is damaged or of another kind, and was ignored.", *said]
    if image.mode == "CMYK":
        return image.convert("RGB"), [
            "It is CMYK without a colour profile: its colours were converted by plain arithmetic and are approximate."
        ]
    return image.convert("RGB"), []


def _through(image: Image.Image, profile: bytes) -> tuple[Image.Image, list[str]]:
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    target = ImageCms.createProfile("sRGB")
    transform = ImageCms.buildTransform(source, target, image.mode, "RGB", ImageCms.Intent.PERCEPTUAL)
    converted = ImageCms.applyTransform(image, transform)
    if converted is None:
        raise ValueError("The profile gives no picture.")
    if image.mode == "RGB" and not _differ(image, converted):
        return image, []
    name = " ".join(ImageCms.getProfileDescription(source).split())[:80]
    named = f"“{name}”" if name.isprintable() and name else "its own profile"
    if image.mode == "L" and not _differ(image.convert("RGB"), converted):
        return converted, []
    return converted, [f"Its colours were converted from {'CMYK, ' if image.mode == 'CMYK' else ''}{named} to sRGB."]


def _differ(first: Image.Image, second: Image.Image) -> bool:
    levels = (np.asarray(each, dtype=np.int16) for each in (first, second))
    return bool(np.abs(next(levels) - next(levels)).max(initial=0) > LEAST_VISIBLE)
