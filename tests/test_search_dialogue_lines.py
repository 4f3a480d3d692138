"""Lines of dialogue lie on the frames that players show with them, whatever tells them."""

from pathlib import Path

import numpy as np
import pytest
from django.contrib.postgres.search import SearchQuery

from ava.annotate.base import Detections
from ava.annotate.text import Text
from ava.annotate.text_kinds import TextKind
from ava.media.probe import probe
from ava.media.subtitles import Cue, read_subtitle_file
from curation.people.dialogue import frame_times
from search.dialogue import said_within, save_lines
from search.embed.lines import Line, lines_burned_in, lines_of_cues, read_own_tracks, short_language
from search.models import DialogueLine
from tests.world import make_film, make_world

STEADY = np.arange(101) / 25.0


def test_a_line_begins_with_the_frame_that_stands_when_it_appears_and_ends_before_the_first_without_it():
    cues = [Cue(0.0, 1.0, "a"), Cue(1.0, 1.05, "b")]
    assert lines_of_cues(cues, times_s=STEADY) == [Line(0, 25, "a"), Line(25, 27, "b")]


def test_a_line_between_two_frames_has_the_one_that_stands():
    assert lines_of_cues([Cue(1.01, 1.02, "a")], times_s=STEADY) == [Line(25, 26, "a")]


def test_lines_reaching_over_the_ends_are_cut_and_those_outside_left_out():
    cues = [Cue(-5, -1, "before"), Cue(-1, 0.5, "in"), Cue(3.9, 99, "out"), Cue(4, 5, "after"), Cue(1, 2, "")]
    assert lines_of_cues(cues, times_s=STEADY) == [Line(0, 13, "in"), Line(97, 100, "out")]


def test_variable_frame_rates_and_late_starts_put_lines_on_the_right_frames():
    times = np.array([0.8, 0.84, 1.5, 3.0, 3.04, 3.08])  # the picture starts late, and two frames stand long
    cues = [Cue(0.0, 0.82, "first"), Cue(1.0, 2.9, "long"), Cue(3.0, 3.05, "end")]
    assert lines_of_cues(cues, times_s=times) == [Line(0, 1, "first"), Line(1, 3, "long"), Line(3, 5, "end")]


def test_overlapping_lines_are_all_kept_and_hostile_ones_cut():
    long = "word " * 10_000
    lines = lines_of_cues([Cue(0, 2, "one"), Cue(1, 3, "two"), Cue(1, 3, long), Cue(2, 3, "nul\0byte")], times_s=STEADY)
    assert [line.text[:4] for line in lines] == ["one", "two", "word", "nul "]
    assert max(len(line.text) for line in lines) <= 2000


def test_languages_are_told_as_the_web_tells_them():
    told = {"eng": "en", "FRE": "fr", "pt-BR": "pt-BR", "und": "", "": "", "xyz": "xyz"}
    assert {tag: short_language(tag) for tag in told} == told


def _text(rows):
    values = np.full((len(rows), len(Text.columns)), np.nan, dtype=np.float32)
    for row, (_, _, kind, top, score) in enumerate(rows):
        for column, value in (("kind", kind), ("y0", top), ("score", score)):
            values[row, Text.columns.index(column)] = value
    return Detections(
        np.array([frame for frame, *_ in rows], dtype=np.int64), values, tuple(words for _, words, *_ in rows)
    )


def test_burned_in_words_of_looks_that_follow_one_another_are_one_line_of_the_surest_reading():
    subtitle = TextKind.SUBTITLE
    rows = [
        (10, "Good mornlng", subtitle, 300, 0.7), (20, "Good morning", subtitle, 300, 0.9),
        (30, "second row", subtitle, 320, 0.9), (30, "First row,", subtitle, 300, 0.9),
        (40, "HOTEL", TextKind.SCENE, 100, 0.9), (90, "Good morning", subtitle, 300, 0.9),
    ]  # fmt: skip
    lines = lines_burned_in(_text(rows), looked_at=np.array([10, 20, 30, 40, 90]), times_s=STEADY)
    assert [line.text for line in lines] == ["Good morning", "First row, second row", "Good morning"]
    assert lines[0] == Line(0, 25, "Good morning")  # from the film's start to half-way to the next look
    assert lines[1].start_frame == 25 and lines[1].end_frame == 35
    assert lines[2].start_frame == 65 and lines[2].end_frame == 100


def test_a_film_without_burned_in_words_has_no_lines_of_them():
    assert lines_burned_in(_text([]), looked_at=np.array([10, 20]), times_s=STEADY) == []


def test_own_tracks_of_a_real_film_are_read_with_their_languages(shared_data: Path):
    path = shared_data / "video" / "nasa_13013.mp4"
    info = probe(path)
    own = read_own_tracks(path, time_origin_s=float(info.time_origin_s))
    assert [track.language for track in own.tracks] == ["en", "en"] and own.notes == ()
    lines = lines_of_cues(own.tracks[0].cues, times_s=frame_times(info))
    assert lines[0].text == "NAR: This is the optical and science segment of the Webb"
    assert 4 <= lines[0].start_frame <= 6 and lines[-1].end_frame <= info.frame_count


@pytest.mark.parametrize(
    ("name", "kind"), [("popeye_sinbad_p1.mkv", "PGS"), ("popeye_sinbad_p1_ntsc_copy.mkv", "VobSub")]
)
def test_tracks_of_pictures_are_told_of_and_not_read(shared_data: Path, name: str, kind: str):
    own = read_own_tracks(shared_data / "video" / name, time_origin_s=0.0)
    assert own.tracks == () and len(own.notes) == 1 and f"pictures ({kind})" in own.notes[0]


def test_files_beside_real_films_land_on_their_frames(shared_data: Path):
    folder = shared_data / "video"
    friday = lines_of_cues(
        read_subtitle_file(folder / "friday.en.vtt"), times_s=frame_times(probe(folder / "friday.mp4"))
    )
    assert friday[:2] == [Line(0, 30, "Hildy!"), Line(30, 45, "How are you?")]  # 30 frames a second
    popeye = lines_of_cues(
        read_subtitle_file(folder / "popeye_sinbad_p1.en.srt"),
        times_s=frame_times(probe(folder / "popeye_sinbad_p1.mkv")),
    )
    assert popeye[1] == Line(312, 394, "I'm Sinbad the sailor So hearty and hale")  # 13.0–16.4 s at 24


def test_lines_that_stay_keep_their_rows_and_others_sources_are_left_alone(db):
    world = make_world("lines")
    kept = world.dialogue_line  # uploaded
    save_lines(world.video, "embedded", {"en": [Line(0, 10, "a"), Line(10, 20, "b")]})
    first = set(DialogueLine.objects.filter(source="embedded").values_list("pk", flat=True))
    save_lines(world.video, "embedded", {"en": [Line(10, 20, "b"), Line(20, 30, "c")]})
    rows = DialogueLine.objects.filter(source="embedded")
    assert [row.text for row in rows] == ["b", "c"] and len(first & {row.pk for row in rows}) == 1
    assert DialogueLine.objects.filter(pk=kept.pk).exists()


def test_phrases_are_found_word_for_word_and_words_by_their_stem(db):
    film = make_film(make_world("phrases").title, name="other.mp4")
    save_lines(film, "embedded", {"en": [Line(0, 10, "To be, or not to be"), Line(10, 20, "She was running away")]})
    lines = DialogueLine.objects.filter(video=film)

    def found(words, *, config, kind="phrase"):
        query = SearchQuery(words, search_type=kind, config=config)
        return [line.start_frame for line in lines.filter(words=query)]

    assert found("not to be", config="simple") == [0] and found("be not to", config="simple") == []
    assert found("run", config="english", kind="plain") == [10]


def test_what_is_said_is_told_in_one_language(db):
    film = make_film(make_world("languages").title, name="other.mp4")
    save_lines(film, "embedded", {"fr": [Line(0, 9, "Bonjour"), Line(9, 12, "Adieu")], "en": [Line(0, 9, "Hello")]})
    assert said_within(film) == [(0, 9, "Hello")]
    save_lines(film, "embedded", {})
    assert said_within(film) == []
