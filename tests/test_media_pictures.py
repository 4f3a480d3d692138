"""Pictures come upright, square, progressive and in the right colours, whatever a file stores."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from ava.media import colour
from ava.media.decode import decode_frame, decode_frames
from ava.media.geometry import scaled_size, upright_size
from ava.media.probe import probe
from ava.media.tone_map import nits_to_pq, pq_to_nits
from tests.footage import numbered_picture, read_number, write_film

# Rows: red, green, blue, white, mid grey, skin, black, yellow.
PATCHES = np.array(
    [[220, 30, 40], [30, 200, 60], [40, 50, 210], [235, 235, 235], [128, 128, 128], [200, 150, 120], [16, 16, 16],
     [210, 200, 30]],
    dtype=np.float64,
)  # fmt: skip
KR_KB = {"bt709": (0.2126, 0.0722), "smpte170m": (0.299, 0.114), "bt2020nc": (0.2627, 0.0593)}
H273_MATRIX = {"bt709": 1, "smpte170m": 6, "bt2020nc": 9, "unknown": 2}
H273_RANGE = {"tv": 1, "pc": 2, "unknown": 0}
PATCH_PX = 32


def ycbcr(rgb: NDArray[np.float64], *, matrix: str, is_full: bool, bits: int) -> NDArray[np.int64]:
    """R'G'B' 0–255 (N, 3) as Y'CbCr code values, by the equations of ITU-T H.273."""
    kr, kb = KR_KB[matrix]
    red, green, blue = (rgb / 255).T
    luma = kr * red + (1 - kr - kb) * green + kb * blue
    chroma = np.stack([(blue - luma) / (2 - 2 * kb), (red - luma) / (2 - 2 * kr)])
    unit = 2 ** (bits - 8)
    peak = 2**bits - 1
    scaled = (
        np.stack([luma * peak, *(chroma * peak + 128 * unit)])
        if is_full
        else np.stack([219 * unit * luma + 16 * unit, *(224 * unit * chroma + 128 * unit)])
    )
    return np.round(scaled).astype(np.int64).T


def write_patches(
    path: Path, codes: NDArray[np.int64], *, pixel_format: str, matrix: str, color_range: str, height: int = 64,
    transfer: int = 2, primaries: int = 2,
) -> Path:  # fmt: skip
    """A lossless film of upright colour patches, one of PATCH_PX width for each row of code values."""
    width = PATCH_PX * len(codes)
    frame = VideoFrame(width, height, pixel_format)
    dtype = np.uint16 if "10" in pixel_format else np.uint8
    for plane, values in zip(frame.planes, codes.T, strict=True):
        line = values.repeat(plane.width // len(codes)).astype(dtype)
        np.frombuffer(plane, dtype=dtype).reshape(plane.height, -1)[:, : plane.width] = line
    frame.colorspace, frame.color_range = H273_MATRIX[matrix], H273_RANGE[color_range]
    frame.color_trc, frame.color_primaries = transfer, primaries
    with av.open(str(path), "w") as output:
        stream = output.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = width, height, pixel_format
        stream.colorspace, stream.color_range = H273_MATRIX[matrix], H273_RANGE[color_range]
        stream.color_trc, stream.color_primaries = transfer, primaries
        frame.pts = 0
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def patch_colours(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The mean colour in the middle of each patch, (N, 3)."""
    count = rgb.shape[1] // (PATCH_PX * rgb.shape[0] // 64)
    side = rgb.shape[1] // count
    middle = rgb[rgb.shape[0] // 4 : -rgb.shape[0] // 4]
    return np.array(
        [middle[:, side * n + side // 4 : side * (n + 1) - side // 4].mean(axis=(0, 1)) for n in range(count)]
    )


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le"])
@pytest.mark.parametrize("matrix", KR_KB)
@pytest.mark.parametrize("color_range", ["tv", "pc"])
def test_stored_numbers_become_the_colours_they_were(
    pixel_format: str, matrix: str, color_range: str, tmp_path: Path
) -> None:
    codes = ycbcr(PATCHES, matrix=matrix, is_full=color_range == "pc", bits=10 if "10" in pixel_format else 8)
    path = write_patches(
        tmp_path / "patches.mkv", codes, pixel_format=pixel_format, matrix=matrix, color_range=color_range
    )
    info = probe(path)
    assert (info.color_space, info.color_range) == (matrix, color_range)
    assert info.bit_depth == (10 if "10" in pixel_format else 8)
    assert np.abs(patch_colours(decode_frame(path, info=info, frame_index=0)) - PATCHES).max() <= 2
    (small,) = decode_frames(path, info=info, max_side_px=128)
    assert np.abs(patch_colours(small.rgb) - PATCHES).max() <= 2


@pytest.mark.parametrize(("height", "matrix"), [(64, "smpte170m"), (720, "bt709")])
def test_a_file_that_names_no_matrix_is_read_as_its_size_suggests(height: int, matrix: str, tmp_path: Path) -> None:
    codes = ycbcr(PATCHES, matrix=matrix, is_full=False, bits=8)
    path = write_patches(
        tmp_path / "patches.mkv", codes, pixel_format="yuv444p", matrix="unknown", color_range="unknown", height=height
    )
    info = probe(path)
    assert info.color_space == "unknown"
    middle = decode_frame(path, info=info, frame_index=0)[height // 2]
    assert np.abs(middle[PATCH_PX // 2 :: PATCH_PX] - PATCHES).max() <= 2


def test_rgb_films_pass_unchanged(tmp_path: Path) -> None:
    picture = numbered_picture(1234, width=96, height=64)
    path = write_film(tmp_path / "rgb.mkv", codec="ffv1", pixel_format="bgr0", frames=2, picture=lambda number: picture)
    assert np.array_equal(decode_frame(path, info=probe(path), frame_index=1), picture)


def test_grey_films_are_grey(tmp_path: Path) -> None:
    path = write_film(tmp_path / "grey.mkv", codec="ffv1", pixel_format="gray", frames=2)
    rgb = decode_frame(path, info=probe(path), frame_index=1)
    assert np.ptp(rgb, axis=2).max() == 0
    assert read_number(rgb) == 1


def test_hdr_white_is_near_white_and_midtones_stay(tmp_path: Path) -> None:
    nits = np.array([0.0, 10.0, 50.0, 203.0, 1000.0, 4000.0])
    grey = np.repeat(255 * nits_to_pq(nits)[:, None], 3, axis=1)
    codes = ycbcr(grey, matrix="bt2020nc", is_full=False, bits=10)
    path = write_patches(
        tmp_path / "hdr.mkv", codes, pixel_format="yuv420p10le", matrix="bt2020nc", color_range="tv", transfer=16,
        primaries=9,
    )  # fmt: skip
    info = probe(path)
    assert (info.color_transfer, info.color_primaries) == ("smpte2084", "bt2020")
    shown = patch_colours(decode_frame(path, info=info, frame_index=0))
    assert np.ptp(shown, axis=1).max() <= 2  # neutral stays neutral
    light = 203 * (shown.mean(axis=1) / 255) ** 2.4
    assert light[:3] == pytest.approx(nits[:3], abs=1.5)  # what is far below white is not touched
    assert 130 < light[3] < 203
    assert shown[4].min() >= 253
    assert np.all(np.diff(light[:5]) > 0)


def test_pq_and_its_inverse_agree_with_the_standards_table() -> None:
    # ST 2084 annex: 10-bit full code 769/1023 is 1000 cd/m² within a code's step; 0.5081 is 100 cd/m².
    assert float(nits_to_pq(np.array(100.0))) == pytest.approx(0.5081, abs=1e-4)
    assert float(nits_to_pq(np.array(1000.0))) == pytest.approx(0.7518, abs=1e-4)
    nits = np.array([0.01, 1.0, 203.0, 10_000.0])
    assert pq_to_nits(nits_to_pq(nits)) == pytest.approx(nits, rel=1e-6)


@pytest.mark.parametrize("rotation_deg", [90, 180, 270])
@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv"])
def test_turned_films_come_upright(rotation_deg: int, suffix: str, tmp_path: Path) -> None:
    path = write_film(tmp_path / f"turned.{suffix}", frames=5, rotation_deg=rotation_deg)
    info = probe(path)
    assert info.rotation_deg == rotation_deg
    assert (info.width, info.height) == ((64, 96) if rotation_deg != 180 else (96, 64))
    for frame in decode_frames(path, info=info):
        assert frame.rgb.shape == (info.height, info.width, 3)
        assert read_number(frame.rgb) == frame.index
    small = next(decode_frames(path, info=info, max_side_px=48))
    assert max(small.rgb.shape) == 48


@pytest.mark.parametrize(
    ("matrix", "store"),
    [
        # x' = a·x + c·y, y' = b·x + d·y as in ISO 14496-12; a phone held upright stores a matrix of 0 1 −1 0.
        ((0, 1, -1, 0), lambda upright: np.rot90(upright, k=1)),
        ((-1, 0, 0, 1), lambda upright: upright[:, ::-1]),
        ((1, 0, 0, -1), lambda upright: upright[::-1]),
        ((0, 1, 1, 0), lambda upright: upright.transpose(1, 0, 2)),
    ],
)
def test_display_matrices_are_undone(matrix: tuple[int, ...], store: object, tmp_path: Path) -> None:
    upright = numbered_picture(321, width=64, height=96)
    stored = np.ascontiguousarray(store(upright))  # type: ignore[operator]
    path = tmp_path / "matrix.mp4"
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=25)
        stream.height, stream.width = stored.shape[:2]
        stream.pix_fmt = "yuv420p"
        a, b, c, d = (65536 * value for value in matrix)
        stream.set_display_matrix([a, b, 0, c, d, 0, 0, 0, 1 << 30])
        output.mux(stream.encode(VideoFrame.from_ndarray(stored, format="rgb24")))
        output.mux(stream.encode(None))
    rgb = decode_frame(path, info=probe(path), frame_index=0)
    assert rgb.shape == upright.shape
    assert np.abs(rgb.astype(int) - upright).mean() < 12
    assert read_number(rgb) == 321


@pytest.mark.parametrize(
    ("sample_aspect", "size"),
    [(Fraction(4, 3), (192, 96)), (Fraction(8, 9), (144, 108)), (Fraction(64, 45), (205, 96))],
)
def test_anamorphic_films_get_square_pixels(sample_aspect: Fraction, size: tuple[int, int], tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mp4", width=144, height=96, sample_aspect=sample_aspect, frames=3)
    info = probe(path)
    assert info.sample_aspect == sample_aspect
    assert (info.width, info.height) == size
    rgb = decode_frame(path, info=info, frame_index=2)
    assert rgb.shape == (size[1], size[0], 3)
    assert read_number(rgb) == 2


def test_aspects_that_move_no_pixel_or_are_absurd_count_as_square() -> None:
    assert upright_size(854, 480, sample_aspect=Fraction(1280, 1281), rotation_deg=0) == (854, 480)
    assert upright_size(640, 480, sample_aspect=Fraction(1, 1000), rotation_deg=0) == (640, 480)
    assert upright_size(640, 480, sample_aspect=Fraction(900), rotation_deg=90) == (480, 640)


def test_scaled_sizes_are_even_and_never_larger() -> None:
    assert scaled_size(1920, 1080, max_side_px=640) == (640, 360)
    assert scaled_size(1080, 1920, max_side_px=640) == (360, 640)
    assert scaled_size(1440, 1074, max_side_px=640) == (640, 478)
    assert scaled_size(97, 63, max_side_px=640) == (97, 63)
    assert scaled_size(1, 1, max_side_px=640) == (1, 1)
    assert scaled_size(16384, 1, max_side_px=640) == (640, 1)
    assert scaled_size(1920, 1080, max_side_px=None) == (1920, 1080)


def test_scaling_averages_areas(tmp_path: Path) -> None:
    checks = np.indices((128, 192)).sum(axis=0) % 2 * 255
    board = checks[..., None].repeat(3, axis=2).astype(np.uint8)
    path = write_film(
        tmp_path / "board.mkv", codec="ffv1", pixel_format="yuv444p", width=192, height=128, frames=1,
        picture=lambda number: board,
    )  # fmt: skip
    (frame,) = decode_frames(path, info=probe(path), max_side_px=48)
    assert np.abs(frame.rgb.astype(int) - 127).max() <= 3


def test_interlaced_films_lose_their_combs(tmp_path: Path) -> None:
    def two_moments(number: int) -> NDArray[np.uint8]:
        picture = np.full((96, 192, 3), 60, dtype=np.uint8)
        picture[0::2, 4 * number : 4 * number + 40] = 220
        picture[1::2, 4 * number + 2 : 4 * number + 42] = 220
        return picture

    path = write_film(
        tmp_path / "interlaced.mp4", width=192, height=96, frames=30, picture=two_moments,
        options={"x264-params": "tff=1"},
    )  # fmt: skip
    info = probe(path)
    assert info.interlaced
    for frame in decode_frames(path, info=info, start_frame=11, end_frame=14):
        combs = np.abs(frame.rgb[1:-1].astype(int) * 2 - frame.rgb[:-2] - frame.rgb[2:])[4:-4]
        assert combs.mean() < 1
        assert frame.rgb[48, 4 * frame.index + 20, 0] > 200


def test_a_picture_of_one_pixel_keeps_its_colour(tmp_path: Path) -> None:
    for name, codec, pixel_format in (("one.mp4", "libx264", "yuv444p"), ("one.mkv", "ffv1", "bgr0")):
        path = write_film(
            tmp_path / name, codec=codec, pixel_format=pixel_format, width=1, height=1, frames=3,
            picture=lambda number: np.full((1, 1, 3), 200, dtype=np.uint8),
        )  # fmt: skip
        info = probe(path)
        assert (info.width, info.height, info.frame_count) == (1, 1, 3)
        (frame,) = decode_frames(path, info=info, start_frame=2, max_side_px=640)
        assert np.abs(frame.rgb.astype(int) - 200).max() <= 2


def test_8k_is_decoded_small_in_bounded_memory(tmp_path: Path) -> None:
    path = write_film(tmp_path / "8k.mp4", width=7680, height=4320, frames=4, gop=1, b_frames=0)
    measure = (
        "import re, sys; from pathlib import Path\n"
        "from ava.media.decode import decode_frames; from ava.media.probe import probe\n"
        "path = Path(sys.argv[1]); info = probe(path)\n"
        "shapes = [frame.rgb.shape for frame in decode_frames(path, info=info, max_side_px=640)]\n"
        "peak_kb = re.search(r'VmHWM:\\s*(\\d+)', Path('/proc/self/status').read_text())[1]\n"
        "print(info.width, info.height, len(shapes), *shapes[0], peak_kb)"
    )
    printed = subprocess.run([sys.executable, "-c", measure, path], capture_output=True, text=True, check=True).stdout
    *facts, peak_kb = (int(word) for word in printed.split())
    assert facts == [7680, 4320, 4, 360, 640, 3]
    assert peak_kb < 450 * 1024  # one picture is 50 MB as stored and would be 100 MB as RGB


def test_a_film_that_changes_its_size_keeps_the_size_it_began_with(tmp_path: Path) -> None:
    parts = [write_film(tmp_path / f"{width}.ts", frames=12, width=width, height=64) for width in (96, 192)]
    joined = tmp_path / "joined.ts"
    joined.write_bytes(b"".join(part.read_bytes() for part in parts))
    info = probe(joined)
    frames = list(decode_frames(joined, info=info))
    assert len(frames) == info.frame_count == 24
    assert {frame.rgb.shape for frame in frames} == {(64, 96, 3)}
    assert [read_number(frame.rgb) for frame in frames] == [*range(12), *range(12)]


def test_colour_conversions_work_on_stacks_as_on_single_pictures() -> None:
    stack = np.random.default_rng(3).integers(0, 256, (4, 12, 20, 3), dtype=np.uint8)
    for convert in (colour.to_gray, colour.to_hsv, colour.to_lab, colour.to_bgr):
        assert np.array_equal(convert(stack), np.stack([convert(picture) for picture in stack]))
    assert colour.to_gray(stack).shape == (4, 12, 20)
    assert np.array_equal(colour.to_bgr(stack), stack[..., ::-1])
    assert np.array_equal(colour.from_bgr(colour.to_bgr(stack)), stack)
