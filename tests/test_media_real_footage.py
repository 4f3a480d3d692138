"""Real films: every frame counted, found again by number, and shown at its time."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from ava.media.chunks import plan_chunks
from ava.media.decode import decode_frame, decode_frames
from ava.media.probe import UnusableVideo, probe

FILMS = {
    "asl_five_people_montage.mp4": (1323, Fraction(30), (640, 480)),
    "big_buck_bunny_0_30.webm": (720, Fraction(24), (1280, 720)),
    "car-detection.mp4": (377, Fraction(25, 2), (768, 432)),
    "chaplin.mp4": (241, Fraction(25), (640, 360)),
    "fades.mp4": (250, Fraction(25), (480, 320)),
    "flower.mp4": (150, Fraction(30000, 1001), (960, 540)),
    "friday.mp4": (185, Fraction(30), (640, 480)),
    "googlework_short.mp4": (1026, Fraction(30000, 1001), (320, 180)),
    "nasa_13013.mp4": (325, Fraction(25), (320, 180)),
    "popeye_sinbad_p1.mkv": (1440, Fraction(24), (1440, 1074)),
    "popeye_sinbad_p1_ntsc_copy.mkv": (1799, Fraction(30000, 1001), (720, 538)),
    "popeye_sinbad_p3.mkv": (1440, Fraction(24), (1440, 1074)),
    "popeye_sinbad_p3_ntsc_copy.mkv": (1800, Fraction(30000, 1001), (720, 538)),
    "sintel_trailer_480p.mp4": (1253, Fraction(24), (854, 480)),
    "steamboat.mp4": (672, Fraction(1199, 50), (854, 480)),
    "testvideo.mp4": (720, Fraction(30000, 1001), (1280, 720)),
}


@pytest.mark.parametrize("name", FILMS)
def test_real_films_are_probed_as_they_are(name: str, shared_data: Path) -> None:
    frame_count, fps, size = FILMS[name]
    path = shared_data / "video" / name
    info = probe(path)
    assert (info.frame_count, info.fps, (info.width, info.height)) == (frame_count, fps, size)
    assert not info.interlaced
    assert info.duration_s == pytest.approx(frame_count / float(fps), abs=0.1)
    truth = path.with_suffix(".gt.json")
    if truth.exists():
        assert info.frame_count == json.loads(truth.read_text())["frames"]
    assert plan_chunks(info)[-1].end_frame == frame_count


@pytest.mark.parametrize("name", ["chaplin.mp4", "flower.mp4", "nasa_13013.mp4", "friday.mp4", "fades.mp4"])
def test_every_frame_of_a_real_film_decodes_and_any_is_found_again(name: str, shared_data: Path) -> None:
    path = shared_data / "video" / name
    info = probe(path)
    whole = {frame.index: frame.rgb for frame in decode_frames(path, info=info, max_side_px=64)}
    assert sorted(whole) == list(range(info.frame_count))
    for start in np.random.default_rng(6).integers(0, info.frame_count, 6).tolist():
        for frame in decode_frames(path, info=info, start_frame=start, end_frame=start + 2, max_side_px=64):
            assert np.array_equal(frame.rgb, whole[frame.index])


@pytest.mark.parametrize("name", ["googlework_short.mp4", "sintel_trailer_480p.mp4", "asl_five_people_montage.mp4"])
def test_hard_cuts_lie_on_the_frames_where_people_saw_them(name: str, shared_data: Path) -> None:
    path = shared_data / "video" / name
    info = probe(path)
    truth = json.loads(path.with_suffix(".gt.json").read_text())
    cuts = truth.get("hard_cuts") or truth["hard_cuts_first_frame_of_new_shot"]
    sharper = 0
    for cut in cuts[:6]:
        frames = [
            frame.rgb.astype(int)
            for frame in decode_frames(path, info=info, start_frame=cut - 2, end_frame=cut + 2, max_side_px=160)
        ]
        changes = [np.abs(after - before).mean() for before, after in pairwise(frames)]
        sharper += int(np.argmax(changes) == 1)
    assert sharper >= 5


def test_a_film_that_begins_late_keeps_its_times(shared_data: Path) -> None:
    info = probe(shared_data / "video" / "googlework_short.mp4")
    assert info.time_s(0) == pytest.approx(0.834)
    assert info.frame_at(0.0) == 0
    assert info.frame_at(info.time_s(500)) == 500
    assert info.frame_at(info.time_s(500) - 0.001) == 499
    assert info.frame_at(1e9) == info.frame_count - 1


def test_the_first_of_two_picture_tracks_is_used_and_said_so(shared_data: Path) -> None:
    info = probe(shared_data / "video" / "nasa_13013.mp4")
    assert (info.audio_streams, info.subtitle_streams) == (2, 2)
    assert any("2 picture tracks" in sentence for sentence in info.warnings)


def test_one_frame_in_full_size(shared_data: Path) -> None:
    path = shared_data / "video" / "popeye_sinbad_p1.mkv"
    info = probe(path)
    assert decode_frame(path, info=info, frame_index=700).shape == (1074, 1440, 3)


def test_subtitles_and_licences_are_no_films(shared_data: Path) -> None:
    for name in ("friday.en.vtt", "testvideo_and_fades.LICENSE.txt", "testvideo_scenes.upstream.csv"):
        with pytest.raises(UnusableVideo, match="text file"):
            probe(shared_data / "video" / name)
