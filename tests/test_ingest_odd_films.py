"""Odd but honest films come in whole and are ready to be measured; what is no film is refused by name."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from ava.decoder_process import probe_apart
from ava.ingest import UnusableVideo, ingest_file
from ava.media.decode import decode_frames
from ava.models import Title, Video
from ava.video_facts import video_info
from tests.films import make_title
from tests.footage import cut_off, write_film, write_sound

pytestmark = pytest.mark.django_db


TIMES_S = [Fraction(number, 25) for number in (*range(0, 20, 2), *range(21, 31))]

# File name, how it is made, and what must be known of it afterwards.
HONEST: dict[str, tuple[dict[str, object], dict[str, object]]] = {
    "one frame.mp4": ({"frames": 1}, {"frame_count": 1}),
    "one pixel.mkv": (
        {"frames": 5, "width": 1, "height": 1, "codec": "ffv1", "pixel_format": "bgr0"},
        {"width": 1, "height": 1, "frame_count": 5},
    ),
    "8K.mp4": ({"frames": 1, "width": 7680, "height": 4320, "gop": 1, "b_frames": 0}, {"width": 7680, "height": 4320}),
    "variable rate.mp4": ({"frames": 20, "times_s": TIMES_S}, {"is_vfr": True, "frame_count": 20}),
    "turned.mp4": ({"rotation_deg": 90}, {"width": 64, "height": 96, "rotation_deg": 90}),
    "anamorphic.mp4": ({"sample_aspect": Fraction(4, 3)}, {"width": 128, "height": 64}),
    "interlaced.mp4": ({"options": {"x264-params": "tff=1"}}, {"interlaced": True}),
    "odd sides.mp4": (
        {"width": 97, "height": 63, "pixel_format": "yuv444p"}, {"width": 97, "height": 63, "frame_count": 48},
    ),
    "no index.ts": ({"codec": "mpeg2video"}, {"frame_count": 48, "container": "mpegts"}),
}  # fmt: skip


@pytest.mark.parametrize("name", HONEST)
def test_an_odd_film_comes_in_and_every_frame_of_it_is_planned(name, tmp_path):
    made, known = HONEST[name]
    path = write_film(tmp_path / name, **made)
    video = Video.objects.get(pk=ingest_file(path, title=make_title(), original_name=name, user=None).video.pk)
    assert {field: getattr(video, field) for field in known} == known
    spans = list(video.chunks.values_list("start_frame", "end_frame"))
    assert [frame for start, end in spans for frame in range(start, end)] == list(range(video.frame_count))
    last = list(decode_frames(Path(video.file.path), info=video_info(video), start_frame=video.frame_count - 1))
    assert [frame.index for frame in last] == [video.frame_count - 1]
    assert last[0].rgb.shape == (video.height, video.width, 3)


def test_a_film_cut_off_after_its_index_comes_in_with_a_warning(tmp_path):
    whole = write_film(
        tmp_path / "whole.mp4", frames=200, gop=25, container_options={"movflags": "+faststart"}
    )
    cut = cut_off(whole, keep=0.7, target=tmp_path / "cut.mp4")
    video = ingest_file(cut, title=make_title(), original_name="cut.mp4", user=None).video
    assert 0 < video.frame_count < 200 and any("missing" in sentence for sentence in video.warnings)


def write_empty(path: Path) -> None:
    path.touch()


def write_text(path: Path) -> None:
    path.write_text("Shall I compare thee to a summer's day?\n" * 40)


def write_song(path: Path) -> None:
    write_sound(path, codec="aac")


def write_headless(path: Path) -> None:
    cut_off(write_film(path.with_name("whole.mp4")), keep=0.5, target=path)


def write_noise(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 100)


@pytest.mark.parametrize("write", [write_empty, write_text, write_song, write_headless, write_noise])
def test_what_is_no_film_is_refused_in_one_sentence(write: Callable[[Path], None], tmp_path):
    path = tmp_path / "incoming.mp4"
    write(path)
    with pytest.raises(UnusableVideo) as here:
        probe_apart(path)
    with pytest.raises(UnusableVideo) as refusal:
        ingest_file(path, title=make_title(), original_name="The Film.mp4", user=None)
    assert str(refusal.value) == str(here.value).replace("incoming.mp4", "The Film.mp4")
    assert "The Film.mp4" in str(refusal.value) and str(refusal.value).endswith(".")
    assert Title.objects.count() == 1 and not Video.objects.exists() and not path.exists()
