"""Hand-off files of spans of films: each read back by other readers and compared with the truth frame by frame."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import numpy as np
import opentimelineio
import pytest

from ava.handoff.cut_list import CutList, CutSpan, lay_out, mixed_remark, name_rate
from ava.handoff.cut_tables import COLUMNS, csv_text, json_text
from ava.handoff.edl import edl_text, reel_names
from ava.handoff.edl_lines import UnfitForEdl
from ava.handoff.fcpxml import fcpxml_text
from ava.handoff.films import describe_film, describe_spans
from ava.handoff.otio_timeline import otio_text
from ava.media.timecode import parse_timecode
from ava.media.video_info import VideoInfo
from tests.handoff_films import COUNT, made_info

NTSC, NTSC_60, FILM_NTSC = Fraction(30000, 1001), Fraction(60000, 1001), Fraction(24000, 1001)
SPANS = [(0, 1), (17_980, 17_985), (1799, 1803), (35_990, 36_000), (1799, 1803), (500, 2500)]
"""About minutes, tens of minutes and the film's ends; one twice; one over a minute long."""
RATES = [
    (Fraction(24), None), (Fraction(25), "10:00:00:00"), (FILM_NTSC, "00:59:58:10"), (NTSC, "01:00:00:00"),
    (NTSC, "00:59:30;00"), (NTSC_60, "01:00:00;00"), (Fraction(50), None), (Fraction(30), None),
]  # fmt: skip


def spans_of(info: VideoInfo, spans: list[tuple[int, int]], *, name: str = "A001 reel.mov", note: str = "") -> Any:
    film = replace(describe_film(info, name=name), has_sound=True)
    return [
        CutSpan("A title", film, told, note and f"{note} {number}")
        for number, span in enumerate(spans)
        for told in describe_spans(info, spans=[span])
    ]


def cuts_of(*spans: CutSpan) -> CutList:
    return CutList("First idea", "2026-01-02T03:04:05+00:00", tuple(spans))


def made(fps: Fraction, start: str | None = None) -> CutList:
    return cuts_of(*spans_of(made_info(fps, start=start, count=COUNT), SPANS, note="look"))


@pytest.mark.parametrize(("fps", "start"), RATES)
def test_otio_reads_back_to_the_same_frames(fps: Fraction, start: str | None) -> None:
    timeline = opentimelineio.adapters.read_from_string(otio_text(made(fps, start)), "otio_json")
    first = parse_timecode(start, fps=fps) if start else 0
    (pictures,), (sound,) = timeline.video_tracks(), timeline.audio_tracks()
    for track in (pictures, sound):
        read = [clip.source_range for clip in track.find_clips()]
        frames = [(each.start_time.value - first, each.end_time_exclusive().value - first) for each in read]
        assert frames == SPANS
        assert [each.start_time.rate for each in read] == pytest.approx([float(fps)] * len(SPANS), abs=1e-9)
    clip = next(iter(pictures.find_clips()))
    assert clip.media_reference.target_url == "A001%20reel.mov"
    assert clip.media_reference.available_range.duration.value == COUNT
    assert [marker.name for marker in clip.markers] == ["look 0"]
    label = "01:00:00;00" if start and ";" in start else "01:00:00:00"
    assert timeline.global_start_time.value == parse_timecode(label, fps=fps)
    assert pictures.duration().value == sum(end - start for start, end in SPANS)


@pytest.mark.parametrize(("fps", "start"), RATES)
def test_edl_read_by_another_program_gives_the_same_frames(fps: Fraction, start: str | None) -> None:
    text = edl_text(made(fps, start))
    first = parse_timecode(start, fps=fps) if start else 0
    events = [line.split()[-4:] for line in text.split("\r\n") if line[:3].isdigit()]
    counts = [[parse_timecode(label, fps=fps) for label in labels] for labels in events]
    assert [(source[0] - first, source[1] - first) for source in counts] == SPANS
    assert all(event[3] - event[2] == event[1] - event[0] for event in counts)
    assert all(before[3] == after[2] for before, after in pairwise(counts)), "record timecode has no gap"
    assert text.splitlines()[1] == f"FCM: {'DROP FRAME' if start and ';' in start else 'NON-DROP FRAME'}"
    if fps > 30:
        return  # the reader below knows no such labels
    timeline = opentimelineio.adapters.read_from_string(text, "cmx_3600", rate=float(fps))
    (track,) = [each for each in timeline.video_tracks() if list(each.find_clips())]
    read = [clip.source_range for clip in track.find_clips()]
    frames = [(round(each.start_time.value), round(each.end_time_exclusive().value)) for each in read]
    if not (start and ";" in start) and fps != FILM_NTSC and fps != NTSC:
        assert frames == [(begin + first, end + first) for begin, end in SPANS]
    assert [end - begin for begin, end in frames] == [end - begin for begin, end in SPANS]
    clip = next(iter(track.find_clips()))
    assert clip.name == "A001 reel.mov" and clip.metadata["cmx_3600"]["reel"] == "A001REEL"


def test_films_of_like_names_have_reel_names_of_their_own() -> None:
    names = ["A001C003_long.mov", "A001C003_other.mov", "ä ö.mov", "", "ax.mov", "bl.mov"]
    spans = [spans_of(made_info(Fraction(25), count=9), [(0, 5)], name=name)[0] for name in names]
    reels = [reel_names(spans)[id(cut.film)] for cut in spans]
    assert reels == ["A001C003", "A001C002", "FILM", "FILM2", "AX2", "BL2"]


def test_an_edl_of_several_countings_is_refused_with_a_sentence() -> None:
    two = [*spans_of(made_info(Fraction(25)), [(0, 5)]), *spans_of(made_info(NTSC), [(0, 5)])]
    with pytest.raises(UnfitForEdl, match="25, 30000/1001; take OTIO, FCPXML or Premiere XML, which hold several"):
        edl_text(cuts_of(*two))
    with pytest.raises(UnfitForEdl, match="999 clips, and these are 1,000"):
        edl_text(cuts_of(*spans_of(made_info(Fraction(25)), [(0, 5)] * 1000)))


def test_names_and_notes_cannot_break_the_lines_of_an_edl() -> None:
    cut = spans_of(made_info(Fraction(25)), [(0, 5)], name="a\r\n002 b.mov")[0]._replace(note="x\r\n002  AX\u2028V")
    text = edl_text(cuts_of(cut))
    assert [line for line in text.splitlines() if line.startswith("002")] == []


def time_of(text: str) -> Fraction:
    assert text.endswith("s")
    return Fraction(text[:-1])


@pytest.mark.parametrize(("fps", "start"), RATES)
def test_fcpxml_is_exact_to_the_frame_and_has_no_gap(fps: Fraction, start: str | None) -> None:
    root = ElementTree.fromstring(fcpxml_text(made(fps, start)))
    first = parse_timecode(start, fps=fps) if start else 0
    clips = root.findall("./library/event/project/sequence/spine/asset-clip")
    read = [(time_of(clip.attrib["start"]) * fps, time_of(clip.attrib["duration"]) * fps) for clip in clips]
    assert [(begin - first, begin - first + length) for begin, length in read] == SPANS
    sequence = root.find("./library/event/project/sequence")
    assert sequence is not None
    position = time_of(sequence.attrib["tcStart"])
    for clip in clips:
        assert time_of(clip.attrib["offset"]) == position
        position += time_of(clip.attrib["duration"])
    assert position - time_of(sequence.attrib["tcStart"]) == time_of(sequence.attrib["duration"])
    asset = root.find("./resources/asset")
    assert asset is not None and asset.attrib["src"] == "./A001%20reel.mov" and asset.attrib["hasAudio"] == "1"
    assert (time_of(asset.attrib["start"]) * fps, time_of(asset.attrib["duration"]) * fps) == (first, COUNT)
    form = root.find("./resources/format")
    assert form is not None and 1 / time_of(form.attrib["frameDuration"]) == fps
    is_drop = bool(start and ";" in start)
    assert {clip.attrib["tcFormat"] for clip in clips} == {"DF" if is_drop else "NDF"} == {sequence.attrib["tcFormat"]}
    assert clips[1].findtext("note") == "look 1"


ALLOWED = {
    "fcpxml": ("version", ["resources", "library"]), "resources": ("", ["format", "asset"]),
    "format": ("id name frameDuration fieldOrder width height paspH paspV colorSpace", []),
    "asset": ("id name uid src start duration hasVideo format hasAudio audioSources audioChannels audioRate", []),
    "library": ("location", ["event"]), "event": ("name uid", ["project"]), "project": ("name uid id", ["sequence"]),
    "sequence": ("format duration tcStart tcFormat audioLayout audioRate", ["note", "spine"]),
    "spine": ("lane offset name format", ["asset-clip"]), "note": ("", []),
    "asset-clip": ("ref offset name start duration format tcFormat enabled lane", ["note", "conform-rate", "marker"]),
    "marker": ("start duration value note completed", []),
    "conform-rate": ("scaleEnabled srcFrameRate frameSampling", []),
}
"""Elements with their attributes and children in order, after the document type definition of FCPXML 1.9."""


def test_fcpxml_keeps_to_the_document_type_definition() -> None:
    films = [made_info(fps, count=900) for fps in (Fraction(25), FILM_NTSC, NTSC_60)]
    spans = [cut for info in films for cut in spans_of(info, [(3, 90)], note="<&>\x00\x1b")]
    cuts = replace(cuts_of(*spans), remarks=("One clip stays out.",))
    root = ElementTree.fromstring(fcpxml_text(cuts))
    seen: set[str] = set()
    for element in root.iter():
        attributes, children = ALLOWED[element.tag]
        assert set(element.attrib) <= set(attributes.split())
        places = [children.index(child.tag) for child in element]
        assert places == sorted(places) or element.tag == "resources", "which may come in any order"
        assert element.attrib.get("id") not in seen
        seen |= {element.attrib["id"]} if "id" in element.attrib else set()
    used = {each.attrib[name] for each in root.iter() for name in ("ref", "format") if name in each.attrib}
    assert used <= seen
    rates = [each.attrib["srcFrameRate"] for each in root.iter("conform-rate")]
    assert rates == ["23.98", "59.94"]


def test_rounding_between_rates_never_adds_up() -> None:
    infos = [made_info(fps, count=5000) for fps in (NTSC, Fraction(25), FILM_NTSC, NTSC)]
    rng = np.random.default_rng(8)
    spans = []
    for _ in range(400):
        start = int(rng.integers(0, 4900))
        info = infos[int(rng.integers(0, 4))] if spans else infos[0]
        spans += spans_of(info, [(start, start + int(rng.integers(1, 90)))])
    layout = lay_out(spans)
    exact = Fraction(0)
    for event in layout.events:
        exact += (event.source_out - event.source_in) / event.clock.rate
        assert abs(event.record_out - exact * layout.rate) <= Fraction(1, 2)
        if event.clock.rate == layout.rate:
            assert event.record_out - event.record_in == event.source_out - event.source_in
    root = ElementTree.fromstring(fcpxml_text(cuts_of(*spans)))
    for clip in root.iter("asset-clip"):
        for name in ("offset", "duration"):
            assert (time_of(clip.attrib[name]) * NTSC).denominator == 1, "on a frame of the sequence"
    assert "23.976, 25 frames a second" in mixed_remark(layout) and mixed_remark(lay_out(spans[:1])) == ""


def test_films_of_variable_rate_are_counted_by_the_clock() -> None:
    times = np.cumsum(np.tile([40, 20, 60], 300)) - 40
    info = made_info(Fraction(25), count=900, pts=times)
    spans = spans_of(info, [(30, 90), (600, 700)], note="n")
    layout = lay_out(spans)
    for event, cut in zip(layout.events, spans, strict=True):
        assert event.source_in == round(cut.span.start_s * 25) and event.source_out == round(cut.span.end_s * 25)
    assert "VARIABLE FRAME RATE" in edl_text(cuts_of(*spans))
    clips = list(opentimelineio.adapters.read_from_string(otio_text(cuts_of(*spans)), "otio_json").find_clips())
    assert clips[0].metadata["ava"]["start_frame"] == 30 and clips[0].metadata["ava"]["end_frame"] == 90


def test_tables_tell_every_frame_and_no_formula() -> None:
    cuts = cuts_of(*spans_of(made_info(NTSC, start="00:59:30;00"), SPANS, name='=HYPERLINK("x")', note="+1"))
    text = csv_text(cuts)
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text[1:])))
    assert tuple(rows[0]) == COLUMNS
    assert [(int(row["start_frame"]), int(row["end_frame"])) for row in rows] == SPANS
    assert rows[0]["file"].startswith("'=") and rows[0]["note"] == "'+1 0" and rows[0]["fps"] == "30000/1001"
    told = json.loads(json_text(cuts))
    assert [(clip["start_frame"], clip["end_frame"]) for clip in told["clips"]] == SPANS
    assert told["fps"] == "30000/1001" and told["start_timecode"] == "01:00:00;00" and len(told["films"]) == 1
    assert [clip["in_timecode"] for clip in told["clips"]] == [row["in_timecode"] for row in rows]
    first = parse_timecode("00:59:30;00", fps=NTSC)
    assert [parse_timecode(clip["out_timecode"], fps=NTSC) - first for clip in told["clips"]] == [e for _, e in SPANS]


@pytest.mark.parametrize("write", [edl_text, otio_text, fcpxml_text, csv_text, json_text])
def test_a_list_without_spans_is_written_all_the_same(write: Any) -> None:
    text = write(cuts_of())
    assert text
    if write is fcpxml_text:
        assert ElementTree.fromstring(text).find(".//spine") is not None


def test_rates_have_the_names_that_people_use() -> None:
    assert [name_rate(rate) for rate in (Fraction(25), FILM_NTSC, NTSC)] == ["25", "23.976", "29.97"]
