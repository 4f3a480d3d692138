"""Pictures on canvases: exactly the part that was asked for, at exactly the size, undistorted, in every format."""

from __future__ import annotations

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from ava.media.canvas_picture import CONTENT_TYPES, fit_window, make_canvas_file, render_canvas
from ava.media.still_file import StillMetadata, encode_still


def ramp(width: int, height: int, *, dtype: type = np.uint8) -> NDArray:
    """Red grows to the right and green downwards, by a known amount a pixel."""
    step = np.iinfo(dtype).max / 400
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    return np.stack([x * step, y * step, np.full_like(x, 7 * step)], axis=2).round().astype(dtype)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize(
    ("box", "size"),
    [((10, 20, 110, 220), (50, 100)), ((10.25, 20.5, 110.25, 220.5), (50, 100)), ((0, 0, 300, 200), (300, 200)),
     ((40, 40, 60, 60), (90, 90)), ((3, 5, 290, 190), (7, 9))],
)  # fmt: skip
def test_every_pixel_shows_the_place_of_the_picture_that_it_stands_for(dtype, box, size) -> None:
    rgb = ramp(300, 200, dtype=dtype) if box[3] <= 200 else ramp(300, 230, dtype=dtype)
    out = render_canvas(rgb, box=box, size=size)
    assert (out.shape, out.dtype) == ((size[1], size[0], 3), dtype)
    window = fit_window(box, size=size)
    step = np.iinfo(dtype).max / 400
    scale = (window.x1 - window.x0) / size[0]
    rim = int(3 * max(1, 1 / scale)) + 1 if scale < 2 else 3  # there a kernel has one side only
    inner = slice(rim, -rim)
    xs = (window.x0 + (np.arange(size[0]) + 0.5) * scale) * step
    ys = (window.y0 + (np.arange(size[1]) + 0.5) * scale) * step
    tolerance = 1 + 0.02 * step * max(scale, 1)
    assert np.abs(out[inner, inner, 0] - xs[None, inner]).max() <= tolerance
    assert np.abs(out[inner, inner, 1] - ys[inner, None]).max() <= tolerance


def test_a_box_of_the_canvas_s_own_size_keeps_every_pixel() -> None:
    rgb = np.random.default_rng(1).integers(0, 256, (120, 160, 3), dtype=np.uint8)
    assert np.array_equal(render_canvas(rgb, box=(20, 10, 100, 70), size=(80, 60)), rgb[10:70, 20:100])


def test_nothing_beside_the_box_bleeds_in() -> None:
    rgb = np.full((100, 100, 3), 200, dtype=np.uint8)
    rgb[:20] = rgb[-20:] = 0  # black bars
    for size in ((50, 30), (200, 120), (33, 20)):
        assert np.all(render_canvas(rgb, box=(0, 20, 100, 80), size=size) == 200)


def test_what_misses_the_canvas_s_shape_is_trimmed_and_not_distorted() -> None:
    assert fit_window((0, 0, 100, 101), size=(50, 50)) == (0, 0.5, 100, 100.5)
    x, y = np.meshgrid(np.arange(400), np.arange(200))
    disc = np.where((x - 200) ** 2 + (y - 100) ** 2 < 60**2, 255, 0).astype(np.uint8)
    out = render_canvas(np.dstack([disc] * 3), box=(0, 0, 400, 200), size=(120, 120))[:, :, 0] > 127
    assert abs(int(out.any(axis=0).sum()) - int(out.any(axis=1).sum())) <= 1, "a disc stays a disc"


def test_fine_stripes_become_grey_and_no_new_pattern() -> None:
    rgb = np.zeros((400, 400, 3), dtype=np.uint8)
    rgb[:, ::2] = 255
    out = render_canvas(rgb, box=(0, 0, 400, 400), size=(90, 90))[5:-5, 5:-5]
    assert out.std() < 2 and abs(out.mean() - 127.5) < 2


@pytest.mark.parametrize(
    "box", [(0, 0, 0, 10), (5, 5, 4, 9), (0, 0, 101, 50), (-1, 0, 50, 50), (float("nan"), 0, 5, 5), (0, 0, np.inf, 5)]
)
def test_a_box_that_cannot_be_is_refused_with_a_sentence(box) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        render_canvas(ramp(100, 50), box=box, size=(10, 10))


def test_one_pixel_fills_a_canvas() -> None:
    assert np.all(render_canvas(ramp(3, 3), box=(1, 1, 2, 2), size=(20, 30)) == ramp(3, 3)[1, 1])


def jpeg_of(rgb: NDArray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "JPEG", quality=98, subsampling=0)
    return file.getvalue()


@pytest.mark.parametrize("format", CONTENT_TYPES)
def test_every_format_keeps_size_colours_and_an_srgb_profile(format) -> None:
    rgb = ramp(300, 200)
    content = make_canvas_file(jpeg_of(rgb), box=(20, 10, 180, 100), picture_size=(300, 200), size=(160, 90),
                               format=format)  # fmt: skip
    with Image.open(io.BytesIO(content)) as image:
        assert (image.format, image.size) == (format.upper(), (160, 90))
        assert np.abs(np.asarray(image.convert("RGB")).astype(int) - rgb[10:100, 20:180]).mean() < 3
        profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
    assert "sRGB" in ImageCms.getProfileDescription(profile)


@pytest.mark.parametrize("width", [800, 399, 200, 99, 30])
def test_small_pictures_that_are_read_quickly_show_the_same_as_those_read_whole(width) -> None:
    smooth = ramp(1600, 800) // 2 + np.random.default_rng(2).integers(0, 99, (50, 100, 1), np.uint8).repeat(
        16, axis=0
    ).repeat(16, axis=1)
    size, box = (width, width // 2), (0, 100, 1000, 600)
    content = make_canvas_file(jpeg_of(smooth), box=box, picture_size=(1600, 800), size=size, format="png")
    expected = render_canvas(smooth, box=box, size=size).astype(int)
    assert np.abs(np.asarray(Image.open(io.BytesIO(content))).astype(int) - expected).mean() < 2


def test_a_box_in_the_picture_s_pixels_means_the_same_in_a_smaller_copy() -> None:
    small = jpeg_of(ramp(150, 100))
    content = make_canvas_file(small, box=(20, 10, 180, 110), picture_size=(300, 200), size=(80, 50), format="png")
    expected = render_canvas(ramp(150, 100), box=(10, 5, 90, 55), size=(80, 50))
    assert np.abs(np.asarray(Image.open(io.BytesIO(content))).astype(int) - expected).max() <= 4


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(OSError):
        make_canvas_file(b"no picture", box=(0, 0, 9, 9), picture_size=(9, 9), size=(9, 9), format="png")


def test_an_avif_still_says_where_it_comes_from() -> None:
    rgb, where = ramp(96, 64), StillMetadata("Zwölf & <Eins>", "01:02:03:04", 7)
    with Image.open(io.BytesIO(encode_still(rgb, format="avif", metadata=where, xmp="<!-- more -->"))) as image:
        assert (image.format, image.size) == ("AVIF", (96, 64))
        assert np.abs(np.asarray(image.convert("RGB")).astype(int) - rgb).mean() < 3
        assert b"01:02:03:04" in image.info["xmp"] and b"<!-- more -->" in image.info["xmp"]
        assert "frame 7" in image.getexif()[0x010E] and image.info["icc_profile"]
