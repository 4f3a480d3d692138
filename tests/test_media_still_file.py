"""Still files keep every pixel (PNG), look right anywhere (sRGB) and say where they come from."""

from __future__ import annotations

import io
import xml.etree.ElementTree

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

from ava.media.still_file import StillFormat, StillMetadata, encode_still, still_file_name
from tests.footage import numbered_picture

WHERE = StillMetadata(film="Zwölf & <Eins>", timecode="01:02:03:04", frame_index=89_324)
PICTURE = numbered_picture(1365, width=192, height=108)


def opened(format: StillFormat, metadata: StillMetadata = WHERE) -> Image.Image:
    image = Image.open(io.BytesIO(encode_still(PICTURE, format=format, metadata=metadata)))
    image.load()
    return image


def test_a_png_keeps_every_pixel() -> None:
    assert np.array_equal(np.asarray(opened("png")), PICTURE)


def test_a_jpeg_stays_close_and_keeps_full_chroma() -> None:
    image = opened("jpeg")
    assert np.abs(np.asarray(image).astype(int) - PICTURE).mean() < 2
    assert {layer[1:3] for layer in image.layer} == {(1, 1)}  # type: ignore[attr-defined]


@pytest.mark.parametrize("format", ["png", "jpeg"])
def test_stills_carry_an_srgb_profile(format: StillFormat) -> None:
    profile = ImageCms.ImageCmsProfile(io.BytesIO(opened(format).info["icc_profile"]))
    assert "sRGB" in ImageCms.getProfileDescription(profile)


def test_a_png_says_where_it_comes_from() -> None:
    text = opened("png").text  # type: ignore[attr-defined]
    assert text["Title"] == "Zwölf & <Eins>"
    assert text["Timecode"] == "01:02:03:04"
    assert text["Frame"] == "89324"


def test_a_jpeg_says_where_it_comes_from_in_its_exif() -> None:
    exif = opened("jpeg").getexif()
    assert "01:02:03:04, frame 89324" in exif[0x010E]
    assert exif[0x0131] == "AVA"


@pytest.mark.parametrize("format", ["png", "jpeg"])
def test_xmp_is_well_formed_and_holds_film_and_timecode(format: StillFormat) -> None:
    image = opened(format)
    xmp = image.text["XML:com.adobe.xmp"] if format == "png" else image.info["xmp"].decode()  # type: ignore[attr-defined]
    root = xml.etree.ElementTree.fromstring(xmp)
    words = [element.text for element in root.iter() if element.text and element.text.strip()]
    assert {"Zwölf & <Eins>", "01:02:03:04", "89324"} <= set(words)


def test_control_characters_in_a_films_name_break_nothing() -> None:
    odd = StillMetadata(film="a\x00b\x07", timecode="00:00:00:00", frame_index=0)
    for format in ("png", "jpeg"):
        opened(format, odd)


@pytest.mark.parametrize(
    ("film", "timecode", "name"),
    [
        ("Zwölf Männer", "01:02:03:04", "Zwölf Männer 01-02-03-04 f000012.png"),
        ("../../etc/passwd", "00:00:59;28", "etc_passwd 00-00-59-28 f000012.png"),
        ('a:b*c?"d"', "00:00:01.500", "a_b_c_d 00-00-01-500 f000012.png"),
        ("...", "00:00:00:00", "film 00-00-00-00 f000012.png"),
    ],
)
def test_file_names_hold_on_every_system(film: str, timecode: str, name: str) -> None:
    assert still_file_name(StillMetadata(film, timecode, 12), format="png") == name


def test_long_names_are_cut() -> None:
    assert len(still_file_name(StillMetadata("x" * 500, "00:00:00:00", 1), format="jpeg")) < 160


def test_a_webp_stays_close_and_carries_profile_and_origin() -> None:
    image = opened("webp")
    assert np.abs(np.asarray(image.convert("RGB")).astype(int) - PICTURE).mean() < 4
    assert "sRGB" in ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"])))
    assert "01:02:03:04, frame 89324" in image.getexif()[0x010E]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_tiff_keeps_every_level_of_its_depth_and_says_where_it_comes_from(dtype: type) -> None:
    rgb = np.random.default_rng(1).integers(0, np.iinfo(dtype).max, (40, 60, 3), dtype=dtype, endpoint=True)
    with tifffile.TiffFile(io.BytesIO(encode_still(rgb, format="tiff", metadata=WHERE))) as tiff:
        (page,) = tiff.pages
        assert page.asarray().dtype == dtype
        assert np.array_equal(page.asarray(), rgb)
        tags = {tag.name: tag.value for tag in page.tags.values()}
    profile = ImageCms.ImageCmsProfile(io.BytesIO(tags["InterColorProfile"]))
    assert "sRGB" in ImageCms.getProfileDescription(profile)
    assert b"01:02:03:04" in tags["XMP"]
    assert "01:02:03:04, frame 89324" in str(tags["ImageDescription"])


def test_sixteen_bits_go_into_a_tiff_only() -> None:
    with pytest.raises(ValueError, match="TIFF"):
        encode_still(PICTURE.astype(np.uint16), format="png", metadata=WHERE)
