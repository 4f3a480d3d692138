"""Frames by number are exactly the frames that decoding from the beginning gives, in every kind of file."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import av
import av.error
import numpy as np
import pytest
from numpy.typing import NDArray

from ava.media.decode import decode_frame, decode_frame_set, decode_frames
from ava.media.probe import probe
from ava.media.video_info import FrameKey, VideoInfo
from tests.footage import noisy_picture, read_number, remux_film, write_film

FRAMES = 40
OPEN_GROUPS = "open-gop=1:keyint=12:min-keyint=12:scenecut=0:bframes=3:b-pyramid=normal:b-adapt=0"
OPEN_GROUPS_HEVC = "log-level=none:open-gop=1:keyint=12:min-keyint=12:bframes=4:scenecut=0"
HIDDEN_FRAMES = {"auto-alt-ref": "1", "lag-in-frames": "16", "deadline": "good", "cpu-used": "5"}
UNEVEN = [Fraction(n * n, 500) + Fraction(n, 30) for n in range(FRAMES)]
HD_MATRIX_PROXY = {"profile": "dnxhr_lb"}

FILMS: dict[str, dict[str, Any]] = {
    "h264.mp4": {},
    "h264.mov": {},
    "h264.mkv": {},
    "h264.ts": {},
    "h264.flv": {},
    "sound.mp4": {"audio": True},
    "sound.ts": {"audio": True},
    "sound.mkv": {"audio": True},
    "open_groups.mp4": {"options": {"x264-params": OPEN_GROUPS}},
    "open_groups.mkv": {"options": {"x264-params": OPEN_GROUPS}},
    "open_groups.ts": {"options": {"x264-params": OPEN_GROUPS}},
    "rolling_refresh.mp4": {"options": {"x264-params": "intra-refresh=1:keyint=12"}},
    "rolling_refresh.ts": {"options": {"x264-params": "intra-refresh=1:keyint=12"}},
    "no_presentation_times.avi": {"options": {"x264-params": OPEN_GROUPS}},
    "hevc.mp4": {"codec": "libx265"},
    "hevc_10_bit.mkv": {"codec": "libx265", "pixel_format": "yuv420p10le"},
    "hevc_open_groups.mp4": {"codec": "libx265", "options": {"x265-params": OPEN_GROUPS_HEVC}},
    "hevc_open_groups.ts": {"codec": "libx265", "options": {"x265-params": OPEN_GROUPS_HEVC}},
    "vp8_hidden_frames.webm": {"codec": "libvpx", "options": HIDDEN_FRAMES},
    "vp9_hidden_frames.webm": {"codec": "libvpx-vp9", "options": HIDDEN_FRAMES},
    "av1.mp4": {"codec": "libsvtav1"},
    "av1.mkv": {"codec": "libsvtav1"},
    "prores.mov": {"codec": "prores_ks", "pixel_format": "yuv422p10le"},
    "dnxhr.mov": {
        "codec": "dnxhd", "pixel_format": "yuv422p", "width": 256, "height": 128, "options": HD_MATRIX_PROXY,
    },
    "dnxhr.mxf": {
        "codec": "dnxhd", "pixel_format": "yuv422p", "width": 256, "height": 128, "options": HD_MATRIX_PROXY,
    },
    "mpeg2.mpg": {"codec": "mpeg2video"},
    "mpeg2.ts": {"codec": "mpeg2video"},
    "mpeg2.mxf": {"codec": "mpeg2video"},
    "mpeg4.avi": {"codec": "mpeg4"},
    "mpeg4.mp4": {"codec": "mpeg4"},
    "mjpeg.avi": {"codec": "mjpeg", "pixel_format": "yuvj420p"},
    "lossless.mkv": {"codec": "ffv1"},
    "wmv.wmv": {"codec": "wmv2", "b_frames": 0},
    "variable_rate.mp4": {"times_s": UNEVEN},
    "variable_rate.mkv": {"times_s": UNEVEN},
    "fragmented.mp4": {"container_options": {"movflags": "frag_keyframe+empty_moov"}},
    "no_index.mkv": {"container_options": {"live": "1"}},
    "interlaced.ts": {"codec": "mpeg2video", "options": {"flags": "+ildct+ilme"}},
    "interlaced.mp4": {"options": {"x264-params": "tff=1"}},
    "turned.mp4": {"rotation_deg": 90},
    "odd.mp4": {"width": 97, "height": 63, "pixel_format": "yuv444p"},
}  # fmt: skip


class Film(NamedTuple):
    """A film, its probe, and every frame of it as decoded from the beginning."""

    path: Path
    info: VideoInfo
    frames: dict[int, NDArray[np.uint8]]


def probed(path: Path) -> Film:
    info = probe(path)
    return Film(path, info, {frame.index: frame.rgb for frame in decode_frames(path, info=info)})


def oracle_count(path: Path) -> int:
    """How many pictures plain decoding gives."""
    count = 0
    with av.open(str(path)) as container:
        for packet in container.demux(video=0):
            try:
                count += len(packet.decode())
            except av.error.FFmpegError:
                continue
    return count


def assert_exact_from_anywhere(film: Film) -> None:
    """Every start gives the very same pixels as decoding from the beginning."""
    for start in range(film.info.frame_count):
        span = list(decode_frames(film.path, info=film.info, start_frame=start, end_frame=start + 2))
        assert [frame.index for frame in span] == [n for n in (start, start + 1) if n in film.frames]
        for frame in span:
            assert np.array_equal(frame.rgb, film.frames[frame.index])


@pytest.mark.parametrize("name", FILMS)
def test_every_frame_is_exact_from_every_start(name: str, tmp_path: Path) -> None:
    path = write_film(tmp_path / name, frames=FRAMES, picture=noisy_picture, **FILMS[name])
    film = probed(path)
    assert film.info.frame_count == oracle_count(path) == FRAMES
    assert [read_number(film.frames[index]) for index in range(FRAMES)] == list(range(FRAMES))
    assert film.info.keyframes[0] == 0
    assert np.all(np.diff(film.info.frame_pts) > 0)
    assert_exact_from_anywhere(film)


def test_frames_before_an_edit_list_begins_do_not_count(tmp_path: Path) -> None:
    source = write_film(tmp_path / "source.mp4", frames=60, picture=noisy_picture)
    film = probed(
        remux_film(
            source, target=tmp_path / "edited.mp4", shift_s=Fraction(-17, 25), options={"avoid_negative_ts": "disabled"}
        )
    )
    assert film.info.frame_count == 43
    assert [read_number(film.frames[index]) for index in range(43)] == list(range(17, 60))
    assert film.info.time_s(0) == 0
    assert_exact_from_anywhere(film)


def test_a_copy_cut_between_keyframes_begins_with_its_first_decodable_frame(tmp_path: Path) -> None:
    source = write_film(tmp_path / "source.mp4", frames=60, picture=noisy_picture)
    for suffix in ("mp4", "mkv", "ts"):
        path = remux_film(source, target=tmp_path / f"cut.{suffix}", keep_packet=lambda number: number >= 5)
        film = probed(path)
        assert film.info.frame_count == oracle_count(path) == 48
        assert read_number(film.frames[0]) == 12
        assert_exact_from_anywhere(film)


def test_two_transport_streams_in_one_file_are_one_film(tmp_path: Path) -> None:
    source = write_film(tmp_path / "source.ts", frames=30, picture=noisy_picture)
    joined = tmp_path / "joined.ts"
    joined.write_bytes(source.read_bytes() * 2)
    film = probed(joined)
    assert film.info.frames_by == FrameKey.PACKET_ORDER  # its clock begins twice
    assert [read_number(film.frames[index]) for index in range(60)] == list(range(30)) * 2
    assert film.info.fps == 25
    assert_exact_from_anywhere(film)


def test_two_program_streams_in_one_file_are_one_film(tmp_path: Path) -> None:
    source = write_film(tmp_path / "source.mpg", codec="mpeg2video", frames=30, picture=noisy_picture)
    joined = tmp_path / "joined.mpg"
    joined.write_bytes(source.read_bytes() * 2)
    film = probed(joined)
    assert film.info.frame_count == oracle_count(joined)
    assert_exact_from_anywhere(film)


def test_lost_pictures_leave_the_others_their_places(tmp_path: Path) -> None:
    source = write_film(tmp_path / "source.mp4", frames=60, picture=noisy_picture)
    film = probed(remux_film(source, target=tmp_path / "gap.mp4", keep_packet=lambda number: not 20 <= number < 23))
    assert film.info.frame_count == 57
    assert film.info.is_vfr  # there is a hole in its times
    assert film.info.fps == 25
    assert_exact_from_anywhere(film)


def test_damage_in_the_middle_costs_only_the_damaged_frames(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mp4", frames=60, picture=noisy_picture)
    content = bytearray(path.read_bytes())
    middle = len(content) // 3
    content[middle : middle + 400] = np.random.default_rng(1).bytes(400)
    path.write_bytes(content)
    info = probe(path)
    numbers = {frame.index: read_number(frame.rgb) for frame in decode_frames(path, info=info)}
    assert info.frame_count == 60
    assert sum(numbers.get(index) == index for index in range(60)) >= 50


def test_one_frame_is_a_film(tmp_path: Path) -> None:
    film = probed(write_film(tmp_path / "one.mp4", frames=1))
    assert film.info.frame_count == 1
    assert film.info.fps == 25
    assert film.info.duration_s == pytest.approx(1 / 25)
    assert read_number(decode_frame(film.path, info=film.info, frame_index=0)) == 0


def test_a_set_of_frames_comes_sorted_once_each_and_exact(tmp_path: Path) -> None:
    film = probed(write_film(tmp_path / "film.mkv", frames=FRAMES, picture=noisy_picture))
    asked = [31, 5, 5, 7, 30, 99, -1, 0]
    got = list(decode_frame_set(film.path, info=film.info, frame_indices=asked))
    assert [frame.index for frame in got] == [0, 5, 7, 30, 31]
    for frame in got:
        assert np.array_equal(frame.rgb, film.frames[frame.index])


def test_two_threads_give_the_same_frames_as_one(tmp_path: Path) -> None:
    film = probed(write_film(tmp_path / "film.mp4", frames=FRAMES, picture=noisy_picture))
    for frame in decode_frames(film.path, info=film.info, start_frame=9, threads=2):
        assert np.array_equal(frame.rgb, film.frames[frame.index])


def test_spans_outside_the_film_are_empty(tmp_path: Path) -> None:
    film = probed(write_film(tmp_path / "film.mp4", frames=10))
    assert [frame.index for frame in decode_frames(film.path, info=film.info, start_frame=-5, end_frame=2)] == [0, 1]
    assert [frame.index for frame in decode_frames(film.path, info=film.info, start_frame=8, end_frame=99)] == [8, 9]
    assert list(decode_frames(film.path, info=film.info, start_frame=5, end_frame=5)) == []
    assert list(decode_frames(film.path, info=film.info, start_frame=10)) == []


def test_keyframes_that_look_alike_mislead_no_count(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mpg", codec="mpeg2video", frames=FRAMES, picture=noisy_picture)
    film = probed(path)
    assert film.info.key_marks is not None
    alike = replace(film.info, key_marks=np.full_like(film.info.key_marks, film.info.key_marks[2]))
    assert_exact_from_anywhere(film._replace(info=alike))


def test_seek_stamps_that_lead_astray_are_noticed(tmp_path: Path) -> None:
    for name in ("film.ts", "film.mp4", "film.mkv"):
        film = probed(write_film(tmp_path / name, frames=FRAMES, picture=noisy_picture))
        assert film.info.seek_stamps is not None
        late = replace(film.info, seek_stamps=film.info.seek_stamps + 10**6)
        assert_exact_from_anywhere(film._replace(info=late))
