"""A still or an artwork as a PNG, JPEG, WebP, AVIF or TIFF file that says where it comes from."""

from __future__ import annotations

import io
import re
from functools import cache
from typing import Any, Literal, NamedTuple
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

StillFormat = Literal["png", "jpeg", "webp", "avif", "tiff"]
SUFFIXES: dict[StillFormat, str] = {
    "png": ".png",
    "jpeg": ".jpg",
    "webp": ".webp",
    "avif": ".avif",
    "tiff": ".tif",
}
SOFTWARE = "AVA"
JPEG_QUALITY = 95
WEBP_QUALITY = 92
WEBP_LONGEST_PX = 16383  # what the format holds
AVIF_QUALITY = 85
AVIF_SPEED = 6  # of 0–10; slower ones save a tenth and take twice as long
TIFF_EFFORT = 2  # of zlib's 9: the others take far longer and save little of a picture
TIFF_XMP = 700  # the tag's number (Adobe, XMP specification part 3, table 12)
EXIF_DESCRIPTION, EXIF_SOFTWARE, EXIF_COLOR_SPACE, EXIF_IFD = 0x010E, 0x0131, 0xA001, 0x8769
EXIF_SRGB = 1
LONGEST_NAME = 120
XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:still="urn:ava:still"
 xmlns:xmpDM="http://ns.adobe.com/xmp/1.0/DynamicMedia/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{film}</rdf:li></rdf:Alt></dc:title>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{description}</rdf:li></rdf:Alt></dc:description>
{place}<xmp:CreatorTool>{software}</xmp:CreatorTool>
</rdf:Description>{more}</rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""
_XMP_PLACE = """<xmpDM:startTimecode rdf:parseType="Resource"><xmpDM:timeValue>{timecode}</xmpDM:timeValue>
</xmpDM:startTimecode><still:frame>{frame}</still:frame>"""


class StillMetadata(NamedTuple):
    """Where a still comes from: the film's name, the frame's timecode and its 0-based number."""

    film: str
    timecode: str
    frame_index: int

    @property
    def description(self) -> str:
        """One line for people."""
        return f"{self.film}, {self.timecode}, frame {self.frame_index}"


class ArtworkMetadata(NamedTuple):
    """What an artwork belongs to, the title's name, and what the artwork itself is called."""

    film: str
    name: str

    @property
    def description(self) -> str:
        """One line for people."""
        return f"{self.film}, {self.name}"


Metadata = StillMetadata | ArtworkMetadata
_LOSSY: dict[StillFormat, dict[str, Any]] = {
    "jpeg": {"quality": JPEG_QUALITY, "subsampling": 0},
    "webp": {"quality": WEBP_QUALITY, "method": 4},
    "avif": {"quality": AVIF_QUALITY, "speed": AVIF_SPEED, "subsampling": "4:4:4", "max_threads": 1},
}


def encode_still(
    rgb: NDArray[np.uint8] | NDArray[np.uint16], *, format: StillFormat, metadata: Metadata, xmp: str = ""
) -> bytes:
    """Encode RGB uint8 (H, W, 3) as PNG or TIFF (lossless), JPEG or AVIF (no chroma subsampling) or WebP.

    A TIFF also takes uint16. The file carries an sRGB profile, and film, timecode and frame number, or an artwork's
    title and name: as text chunks and XMP in a PNG, as Exif and XMP in a JPEG, WebP or AVIF, as tags and XMP in a
    TIFF. ``xmp`` is what the XMP says beyond that: rdf:Description elements that declare their names. Raises
    ValueError for a picture that the format cannot hold.
    """
    packet = _xmp(metadata, more=xmp)
    if format == "tiff":
        return _encode_tiff(rgb, metadata, xmp=packet.encode())
    if rgb.dtype != np.uint8:
        raise ValueError(f"A {format.upper()} holds 8 bits a channel; 16 bits go into a TIFF.")
    image = Image.fromarray(rgb)
    if format == "webp" and max(image.size) > WEBP_LONGEST_PX:
        raise ValueError(f"A WebP is at most {WEBP_LONGEST_PX} pixels wide and high.")
    file = io.BytesIO()
    if format == "png":
        image.save(file, "PNG", icc_profile=srgb_profile(), pnginfo=_png_text(metadata, xmp=packet), compress_level=6)
    else:
        image.save(
            file, format.upper(), icc_profile=srgb_profile(), exif=_exif(metadata), xmp=packet.encode(),
            **_LOSSY[format],
        )  # fmt: skip
    return file.getvalue()


def _encode_tiff(rgb: NDArray[np.uint8] | NDArray[np.uint16], metadata: Metadata, *, xmp: bytes) -> bytes:
    import tifffile  # Pillow writes no 16-bit colour; only exports need it

    file = io.BytesIO()
    tifffile.imwrite(
        file, rgb, photometric="rgb", compression="zlib", compressionargs={"level": TIFF_EFFORT}, predictor=True,
        iccprofile=srgb_profile(), metadata=None, description=_fit_for_xml(metadata.description).encode(),
        software=SOFTWARE, extratags=[(TIFF_XMP, 1, len(xmp), xmp, True)],
    )  # fmt: skip
    return file.getvalue()


def still_file_name(metadata: StillMetadata, *, format: StillFormat) -> str:
    """A file name that holds on every system: film, timecode with dashes, frame number, suffix."""
    film = re.sub(r"[^\w.() -]+", "_", metadata.film).strip(" ._")[:LONGEST_NAME] or "film"
    timecode = re.sub(r"[:;.,]", "-", metadata.timecode)
    return f"{film} {timecode} f{metadata.frame_index:06}{SUFFIXES[format]}"


def _png_text(metadata: Metadata, *, xmp: str) -> PngInfo:
    text = PngInfo()
    text.add_itxt("Title", _fit_for_xml(metadata.film))
    text.add_itxt("Description", _fit_for_xml(metadata.description))
    if isinstance(metadata, StillMetadata):
        text.add_text("Timecode", metadata.timecode)
        text.add_text("Frame", str(metadata.frame_index))
    text.add_text("Software", SOFTWARE)
    text.add_itxt("XML:com.adobe.xmp", xmp)
    return text


def _exif(metadata: Metadata) -> Image.Exif:
    exif = Image.Exif()
    exif[EXIF_DESCRIPTION] = _fit_for_xml(metadata.description)
    exif[EXIF_SOFTWARE] = SOFTWARE
    exif[EXIF_IFD] = {EXIF_COLOR_SPACE: EXIF_SRGB}
    return exif


def _xmp(metadata: Metadata, *, more: str) -> str:
    place = ""
    if isinstance(metadata, StillMetadata):
        place = _XMP_PLACE.format(timecode=escape(metadata.timecode), frame=metadata.frame_index)
    return XMP.format(
        film=escape(_fit_for_xml(metadata.film)),
        description=escape(_fit_for_xml(metadata.description)),
        place=place,
        software=SOFTWARE,
        more=more,
    )


def _fit_for_xml(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text)


@cache
def srgb_profile() -> bytes:
    """An ICC profile of sRGB, as files embed it."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
