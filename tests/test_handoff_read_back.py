"""Every kind of hand-off read back by readers of their own, and compared with what was put in frame by frame."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any
from xml.etree import ElementTree

import numpy as np
import opentimelineio
import pytest

from ava.handoff.cut_list import ClipMark, CutList, CutSpan
from ava.handoff.edit_clock import EditClock
from ava.handoff.edl_lines import UnfitForEdl
from ava.handoff.films import describe_film, describe_spans, whole_span
from ava.handoff.kinds import HANDOFF_KINDS, TIMELINE_KINDS
from ava.media.video_info import VideoInfo
from tests.handoff_films import COUNT, made_info
from tests.handoff_reading import (
    ReadClip,
    ReadMark,
    frame_of,
    read_edl,
    read_fcpxml,
    read_kind,
    read_otio,
    read_premiere_xml,
    read_resolve_markers,
)

NTSC, NTSC_60, FILM_NTSC = Fraction(30000, 1001), Fraction(60000, 1001), Fraction(24000, 1001)
SPANS = [(0, 1), (17_980, 17_985), (1799, 1803), (35_990, COUNT), (1799, 1803), (500, 2500), (17_982, 17_983)]
"""About minutes, tens of minutes and the film's ends; one frame; one twice; one over a minute long."""
RATES = [
    (FILM_NTSC, "00:59:58:10"), (Fraction(24), "00:00:00:00"), (Fraction(25), "10:00:00:00"),
    (NTSC, "01:00:00:00"), (NTSC, "00:59:30;00"), (Fraction(30), "23:50:00:00"), (Fraction(50), "00:00:00:00"),
    (NTSC_60, "01:00:00;00"), (NTSC_60, "09:59:59:59"), (Fraction(60), "00:00:01:00"),
]  # fmt: skip
NAMES = [
    "東京の夜 최종 Ünïcödé.mov", "クリップ　一.mov", "a 'b' \"c\" & <d> #1 100%?.mov", "👩‍🚀 😀.mov", "e\u0301 x.mov",
    "a\u00a0b.mov", "a+b;c|d.mov",
]  # fmt: skip
FORBIDDEN = "one\r\n002  AX       V     C\u2028two\x00\x1b three"


def cut(info: VideoInfo, span: tuple[int, int], *, name: str = "reel.mov", note: str = "", sound: bool = True) -> Any:
    film = replace(describe_film(info, name=name), has_sound=sound)
    (told,) = describe_spans(info, spans=[span])
    return CutSpan("A title", film, told, note)


def cuts_of(*spans: CutSpan) -> CutList:
    return CutList("First idea", "2026-01-02T03:04:05+00:00", tuple(spans), remarks=("A remark.",))


def one_film(info: VideoInfo, spans: list[tuple[int, int]], *, note: str = "") -> CutList:
    """Cuts of one film, which is one object, as where they come from."""
    first = cut(info, spans[0], note=note and f"{note} 1")
    rest = [cut(info, span, note=note and f"{note} {number}") for number, span in enumerate(spans[1:], start=2)]
    return cuts_of(first, *(each._replace(film=first.film) for each in rest))


def truth(spans: list[tuple[int, int]]) -> list[tuple[int, int, int, int]]:
    """Where each is in its film and in the list."""
    ends = np.cumsum([end - start for start, end in spans]).tolist()
    return [(*span, record, end) for span, record, end in zip(spans, [0, *ends[:-1]], ends, strict=True)]


def places(clips: list[ReadClip]) -> list[tuple[int, int, int, int]]:
    return [(each.source_in, each.source_out, each.record_in, each.record_out) for each in clips]


def markers_of(cuts: CutList) -> list[ReadMark]:
    layout = cuts.lay_out()
    return read_resolve_markers(HANDOFF_KINDS["markers"].write(cuts), rate=layout.rate, list_start=layout.first)


def read_back(kind: str, cuts: CutList) -> list[ReadClip]:
    """A file of a kind read; its labels count from those that its first film has, and from where lists begin."""
    layout = cuts.lay_out()
    clock, text = layout.events[0].clock, HANDOFF_KINDS[kind].write(cuts)
    return read_kind(kind, text, rate=layout.rate, film_start=clock.first, list_start=layout.first)


@pytest.mark.parametrize(("fps", "start"), RATES)
def test_every_kind_reads_back_to_the_same_frames_at_every_rate(fps: Fraction, start: str) -> None:
    info = made_info(fps, start=start, count=COUNT)
    cuts = one_film(info, SPANS, note="look")
    layout = cuts.lay_out()
    assert layout.first == frame_of("01:00:00;00" if ";" in start else "01:00:00:00", rate=fps)
    assert layout.events[0].clock.first == frame_of(start, rate=fps)
    for kind in ("otio", "edl", "fcpxml", "xml", "csv", "json"):
        clips = read_back(kind, cuts)
        assert places(clips) == truth(SPANS), kind
        assert {clip.file for clip in clips} == {"reel.mov"}, kind
        if kind in TIMELINE_KINDS:
            assert all(clip.has_sound for clip in clips), kind
            marks = [clip.marks[0] for clip in clips]
            starts = [record if kind == "edl" else begin for begin, _, record, _ in truth(SPANS)]
            assert [mark.start for mark in marks] == starts and {mark.end - mark.start for mark in marks} == {1}
            assert [mark.name.partition(" SOURCE")[0] for mark in marks] == [f"look {n}" for n in range(1, 8)]
    told = markers_of(cuts)
    assert [(mark.start, mark.end) for mark in told] == [(record, record + 1) for *_, record, _ in truth(SPANS)]
    assert told[1] == (1, 2, "2 A title", "look 2", "Yellow")


@pytest.mark.parametrize(("fps", "start"), RATES)
def test_marks_in_whole_films_stand_at_their_frames_in_every_kind(fps: Fraction, start: str) -> None:
    info = made_info(fps, start=start, count=COUNT)
    film = describe_film(info, name="reel.mov")
    frames = [(0, 1), (1799, 1800), (1800, 1850), (17_981, 17_983), (COUNT - 1, COUNT)]
    marks = tuple(
        ClipMark(span, f"Still {number}", f"2 faces, number {number}", colour="CYAN", facts={"number": number})
        for number, span in enumerate(describe_spans(info, spans=frames), start=1)
    )
    cuts = CutList("Picks", "now", (CutSpan("T", film, whole_span(film), marks=marks),), begins_as_film=True)
    layout = cuts.lay_out()
    assert layout.first == EditClock(film).first == frame_of(start, rate=fps)
    for kind in ("otio", "fcpxml", "xml"):
        (clip,) = read_back(kind, cuts)
        assert places([clip]) == [(0, COUNT, 0, COUNT)] and not clip.has_sound
        assert [(mark.start, mark.end) for mark in clip.marks] == frames, kind
        assert [(mark.name, mark.note) for mark in clip.marks] == [(mark.name, mark.note) for mark in marks]
    assert {mark.colour for mark in read_otio(HANDOFF_KINDS["otio"].write(cuts))[0].marks} == {"CYAN"}
    (clip,) = read_back("edl", cuts)
    assert [mark.start for mark in clip.marks] == [begin for begin, _ in frames]
    assert {mark.colour for mark in clip.marks} == {"CYAN"} and clip.marks[0].name == "2 faces, number 1"
    told = markers_of(cuts)
    assert [(mark.start, mark.end) for mark in told] == frames and {mark.colour for mark in told} == {"Cyan"}
    assert told[0].note == "- 2 faces, number 1", "a digit first would be taken for an event"


@pytest.mark.parametrize(("fps", "start"), RATES)
def test_independent_readers_of_xml_find_the_same_frames(fps: Fraction, start: str) -> None:
    known = opentimelineio.adapters.available_adapter_names()
    if not {"fcp_xml", "fcpx_xml"} <= set(known):
        pytest.skip("OpenTimelineIO's adapters for Final Cut Pro's files are not installed")
    cuts = one_film(made_info(fps, start=start, count=COUNT), SPANS, note="look")
    first = cuts.lay_out().events[0].clock.first
    timeline = opentimelineio.adapters.read_from_string(HANDOFF_KINDS["xml"].write(cuts), "fcp_xml")
    for track in timeline.tracks:
        read = [clip.source_range for clip in track if isinstance(clip, opentimelineio.schema.Clip)]
        frames = [(round(each.start_time.value), round(each.end_time_exclusive().value)) for each in read]
        assert frames == [(begin + first, end + first) for begin, end in SPANS], track.kind
        assert [each.start_time.rate for each in read] == pytest.approx([float(fps)] * len(read), abs=1e-9)
        assert not any(isinstance(each, opentimelineio.schema.Gap) for each in track)
    assert [track.kind for track in timeline.tracks] == ["Video", "Audio", "Audio"]
    assert timeline.global_start_time.value == cuts.lay_out().first
    clips = list(timeline.tracks[0])
    assert [marker.name for clip in clips for marker in clip.markers] == [f"look {number}" for number in range(1, 8)]
    spine = opentimelineio.adapters.read_from_string(HANDOFF_KINDS["fcpxml"].write(cuts), "fcpx_xml")
    read = [clip.source_range for clip in spine.find_clips()][: len(SPANS)]
    for each, (begin, end) in zip(read, SPANS, strict=True):
        rate = each.start_time.rate  # which this reader cuts to a whole number, and its frames as well
        assert rate == int(fps)
        exact = [float((begin + first) / fps) * rate, float((end - begin) / fps) * rate]
        assert [each.start_time.value, each.duration.value] == pytest.approx(exact, abs=1)


def test_films_of_every_rate_in_one_list_keep_their_own_frames() -> None:
    rng = np.random.default_rng(3)
    infos = [made_info(fps, start=start, count=COUNT) for fps, start in RATES]
    films = [cut(info, (0, 1), name=f"film {number}.mov").film for number, info in enumerate(infos)]
    spans = []
    for number in range(200):
        which, begin = (number * 7) % len(infos), int(rng.integers(0, COUNT - 300))
        spans.append(cut(infos[which], (begin, begin + int(rng.integers(1, 300))))._replace(film=films[which]))
    cuts = cuts_of(*spans)
    layout, exact = cuts.lay_out(), Fraction(0)
    for event, each in zip(layout.events, spans, strict=True):
        exact += (each.span.end_frame - each.span.start_frame) / each.film.fps
        assert abs(event.record_out - exact * layout.rate) <= Fraction(1, 2)
    wanted = [(each.film.name, each.span.start_frame, each.span.end_frame) for each in spans]
    records = [(event.record_in, event.record_out) for event in layout.events]
    for kind in ("otio", "xml", "csv", "json", "fcpxml"):
        clips = read_back(kind, cuts)
        assert [(clip.record_in, clip.record_out) for clip in clips] == records, kind
        if kind == "fcpxml":  # how long a clip lasts is told at the sequence's rate
            assert [(clip.file, clip.source_in) for clip in clips] == [each[:2] for each in wanted]
        else:
            assert [(clip.file, clip.source_in, clip.source_out) for clip in clips] == wanted, kind
    with pytest.raises(UnfitForEdl, match="hold several"):
        HANDOFF_KINDS["edl"].write(cuts)
    assert len(markers_of(cuts)) == 200


def test_silent_films_have_no_sound_in_any_kind_and_leave_a_gap() -> None:
    loud, silent = made_info(Fraction(25), count=COUNT), made_info(Fraction(25), count=COUNT)
    without = cut(silent, (5, 30), name="b.mov", sound=False)
    cuts = cuts_of(cut(loud, (0, 9)), without, cut(loud, (40, 50), name="c.mov"))
    for kind in ("otio", "edl", "fcpxml", "xml"):
        assert [clip.has_sound for clip in read_back(kind, cuts)] == [True, False, True], kind
    silence = cuts_of(without)
    assert not ElementTree.fromstring(HANDOFF_KINDS["xml"].write(silence)).findall(".//audio")
    timeline = opentimelineio.adapters.read_from_string(HANDOFF_KINDS["otio"].write(silence), "otio_json")
    assert not timeline.audio_tracks()


@pytest.mark.parametrize("name", NAMES)
def test_names_and_notes_of_every_script_come_back_letter_for_letter(name: str) -> None:
    note = name.removesuffix(".mov").replace("|", "/")
    cuts = replace(cuts_of(cut(made_info(Fraction(25), count=99), (0, 5), name=name, note=note)), name=name)
    plain = " ".join(name.split())
    for kind in ("otio", "fcpxml", "xml", "json", "csv"):
        (clip,) = read_back(kind, cuts)
        assert clip.file == name, kind
        assert kind == "xml" or clip.note == note, kind
        assert not clip.marks or clip.marks[0].name == note, kind
    (clip,) = read_back("edl", cuts)
    assert (clip.file, clip.note) == (plain, " ".join(note.split()))
    (mark,) = markers_of(cuts)
    assert mark.note == " ".join(note.split())


def test_letters_that_no_file_can_hold_are_left_out_and_break_nothing() -> None:
    worst = cut(made_info(Fraction(25), count=99), (0, 5), name=f"{FORBIDDEN}\ud83d.mov", note=FORBIDDEN)
    cuts = replace(cuts_of(worst), name=FORBIDDEN, remarks=(FORBIDDEN,))
    for kind in TIMELINE_KINDS:
        HANDOFF_KINDS[kind].write(cuts).encode()
    for kind in ("otio", "fcpxml", "xml", "csv", "json"):
        assert places(read_back(kind, cuts)) == [(0, 5, 0, 5)], kind
    (clip,) = read_back("edl", cuts)
    assert clip.file == "one 002 AX V C two three?.mov" and clip.note == "one 002 AX V C two three"
    assert len(markers_of(cuts)) == 1


def test_lists_that_pass_midnight_begin_at_it_and_those_over_a_day_are_refused_by_edl_alone() -> None:
    hours = made_info(Fraction(25), start="20:00:00:00", count=25 * 3600 * 6)
    whole = cuts_of(cut(hours, (0, 25 * 3600 * 6)))
    assert places(read_back("edl", whole)) == [(0, 540_000, 0, 540_000)], "the film itself passes midnight"
    assert whole.lay_out().first == 25 * 3600
    long = one_film(hours, [(0, 25 * 3600 * 6)] * 4)
    assert long.lay_out().first == 0
    assert places(read_back("edl", long)) == truth([(0, 540_000)] * 4)
    over = one_film(hours, [*[(0, 25 * 3600 * 6)] * 4, (0, 1)])
    for kind in ("edl", "markers"):
        with pytest.raises(UnfitForEdl, match="24 hours"):
            HANDOFF_KINDS[kind].write(over)
    for kind in ("otio", "fcpxml", "xml", "json"):
        assert places(read_back(kind, over)) == truth([*[(0, 540_000)] * 4, (0, 1)]), kind


def test_two_thousand_clips_are_all_there() -> None:
    rng = np.random.default_rng(9)
    starts = rng.integers(0, COUNT - 100, 2000).tolist()
    spans = [(start, start + length) for start, length in zip(starts, rng.integers(1, 100, 2000).tolist(), strict=True)]
    cuts = one_film(made_info(NTSC, start="00:59:30;00", count=COUNT), spans, note="n")
    for kind in ("otio", "fcpxml", "xml", "csv", "json"):
        assert places(read_back(kind, cuts)) == truth(spans), kind
    for kind in ("edl", "markers"):
        with pytest.raises(UnfitForEdl, match="and these are 2,000"):
            HANDOFF_KINDS[kind].write(cuts)
    most = replace(cuts, spans=cuts.spans[:999])
    assert places(read_edl_of(most)) == truth(spans[:999])


def read_edl_of(cuts: CutList) -> list[ReadClip]:
    layout = cuts.lay_out()
    text = HANDOFF_KINDS["edl"].write(cuts)
    return read_edl(text, rate=layout.rate, film_start=layout.events[0].clock.first, list_start=layout.first)


def test_films_of_variable_rate_show_the_wanted_frame_at_the_numbers_that_are_told() -> None:
    rng = np.random.default_rng(5)
    ticks = np.cumsum([0, *rng.integers(42, 90, 900).tolist()])  # no frame shorter than one of 24 a second
    info = made_info(Fraction(24), count=len(ticks), pts=ticks)
    spans = [(start, start + length) for start, length in zip(range(0, 880, 40), range(1, 23), strict=True)]
    cuts = one_film(info, spans)
    rate = cuts.lay_out().rate
    assert rate == 24

    def shown(number: int) -> int:
        """Where a program that turned the film into a constant rate shows it, at the middle of a frame."""
        return info.frame_at(float((number + Fraction(1, 2)) / rate))

    for kind in ("otio", "edl", "fcpxml", "xml"):
        for clip, span in zip(read_back(kind, cuts), spans, strict=True):
            assert (shown(clip.source_in), shown(clip.source_out - 1)) == (span[0], span[1] - 1), kind
    for kind in ("csv", "json"):
        assert [(clip.source_in, clip.source_out) for clip in read_back(kind, cuts)] == spans
    exact = read_otio_facts(cuts)
    assert exact == spans


def read_otio_facts(cuts: CutList) -> list[Any]:
    """The film's own frames, which OTIO also carries where programs cannot count them."""
    timeline = opentimelineio.adapters.read_from_string(HANDOFF_KINDS["otio"].write(cuts), "otio_json")
    told = [clip.metadata["ava"] for clip in timeline.video_tracks()[0]]
    return [(each["start_frame"], each["end_frame"]) for each in told]


def test_spans_without_a_frame_are_left_out_and_a_list_of_none_is_written() -> None:
    info = made_info(Fraction(25), count=100)
    assert describe_spans(info, spans=[(5, 5), (9, 3), (100, 101)]) == ()
    for kind in HANDOFF_KINDS.values():
        assert kind.write(cuts_of())
    assert read_premiere_xml(HANDOFF_KINDS["xml"].write(cuts_of())) == []
    assert read_fcpxml(HANDOFF_KINDS["fcpxml"].write(cuts_of())) == []
