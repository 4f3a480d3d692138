"""Pictures of every kind become upright sRGB with a word on what that took, or are refused in a sentence."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import color, data

from ava.media import picture_file
from ava.media.picture_colour import GROUND
from ava.media.picture_file import UnusablePicture, open_picture
from ava.picture_process import PictureReader
from tests.icc_profiles import P3_TO_XYZ, SRGB_TO_XYZ, display_p3, odd_inks

pytestmark = pytest.mark.filterwarnings("error")

ASTRONAUT = data.astronaut()[:128, 150:350]
FLAT = (40, 60)


def save(image: Image.Image, path: Path, **options: object) -> Path:
    image.save(path, **options)
    return path


def flat(*levels: int, mode: str = "RGB") -> Image.Image:
    return Image.new(mode, FLAT, levels if len(levels) > 1 else levels[0])


def encode_srgb(linear: np.ndarray) -> np.ndarray:
    """Levels 0–255 of linear light, by the curve of IEC 61966-2-1."""
    return np.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, 12.92 * linear) * 255


def middle(read: picture_file.PictureRead) -> np.ndarray:
    return read.rgb[read.rgb.shape[0] // 2, read.rgb.shape[1] // 2].astype(int)


def test_a_plain_picture_is_read_as_it_is_and_nothing_is_said(tmp_path):
    read = open_picture(save(Image.fromarray(ASTRONAUT), tmp_path / "plain.png"))
    assert np.array_equal(read.rgb, ASTRONAUT) and read.remarks == ()


def test_cmyk_goes_through_its_own_profile(tmp_path):
    path = save(flat(255, 0, 0, 0, mode="CMYK"), tmp_path / "inks.tiff", icc_profile=odd_inks())
    read = open_picture(path)
    xyz = color.lab2xyz(np.array([60.0, 40.0, 50.0]), illuminant="D50")
    truth = encode_srgb(np.linalg.inv(SRGB_TO_XYZ) @ xyz)
    assert np.abs(middle(read) - truth).max() <= 4  # an orange, which no arithmetic makes of cyan ink
    assert read.remarks == ("Its colours were converted from CMYK, “Odd inks” to sRGB.",)


@pytest.mark.parametrize("name", ["inks.jpg", "inks.tiff"])
def test_cmyk_without_a_profile_is_converted_plainly_and_that_is_said(tmp_path, name):
    read = open_picture(save(flat(255, 0, 0, 0, mode="CMYK"), tmp_path / name))
    assert middle(read).tolist() == pytest.approx([0, 255, 255], abs=3)
    assert "approximate" in read.remarks[0] and len(read.remarks) == 1


def test_a_wide_gamut_comes_to_srgb_as_its_primaries_say(tmp_path):
    given = np.array([180, 120, 60])
    path = save(flat(*given.tolist()), tmp_path / "wide.png", icc_profile=display_p3(gamma=2.2))
    truth = encode_srgb(np.linalg.inv(SRGB_TO_XYZ) @ P3_TO_XYZ @ (given / 255) ** 2.2)
    read = open_picture(path)
    assert np.abs(middle(read) - truth).max() <= 2
    assert np.abs(truth - given).max() > 10
    assert read.remarks == ("Its colours were converted from “Wide test gamut” to sRGB.",)


def test_a_damaged_profile_is_ignored_and_that_is_said(tmp_path):
    path = save(flat(10, 200, 30), tmp_path / "odd.png", icc_profile=display_p3()[:200])
    read = open_picture(path)
    assert middle(read).tolist() == [10, 200, 30]
    assert "damaged" in read.remarks[0]


def test_an_ordinary_srgb_profile_is_not_worth_a_word(tmp_path):
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    read = open_picture(save(Image.fromarray(ASTRONAUT), tmp_path / "srgb.png", icc_profile=profile))
    assert np.array_equal(read.rgb, ASTRONAUT) and read.remarks == ()


def test_sixteen_bits_become_eight_in_grey_and_in_colour(tmp_path):
    import cv2

    ramp = np.linspace(0, 65535, 256).astype(np.uint16)
    grey = save(Image.fromarray(np.tile(ramp, (8, 1))), tmp_path / "grey.png")
    cv2.imwrite(str(tmp_path / "colour.png"), np.dstack([np.tile(ramp, (8, 1))] * 3))
    cv2.imwrite(str(tmp_path / "colour.tiff"), np.dstack([np.tile(ramp, (8, 1))] * 3))
    for path in (grey, tmp_path / "colour.png", tmp_path / "colour.tiff"):
        read = open_picture(path)
        assert np.abs(read.rgb[4, :, 1].astype(int) - np.arange(256)).max() <= 1, path
        assert "8 bits" in read.remarks[0], path


@pytest.mark.parametrize(("mode", "name"), [("RGBA", "a.png"), ("LA", "a.png"), ("P", "a.png"), ("RGBA", "a.webp")])
def test_what_is_see_through_lies_on_middle_grey(tmp_path, mode, name):
    rgba = Image.new("RGBA", FLAT, (255, 255, 255, 0))
    rgba.paste((255, 255, 255, 255), (0, 0, 20, 60))
    read = open_picture(save(rgba.convert(mode), tmp_path / name))
    assert abs(int(read.rgb[30, 35, 0]) - GROUND) <= 1 and read.rgb[30, 5, 0] >= 250
    assert "middle grey" in read.remarks[0]


def test_an_opaque_alpha_channel_is_not_worth_a_word(tmp_path):
    read = open_picture(save(Image.fromarray(ASTRONAUT).convert("RGBA"), tmp_path / "opaque.png"))
    assert np.array_equal(read.rgb, ASTRONAUT) and read.remarks == ()


@pytest.mark.parametrize("name", ["move.gif", "move.webp", "move.png", "pages.tiff", "move.avif"])
def test_of_several_pictures_in_a_file_the_first_is_taken_and_that_is_said(tmp_path, name):
    pictures = [flat(200, 40, 40), flat(40, 200, 40), flat(40, 40, 200)]
    path = save(pictures[0], tmp_path / name, save_all=True, append_images=pictures[1:])
    read = open_picture(path)
    assert middle(read).tolist() == pytest.approx([200, 40, 40], abs=6)
    assert any("first" in remark for remark in read.remarks)


def test_avif_and_palettes_are_read(tmp_path):
    for name, given in (("p.avif", Image.fromarray(ASTRONAUT)), ("p.gif", Image.fromarray(ASTRONAUT).quantize(256))):
        read = open_picture(save(given, tmp_path / name))
        assert read.rgb.shape == ASTRONAUT.shape
        assert np.abs(read.rgb.astype(int) - ASTRONAUT.astype(int)).mean() < 8


def heic(path: Path) -> Path:
    pillow_heif = pytest.importorskip("pillow_heif", reason="the package that reads HEIC is not installed")
    pillow_heif.register_heif_opener()
    return save(Image.fromarray(ASTRONAUT), path, format="HEIF", quality=90)


def test_heic_is_read(tmp_path):
    read = open_picture(heic(tmp_path / "phone.heic"))
    assert np.abs(read.rgb.astype(int) - ASTRONAUT.astype(int)).mean() < 8


def test_heic_is_refused_with_what_to_do_where_its_reader_is_not_installed(tmp_path, monkeypatch):
    path = tmp_path / "phone.heic"
    path.write_bytes(struct.pack(">I", 24) + b"ftypheic\0\0\0\0mif1heic" + bytes(500))
    monkeypatch.setattr(picture_file, "can_read_heic", lambda: False)
    with pytest.raises(UnusablePicture, match=r"phone\.heic is a HEIC picture.*save it as PNG or JPEG\."):
        open_picture(path, name="phone.heic")


OTHERS = {
    "drawing.jpg": (b"<?xml version='1.0'?><svg onload='alert(1)'></svg>", "SVG"),
    "paper.jpg": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "PDF"),
    "notes.jpg": (b"Dear colleague, here is the poster.", "a text"),
    "page.png": (b"<!DOCTYPE html><html><body>404</body></html>", "web page"),
    "setup.jpg": (b"MZ\x90\x00" + bytes(200), "a program"),
    "tool.jpg": (b"\x7fELF\x02\x01\x01" + bytes(200), "a program"),
    "script.png": (b"#!/bin/sh\nrm -rf /\n", "a program"),
    "layers.png": (b"8BPS\x00\x01" + bytes(200), "Photoshop"),
    "packed.jpg": (b"PK\x03\x04" + bytes(200), "an archive"),
    "film.jpg": (b"\x00\x00\x00\x20ftypisom" + bytes(200), "a film"),
    "noise.jpg": (bytes(range(255, 0, -1)) * 4, "save it as one of these"),
    "empty.jpg": (b"", "save it as one of these"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_only_calls_itself_a_picture_is_named_for_what_it_is(tmp_path, name):
    content, word = OTHERS[name]
    path = tmp_path / "upload"
    path.write_bytes(content)
    with pytest.raises(UnusablePicture, match=word) as refusal:
        open_picture(path, name=name)
    sentence = str(refusal.value)
    assert sentence.startswith(name) and sentence.endswith(".")
    assert "\n" not in sentence and str(tmp_path) not in sentence


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "GIF", "AVIF"])
def test_a_cut_or_spoilt_file_is_refused_or_read_and_never_crashes(tmp_path, kind):
    written = io.BytesIO()
    Image.fromarray(ASTRONAUT).save(written, format=kind)
    whole, chance = written.getvalue(), np.random.default_rng(5)
    path = tmp_path / "spoilt"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnusablePicture):
        open_picture(path)
    for _ in range(25):
        spoilt = np.frombuffer(whole, np.uint8).copy()
        spoilt[chance.integers(0, len(spoilt), 12)] = chance.integers(0, 256, 12)
        path.write_bytes(spoilt.tobytes())
        try:
            assert open_picture(path).rgb.dtype == np.uint8
        except UnusablePicture as refusal:
            assert str(refusal).endswith(".")


def test_a_picture_that_brings_its_reader_down_costs_only_itself(tmp_path):
    sound, second = (save(Image.fromarray(ASTRONAUT), tmp_path / name) for name in ("a.png", "b.png"))
    folder = tmp_path / "copies"
    folder.mkdir()
    with PictureReader() as reader:
        assert reader.read(sound, name="a.png", folder=folder).width == ASTRONAUT.shape[1]
        reader._process._process.kill()  # as the kernel does with what wants too much memory
        reader._process._process.wait()
        copies = reader.read(second, name="b.png", folder=folder)
        assert np.array_equal(np.array(Image.open(copies.picture)), ASTRONAUT)
        with pytest.raises(UnusablePicture, match=r"no file c\.png"):
            reader.read(tmp_path / "c.png", name="c.png", folder=folder)


def test_a_crash_over_a_picture_is_a_refusal(tmp_path, monkeypatch):
    from ava.decoder_process import DecoderDied, DecoderProcess

    def die(self, request, **_):
        self.close()
        raise DecoderDied("the decoder crashed (signal 11)")

    path = save(Image.fromarray(ASTRONAUT), tmp_path / "a.png")
    with PictureReader() as reader, monkeypatch.context() as patched:
        patched.setattr(DecoderProcess, "ask", die)
        with pytest.raises(UnusablePicture, match=r"a\.png cannot be read: the decoder crashed"):
            reader.read(path, name="a.png", folder=tmp_path)
