"""Subtitles: cues from files of every make, from films' own streams, and what they say about dialogue."""

import warnings

import numpy as np
import pytest

from ava.annotate.base import Detections
from ava.annotate.text import Text
from ava.annotate.text_kinds import TextKind
from ava.media.probe import probe
from ava.media.subtitles import (
    LARGEST_FILE_BYTES,
    Cue,
    UnreadableSubtitles,
    is_speech,
    parse_cues,
    read_embedded_cues,
    read_subtitle_file,
)
from curation.film_dialogue import dialogue_of_tracks
from curation.people.dialogue import (
    dialogue_share,
    frame_times,
    join_spans,
    spans_of_burned_in,
    spans_of_cues,
)
from curation.people.film_faces import FaceTrack
from tests.films import store_video

SRT = (
    "1\r\n00:00:01,000 --> 00:00:02,500\r\n<i>Où ça ?</i>\r\n\r\n"
    "2\r\n00:01:00,250 --> 00:01:02,000\r\nDort &amp; da\r\n"
)
CUES = (Cue(1.0, 2.5, "Où ça ?"), Cue(60.25, 62.0, "Dort & da"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_a_file_is_read_whatever_its_encoding(tmp_path, encoding) -> None:
    path = tmp_path / "film.srt"
    path.write_bytes(SRT.encode(encoding))
    assert read_subtitle_file(path) == CUES


def test_web_subtitles_have_settings_short_times_notes_and_styles() -> None:
    text = (
        "WEBVTT - a title\n\nNOTE\nnot shown\n\nSTYLE\n::cue { color: red }\n\nintro\n"
        "00:01.000 --> 00:02.000 align:start line:80%\n<v Anna>Hello</v> there\n\n01:00:00.000 --> 01:00:00.500\nBye"
    )
    assert parse_cues(text, name="a.vtt") == (Cue(1.0, 2.0, "Hello there"), Cue(3600.0, 3600.5, "Bye"))


def test_cues_without_empty_lines_between_keep_the_next_number_out() -> None:
    text = "1\n00:00:01,000 --> 00:00:02,000\nOne\n2\n00:00:03,000 --> 00:00:04,000\nIn 1984\n"
    assert [cue.text for cue in parse_cues(text, name="a.srt")] == ["One", "In 1984"]


def test_cues_in_disorder_overlapping_or_of_no_length_are_put_in_order() -> None:
    text = "00:00:05,000 --> 00:00:09,000\nb\n\n00:00:04,000 --> 00:00:06,000\na\n\n00:00:07,000 --> 00:00:07,000\nc\n"
    assert [cue.text for cue in parse_cues(text, name="a.srt")] == ["a", "b"]


def test_one_malformed_line_costs_one_cue() -> None:
    text = SRT + "\n3\n00:02:xx --> 00:02:05,000\nLost\n"
    assert parse_cues(text, name="a.srt") == CUES


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "holds no subtitles"),
        (b"just words", "holds no subtitles"),
        (bytes(range(256)) * 20, "holds no subtitles"),
        (b"1\n0:0 --> 0:1\na\n", "line 2, is no time"),
        (b"0" * (LARGEST_FILE_BYTES + 1), "far more than subtitles need"),
    ],
)
def test_what_is_no_subtitle_file_is_refused_in_a_sentence(tmp_path, content, sentence) -> None:
    path = tmp_path / "film.srt"
    path.write_bytes(content)
    with pytest.raises(UnreadableSubtitles, match=sentence):
        read_subtitle_file(path)
    with pytest.raises(UnreadableSubtitles, match="no file named"):
        read_subtitle_file(tmp_path / "absent.srt")


@pytest.mark.parametrize(
    ("text", "said"),
    [("[door creaks]", False), ("(SIGHS) [squawk]", False), ("♪ la la la ♪", False), ("♪ la la", False),
     ("[laughs] No!", True), ("", True), ("- Yes.", True), ("…", False), ("はい", True)],
)  # fmt: skip
def test_sounds_and_songs_are_no_speech(text, said) -> None:
    assert is_speech(text) is said


@pytest.mark.parametrize(
    ("film", "count", "off_s"), [("popeye_sinbad_p1.mkv", 13, 0.05), ("popeye_sinbad_p1_ntsc_copy.mkv", 14, 0.9)]
)
def test_pictures_of_subtitles_give_the_times_of_their_written_twins(shared_data, film, count, off_s) -> None:
    """PGS pictures (one is missing in the file), and VobSub pictures, whose maker rounded the times."""
    written = read_subtitle_file(shared_data / "video/popeye_sinbad_p1.en.srt")
    origin_s = float(probe(shared_data / "video" / film).time_origin_s)
    shown = read_embedded_cues(shared_data / "video" / film, time_origin_s=origin_s)
    assert len(shown) == count and {cue.text for cue in shown} == {""}
    for cue in shown:
        assert min(abs(cue.start_s - each.start_s) for each in written) <= off_s


def test_of_two_written_streams_one_is_read(shared_data) -> None:
    cues = read_embedded_cues(shared_data / "video/nasa_13013.mp4", time_origin_s=0.0)
    assert len(cues) == 4
    assert cues[0] == (pytest.approx(0.21), pytest.approx(4.26), cues[0].text) and cues[0].text.startswith("NAR: This")


def test_a_film_without_subtitles_has_no_cues_and_tells_nothing(shared_data) -> None:
    cues = read_embedded_cues(shared_data / "video/friday.mp4", time_origin_s=0.0)
    assert cues == () and spans_of_cues(cues, duration_s=6) is None


def test_embedded_times_count_from_what_players_call_zero(shared_data) -> None:
    path = shared_data / "video/nasa_13013.mp4"
    early, late = (read_embedded_cues(path, time_origin_s=origin) for origin in (0.0, 0.125))
    assert [cue.start_s - 0.125 for cue in early] == pytest.approx([cue.start_s for cue in late])


def test_a_cut_off_film_gives_the_subtitles_before_its_end(shared_data, tmp_path) -> None:
    whole = (shared_data / "video/popeye_sinbad_p1.mkv").read_bytes()
    part = tmp_path / "part.mkv"
    part.write_bytes(whole[: len(whole) // 2])
    everything = read_embedded_cues(shared_data / "video/popeye_sinbad_p1.mkv", time_origin_s=0.0)
    some = read_embedded_cues(part, time_origin_s=0.0)
    assert 0 < len(some) < len(everything) and some[:2] == everything[:2]


def test_dialogue_near_a_track_counts_by_the_time_it_shares() -> None:
    spans = np.array([[10.0, 12.0], [12.5, 14.0], [30.0, 31.0]])
    tracks = np.array([[9.0, 15.0], [5.0, 13.0], [0.0, 8.0], [29.5, 33.5], [14.5, 40.5], [20.0, 20.0]])
    expected = [1, 4 / 8, 0, 2.5 / 4, 3.5 / 26, np.nan]
    assert dialogue_share(spans, tracks) == pytest.approx(expected, nan_ok=True)


def test_dialogue_shares_equal_counting_moment_by_moment() -> None:
    rng = np.random.default_rng(3)
    spans = np.sort(rng.integers(0, 6000, (20, 2)), axis=1) / 10
    spans[:, 1] = np.minimum(spans[:, 1], spans[:, 0] + 8)
    tracks = np.sort(rng.choice(6100, (60, 2)), axis=1) / 10
    moments = np.arange(0, 620, 0.1) + 0.05
    said = ((moments[:, None] > spans[:, 0] - 1) & (moments[:, None] < spans[:, 1] + 1)).any(axis=1)
    for (start, end), share in zip(tracks, dialogue_share(join_spans(spans), tracks), strict=True):
        within = (moments > start) & (moments < end)
        assert share == pytest.approx(said[within].mean(), abs=1e-3)


def test_where_nothing_is_known_the_share_is_not_a_number() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(dialogue_share(None, np.array([[0.0, 1.0]]))).all()
        assert dialogue_share(None, np.empty((0, 2))).shape == (0,)
        assert dialogue_share(np.empty((0, 2)), np.array([[0.0, 1.0]])).tolist() == [0.0]


def test_a_few_signs_in_a_long_film_do_not_tell_when_people_speak() -> None:
    cues = [Cue(600.0, 603.0, "POST OFFICE"), Cue(900.0, 902.0, "PARIS")]
    assert spans_of_cues(cues, duration_s=5400) is None
    assert spans_of_cues(cues, duration_s=100).tolist() == [[600, 603], [900, 902]]
    assert spans_of_cues([Cue(0.0, 50.0, "[music]")], duration_s=100) is None


def make_text(rows: list[tuple[int, str, TextKind]]) -> Detections:
    values = np.zeros((len(rows), len(Text.columns)), dtype=np.float32)
    values[:, Text.columns.index("kind")] = [kind for _, _, kind in rows]
    return Detections(np.array([row[0] for row in rows], dtype=np.int64), values, tuple(row[1] for row in rows))


def test_burned_in_subtitles_stand_around_the_looks_that_saw_them() -> None:
    times_s = np.arange(1001) / 10
    looked_at = np.arange(0, 1000, 10)
    rows = [(frame, f"line {frame}", TextKind.SUBTITLE) for frame in (100, 110, 500)]
    spans = spans_of_burned_in(make_text([*rows, (700, "PARIS", TextKind.SCENE)]), looked_at=looked_at, times_s=times_s)
    assert spans == pytest.approx(np.array([[9.5, 11.5], [49.5, 50.5]]))
    sparse = spans_of_burned_in(make_text(rows), looked_at=np.array([0, 100, 110, 500]), times_s=times_s)
    assert sparse == pytest.approx(np.array([[8, 13], [48, 52]]))
    assert spans_of_burned_in(make_text(rows[:2]), looked_at=looked_at, times_s=times_s) is None


def test_frames_have_the_times_that_players_show_them_at(shared_data) -> None:
    info = probe(shared_data / "video/googlework_short.mp4")
    times_s = frame_times(info)
    assert times_s[[0, 7, -2]] == pytest.approx([info.time_s(frame) for frame in (0, 7, info.frame_count - 1)])
    assert times_s[-1] == pytest.approx(times_s[0] + info.duration_s)


def make_track(start_frame: int, end_frame: int) -> FaceTrack:
    return FaceTrack(0, start_frame, end_frame, 0.3, 0.6, 0.5, False)


@pytest.mark.django_db
def test_tracks_of_a_film_with_subtitles_have_their_share_of_dialogue(shared_data) -> None:
    """The first film is narrated all through, the other's songs are pictures with pauses between."""
    video = store_video(shared_data / "video/nasa_13013.mp4")
    assert dialogue_of_tracks(video, [make_track(10, 200), make_track(0, video.frame_count)]) == pytest.approx([1, 1])
    cartoon = store_video(shared_data / "video/popeye_sinbad_p1.mkv")
    shares = dialogue_of_tracks(cartoon, [make_track(15 * 24, 25 * 24), make_track(7 * 24, 11 * 24)])
    assert shares == pytest.approx([1, 0], abs=0.02)


@pytest.mark.django_db
def test_tracks_of_a_film_without_subtitles_do_not_know_their_dialogue(shared_data) -> None:
    video = store_video(shared_data / "video/friday.mp4")
    assert np.isnan(dialogue_of_tracks(video, [make_track(0, 50)])).all()
    assert dialogue_of_tracks(video, []).shape == (0,)
