"""Timecode by the book: whole and fractional rates, drop-frame, start labels, variable rates."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from ava.media.probe import probe
from ava.media.timecode import BadTimecode, film_frame, film_timecode, format_timecode, parse_timecode
from tests.footage import write_film

NTSC, NTSC_60, FILM_NTSC = Fraction(30000, 1001), Fraction(60000, 1001), Fraction(24000, 1001)


@pytest.mark.parametrize(
    ("frame", "fps", "label"),
    [
        (0, Fraction(24), "00:00:00:00"),
        (24 * 3600 - 1, Fraction(24), "00:59:59:23"),
        (86_400, FILM_NTSC, "01:00:00:00"),  # non-drop labels of 23.976 run slower than the clock
        (25 * 60, Fraction(25), "00:01:00:00"),
        (100, Fraction(50), "00:00:02:00"),
        (1800, NTSC, "00:01:00:00"),
        (3599, NTSC_60, "00:00:59:59"),
        (24 * 86_400 + 5, Fraction(24), "00:00:00:05"),  # a day later
        (2398, Fraction(1199, 50), "00:01:39:22"),  # 23.98, as some files round 23.976
    ],
)
def test_non_drop_labels_count_at_the_nominal_rate(frame: int, fps: Fraction, label: str) -> None:
    assert format_timecode(frame, fps=fps) == label


@pytest.mark.parametrize(
    ("frame", "fps", "label"),
    [
        (1799, NTSC, "00:00:59;29"),
        (1800, NTSC, "00:01:00;02"),
        (17_981, NTSC, "00:09:59;29"),
        (17_982, NTSC, "00:10:00;00"),
        (107_892, NTSC, "01:00:00;00"),  # an hour of clock time within 3.6 ms
        (2_589_407, NTSC, "23:59:59;29"),
        (2_589_408, NTSC, "00:00:00;00"),
        (3600, NTSC_60, "00:01:00;04"),
        (215_784, NTSC_60, "01:00:00;00"),
    ],
)
def test_drop_frame_labels_follow_the_clock(frame: int, fps: Fraction, label: str) -> None:
    assert format_timecode(frame, fps=fps, drop_frame=True) == label


@pytest.mark.parametrize(
    ("fps", "drop_frame"),
    [(Fraction(24), False), (FILM_NTSC, False), (NTSC, False), (NTSC, True), (NTSC_60, True), (Fraction(25, 2), False)],
)
def test_labels_are_unique_ascending_and_read_back(fps: Fraction, drop_frame: bool) -> None:
    frames = [*range(4000), *range(17_500, 18_500), *range(35_500, 36_500)]  # minutes and tens of minutes
    labels = [format_timecode(frame, fps=fps, drop_frame=drop_frame) for frame in frames]
    assert labels == sorted(set(labels))
    assert [parse_timecode(label, fps=fps) for label in labels] == frames


def test_a_start_label_is_counted_on_from() -> None:
    assert format_timecode(25, fps=Fraction(25), start="10:00:00:00") == "10:00:01:00"
    assert format_timecode(2, fps=NTSC, start="00:00:59;28") == "00:01:00;02"
    assert format_timecode(2, fps=NTSC, start="00:00:59:28") == "00:01:00:00"


@pytest.mark.parametrize(
    ("text", "fps"),
    [
        ("10:00:00", Fraction(25)), ("aa:bb:cc:dd", Fraction(25)), ("", Fraction(25)), ("00:00:61:00", Fraction(25)),
        ("00:00:00:25", Fraction(25)), ("00:01:00;01", NTSC), ("00:00:00;00", Fraction(25)),
        ("00:00:00;00", Fraction(30)), ("00:00:00:13", Fraction(25, 2)),
    ],
)  # fmt: skip
def test_labels_that_do_not_exist_are_refused_with_a_reason(text: str, fps: Fraction) -> None:
    with pytest.raises(BadTimecode, match=r"\.$"):
        parse_timecode(text, fps=fps)


def test_drop_frame_exists_only_at_its_rates() -> None:
    with pytest.raises(BadTimecode, match=r"29\.97 and 59\.94"):
        format_timecode(5, fps=Fraction(25), drop_frame=True)


def test_a_film_counts_from_its_own_start_timecode(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mov", frames=10, metadata={"timecode": "09:59:59:20"})
    info = probe(path)
    assert info.start_timecode == "09:59:59:20"
    assert [film_timecode(info, frame) for frame in (0, 4, 5, 9)] == [
        "09:59:59:20", "09:59:59:24", "10:00:00:00", "10:00:00:04",
    ]  # fmt: skip
    assert [film_frame(info, film_timecode(info, frame)) for frame in range(10)] == list(range(10))
    assert film_frame(info, "00:00:00:00") == 0
    assert film_frame(info, "11:00:00:00") == 9


def test_a_start_timecode_that_the_rate_does_not_have_is_passed_over(tmp_path: Path) -> None:
    info = replace(probe(write_film(tmp_path / "film.mp4", frames=5)), start_timecode="00:00:00;00")
    assert film_timecode(info, 3) == "00:00:00:03"
    assert film_frame(info, "00:00:00:03") == 3


def test_films_of_variable_rate_are_labelled_by_time(tmp_path: Path) -> None:
    times_s = [Fraction(n * n, 500) + Fraction(n, 30) for n in range(40)]
    info = probe(write_film(tmp_path / "film.mp4", frames=40, times_s=times_s))
    assert info.is_vfr
    assert film_timecode(info, 30) == "00:00:02.800"
    assert [film_frame(info, film_timecode(info, frame)) for frame in range(40)] == list(range(40))
