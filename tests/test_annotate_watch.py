"""Watchers see stored pictures, from the decode that feeds annotators or from one of their own."""

from pathlib import Path

import numpy as np
import pytest
from av.video.frame import VideoFrame

import ava.media.decode as decode
from ava.annotate.base import find_annotators
from ava.annotate.run import DecodeClock, annotate_span
from ava.annotate.watch import watch_span
from ava.media.planes import read_planes
from ava.media.probe import probe
from ava.media.reader import read_pictures
from tests.footage import write_film

FRAMES = 60
INTERLACED = {"flags": "+ildct+ilme", "x264-params": "tff=1"}


@pytest.fixture(scope="module", params=["progressive", "interlaced"])
def film(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    options = INTERLACED if request.param == "interlaced" else None
    path = write_film(tmp_path_factory.mktemp("film") / "film.mp4", frames=FRAMES, gop=10, options=options)
    assert probe(path).interlaced == (options is not None)
    return path


class Album:
    """Keeps what it was shown."""

    def __init__(self, context_frames: int = 3) -> None:
        self.context_frames = context_frames
        self.pictures: dict[int, bytes] = {}

    def add(self, index: int, picture: VideoFrame, /) -> None:
        assert not self.pictures or index > max(self.pictures)
        self.pictures[index] = b"".join(plane.tobytes() for plane in read_planes(picture))


def annotators() -> list:
    return [each for each in find_annotators() if each.name in {"exposure", "motion"}]


def stored_pictures(film: Path) -> dict[int, bytes]:
    pictures = read_pictures(film, info=probe(film))
    return {index: b"".join(plane.tobytes() for plane in read_planes(picture)) for index, picture in pictures}


@pytest.mark.parametrize(("start", "end"), [(0, 23), (23, 24), (24, 60), (0, 60), (57, 60)])
def test_watchers_see_the_stored_pictures_of_a_span_and_their_context_with_annotators_and_alone(film, start, end):
    info, stored = probe(film), stored_pictures(film)
    beside, alone, without_context = Album(7), Album(7), Album(0)
    annotate_span(
        film, info=info, annotators=annotators(), start_frame=start, end_frame=end, watchers=[beside, without_context]
    )
    seen = watch_span(film, info=info, start_frame=start, end_frame=end, watchers=[alone])
    wanted = {index: stored[index] for index in range(max(start - 7, 0), min(end + 7, FRAMES))}
    assert beside.pictures == alone.pictures == wanted
    assert without_context.pictures == {index: stored[index] for index in range(start, end)}
    assert seen == end - start


def test_what_is_measured_is_the_same_to_the_last_bit_whether_somebody_watches_or_not(film):
    info = probe(film)
    for start, end in ((0, 25), (25, 60)):
        plain, watched = (
            annotate_span(
                film, info=info, annotators=annotators(), start_frame=start, end_frame=end, watchers=watchers
            )
            for watchers in ([], [Album(9)])
        )
        for name, table in plain.items():
            assert table.values.tobytes() == watched[name].values.tobytes()
            np.testing.assert_array_equal(table.frame_index, watched[name].frame_index)


def test_a_scan_alone_converts_no_picture_and_says_how_far_it_is(film, monkeypatch):
    monkeypatch.setattr(decode, "Painter", None)
    monkeypatch.setattr(decode, "deinterlace", None)
    told: list[int] = []
    assert watch_span(
        film, info=probe(film), start_frame=20, end_frame=40, watchers=[Album()], on_progress=told.append
    ) == 20  # fmt: skip
    assert told == list(range(1, 21))


def test_without_watchers_nothing_is_decoded_and_a_span_outside_the_film_is_refused(film, monkeypatch):
    info = probe(film)
    assert watch_span(film.with_name("gone.mp4"), info=info, start_frame=0, end_frame=5, watchers=[]) == 0
    assert watch_span(film, info=info, start_frame=5, end_frame=5, watchers=[Album()]) == 0
    for start, end in ((-1, 5), (6, 5), (0, FRAMES + 1)):
        with pytest.raises(ValueError, match="not within the film's 60 frames"):
            watch_span(film, info=info, start_frame=start, end_frame=end, watchers=[Album()])


def test_the_time_that_watchers_take_is_not_counted_as_decoding(film, monkeypatch):
    clock, album = DecodeClock(), Album()
    now = [0.0]
    monkeypatch.setattr("time.perf_counter", lambda: now[0])

    def slow(index: int, picture: VideoFrame, /) -> None:
        now[0] += 1.0

    album.add = slow  # type: ignore[method-assign]
    annotate_span(
        film, info=probe(film), annotators=[], start_frame=0, end_frame=30, watchers=[album], clock=clock
    )
    assert now[0] == 33
    assert clock.seconds == pytest.approx(0)


def test_what_a_watcher_raises_reaches_whoever_asked(film):
    class Broken(Album):
        def add(self, index: int, picture: VideoFrame, /) -> None:
            raise RuntimeError("no room")

    for call in (
        lambda: watch_span(film, info=probe(film), start_frame=0, end_frame=5, watchers=[Broken()]),
        lambda: annotate_span(
            film, info=probe(film), annotators=[], start_frame=0, end_frame=5, watchers=[Broken()]
        ),
    ):
        with pytest.raises(RuntimeError, match="no room"):
            call()
