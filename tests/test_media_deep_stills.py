"""Stills of films with more than 8 bits a channel keep every level that the film has."""

from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame

from ava.media.decode import DeepFrame, decode_deep_frame_set
from ava.media.probe import probe

LEVELS = np.arange(64, 940, dtype=np.uint16)
"""Limited-range luma codes of 10 bits, from black to one below white."""


def ramp(path: Path, *, transfer: int = 1, primaries: int = 1, matrix: int = 1) -> Path:
    """A film of one frame whose columns go through every 10-bit level of grey."""
    frame = VideoFrame(len(LEVELS), 16, "yuv444p10le")
    for plane, row in zip(frame.planes, (LEVELS, np.full_like(LEVELS, 512), np.full_like(LEVELS, 512)), strict=True):
        np.frombuffer(plane, dtype=np.uint16).reshape(plane.height, -1)[:, : len(LEVELS)] = row
    frame.colorspace, frame.color_range, frame.color_trc, frame.color_primaries = matrix, 1, transfer, primaries
    with av.open(str(path), "w") as output:
        stream = output.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = len(LEVELS), 16, "yuv444p10le"
        stream.colorspace, stream.color_range = matrix, 1
        stream.color_trc, stream.color_primaries = transfer, primaries
        frame.pts = 0
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def decoded(path: Path) -> DeepFrame:
    (frame,) = decode_deep_frame_set(path, info=probe(path), frame_indices=[0])
    return frame


def test_a_ten_bit_ramp_keeps_all_its_levels(tmp_path: Path) -> None:
    frame = decoded(ramp(tmp_path / "ramp.mkv"))
    deep = frame.deep_rgb[8].astype(np.float64)
    assert len(np.unique(deep[:, 1])) == len(LEVELS)
    assert np.abs(deep - (LEVELS[:, None] - 64.0) / 876 * 65535).max() < 65535 / 876 / 2
    assert np.abs(deep / 257 - frame.rgb[8]).max() < 1.5, "the 8-bit picture shows the same"


@pytest.mark.parametrize(("transfer", "name"), [(16, "smpte2084"), (18, "arib-std-b67")])
def test_an_hdr_still_is_tone_mapped_alike_in_both_depths(tmp_path: Path, transfer: int, name: str) -> None:
    path = ramp(tmp_path / "hdr.mkv", transfer=transfer, primaries=9, matrix=9)
    assert probe(path).color_transfer == name
    frame = decoded(path)
    assert np.abs(frame.deep_rgb / 257.0 - frame.rgb).max() <= 0.5 + 1e-6
    assert len(np.unique(frame.deep_rgb[8, :, 1])) > 2 * len(np.unique(frame.rgb[8, :, 1]))


@pytest.mark.parametrize("bits", [10, 12])
def test_white_and_black_of_a_deep_rgb_film_are_the_ends_of_the_scale(tmp_path: Path, bits: int) -> None:
    codes = np.repeat(np.array([0, (1 << bits) // 2, (1 << bits) - 1], dtype=np.uint16), 32)
    frame = VideoFrame(len(codes), 16, f"gbrp{bits}le")
    for plane in frame.planes:
        np.frombuffer(plane, dtype=np.uint16).reshape(plane.height, -1)[:, : len(codes)] = codes
    with av.open(str(tmp_path / "rgb.mkv"), "w") as output:
        stream = output.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = len(codes), 16, f"gbrp{bits}le"
        frame.pts = 0
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    shown = decoded(tmp_path / "rgb.mkv").deep_rgb[8, 16::32].astype(int)
    assert np.abs(shown - [[0] * 3, [32784] * 3, [65535] * 3]).max() <= 20
