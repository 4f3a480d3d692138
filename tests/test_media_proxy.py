"""Proxies are the same film, frame for frame, in a form that every browser plays."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from ava.media.decode import decode_frame, decode_frames
from ava.media.probe import UnusableVideo, probe
from ava.media.proxy import make_proxy, proxy_size, why_proxy
from ava.media.video_info import VideoInfo
from tests.footage import read_number, write_film

UNEVEN = [Fraction(n * n, 500) + Fraction(n, 30) for n in range(30)]

UNPLAYED: dict[str, tuple[dict[str, Any], str]] = {
    "film.mkv": ({"audio": True}, "container is matroska"),
    "film.avi": ({"codec": "mpeg4", "audio": True}, "container is avi"),
    "film.ts": ({"audio": True}, "container is mpegts"),
    "prores.mov": ({"codec": "prores_ks", "pixel_format": "yuv422p10le"}, "coded as prores"),
    "dnxhr.mov": (
        {"codec": "dnxhd", "pixel_format": "yuv422p", "width": 256, "height": 128, "options": {"profile": "dnxhr_lb"}},
        "coded as dnxhd",
    ),
    "hevc.mp4": ({"codec": "libx265", "pixel_format": "yuv420p10le"}, "coded as hevc"),
    "ten_bit.mp4": ({"pixel_format": "yuv420p10le"}, "not 8-bit 4:2:0"),
    "turned.mp4": ({"rotation_deg": 90, "audio": True}, "turned or mirrored"),
    "anamorphic.mp4": ({"sample_aspect": Fraction(4, 3)}, "not square"),
    "interlaced.mp4": ({"options": {"x264-params": "tff=1"}}, "interlaced"),
    "uneven.mkv": ({"times_s": UNEVEN}, "container is matroska"),
    "odd.mkv": ({"width": 97, "height": 63, "pixel_format": "yuv444p"}, "container is matroska"),
    "ntsc.mkv": ({"fps": Fraction(30000, 1001), "audio": True}, "container is matroska"),
    "broken_clock.avi": ({}, "container is avi"),
}


def proxy_of(path: Path, info: VideoInfo) -> tuple[Path, VideoInfo]:
    target = path.with_suffix(".proxy.mp4")
    make_proxy(path, info=info, target=target)
    return target, probe(target)


@pytest.mark.parametrize("name", UNPLAYED)
def test_a_film_that_browsers_cannot_play_gets_a_proxy_with_the_same_frames(name: str, tmp_path: Path) -> None:
    options, reason = UNPLAYED[name]
    path = write_film(tmp_path / name, frames=30, **options)
    info = probe(path)
    assert reason in (why_proxy(info) or "")
    target, proxy = proxy_of(path, info)
    assert why_proxy(proxy) is None
    assert (proxy.codec, proxy.pixel_format, proxy.rotation_deg) == ("h264", "yuv420p", 0)
    assert (proxy.width, proxy.height) == proxy_size(info)
    assert [read_number(frame.rgb) for frame in decode_frames(target, info=proxy)] == list(range(30))
    for frame in range(30):
        assert proxy.time_s(frame) == pytest.approx(info.time_s(frame), abs=1e-4)
    assert proxy.audio_codecs == (("aac",) if info.audio_streams else ())


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("film.mp4", {"audio": True}),
        ("film.mov", {}),
        ("film.webm", {"codec": "libvpx-vp9"}),
        ("av1.mp4", {"codec": "libsvtav1"}),
    ],
)
def test_a_film_that_browsers_play_needs_no_proxy(name: str, options: dict[str, Any], tmp_path: Path) -> None:
    assert why_proxy(probe(write_film(tmp_path / name, frames=5, **options))) is None


def test_sound_that_browsers_cannot_play_is_a_reason(tmp_path: Path) -> None:
    info = probe(write_film(tmp_path / "film.mp4", frames=5, audio=True))
    assert "ac3" in (why_proxy(replace(info, audio_codecs=("ac3",))) or "")


def test_a_proxy_keeps_the_colours(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mkv", width=192, height=128, frames=10, gop=1)
    info = probe(path)
    target, proxy = proxy_of(path, info)
    source_rgb = decode_frame(path, info=info, frame_index=7).astype(int)
    proxy_rgb = decode_frame(target, info=proxy, frame_index=7)
    assert np.abs(source_rgb.mean(axis=(0, 1)) - proxy_rgb.mean(axis=(0, 1))).max() < 2
    assert np.abs(source_rgb - proxy_rgb).mean() < 4


def test_a_proxy_has_a_keyframe_every_second_and_its_index_in_front(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mkv", frames=80, fps=10, gop=80)
    target, proxy = proxy_of(path, probe(path))
    assert np.diff([*proxy.keyframes, 80]).max() <= 10
    content = target.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_a_large_film_is_scaled_to_1920(tmp_path: Path) -> None:
    info = probe(write_film(tmp_path / "film.mkv", frames=2))
    assert proxy_size(replace(info, width=3840, height=2160)) == (1920, 1080)
    assert proxy_size(replace(info, width=2160, height=3840)) == (1080, 1920)
    assert proxy_size(replace(info, width=853, height=1)) == (852, 2)


def test_sound_stays_in_step_with_a_picture_that_begins_late(tmp_path: Path) -> None:
    late = [Fraction(2) + Fraction(n, 25) for n in range(30)]
    path = write_film(tmp_path / "late.mkv", frames=30, times_s=late, audio=True)
    info = probe(path)
    target, proxy = proxy_of(path, info)
    assert info.time_s(0) == pytest.approx(2.0, abs=0.001)
    assert proxy.time_s(0) == pytest.approx(2.0, abs=0.001)
    with av.open(str(target)) as container:
        sound = container.streams.audio[0]
        assert float((sound.start_time or 0) * sound.time_base) == pytest.approx(0, abs=0.03)
        assert float(sound.duration * sound.time_base) == pytest.approx(1.2, abs=0.06)


def test_progress_rises_to_one(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mkv", frames=60)
    seen: list[float] = []
    make_proxy(path, info=probe(path), target=tmp_path / "proxy.mp4", on_progress=seen.append)
    assert seen == sorted(seen)
    assert len(seen) >= 3
    assert seen[-1] == 1


def test_a_proxy_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mkv", frames=60)
    info = probe(path)

    def give_up(share: float) -> None:
        if share > 0.3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_proxy(path, info=info, target=tmp_path / "proxy.mp4", on_progress=give_up)
    path.write_bytes(b"")
    with pytest.raises(UnusableVideo):
        make_proxy(path, info=info, target=tmp_path / "proxy.mp4")
    assert [found.name for found in tmp_path.iterdir() if found != path and found.is_file()] == []
