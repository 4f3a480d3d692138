"""Reports of pixel flags: every format read back and compared with the truth frame by frame, and who may have them."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import zlib
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import opentimelineio
import pytest
from django.test import Client
from django.urls import reverse

from ava.handoff.edit_clock import EditClock
from ava.handoff.edl import edl_text
from ava.handoff.edl_lines import UnfitForEdl
from ava.handoff.films import Film, describe_film, describe_spans
from ava.handoff.otio_timeline import otio_text
from ava.media.timecode import parse_timecode
from ava.media.video_info import VideoInfo
from qc.models import FlagPatch, PixelDecision, PixelFlag, PixelReview
from qc.pixel.patches import Patch, pack_patch
from qc.report_files import REPORT_KINDS
from qc.reports.csv_marks import COLUMNS, csv_text
from qc.reports.json_marks import json_text
from qc.reports.marked_films import marked_films
from qc.reports.marks import Mark, Report, Summary, Word
from qc.reports.pdf_report import write_pdf
from tests.handoff_films import made_info
from tests.world import World, make_film, make_person, make_pixel_flag, make_world

NTSC, NTSC_60, FILM_NTSC = Fraction(30000, 1001), Fraction(60000, 1001), Fraction(24000, 1001)
FRAMES = (0, 1, 1799, 1800, 1801, 17_981, 17_982, 35_999)
"""About minutes and tens of minutes, where drop-frame labels jump."""
COUNT = 36_000


def made_report(info: VideoInfo, *, frames: tuple[int, ...] = FRAMES, name: str = "reel 1.mov") -> Report:
    """Hot pixels in these frames, and one stuck pixel in two spans."""
    film = describe_film(info, name=name)
    marks = [made_mark(info, film, frame, number=number) for number, frame in enumerate(frames, start=1)]
    spans = describe_spans(info, spans=[[40, 60], [10, 20]])
    stuck = replace(marks[0], number=99, kind="stuck", spans=spans, amplitude=-40.0)
    return Report("A title", "2026-01-02T03:04:05+00:00", ("confirmed",), (film,), (*marks, stuck), made_summary())


def made_mark(info: VideoInfo, film: Film, frame: int, *, number: int) -> Mark:
    return Mark(
        number=number, film=film, kind="hot", state="confirmed", spans=describe_spans(info, spans=[[frame, frame + 1]]),
        x=100.25 + number, y=50.5, area_px=4, amplitude=61.4, confidence=0.9, shot=3, model="2",
        words=(Word("ann", "confirmed", "2026-01-01T00:00:00+00:00"),),
    )  # fmt: skip


def made_summary() -> Summary:
    counts = {"hot": {"open": 2, "confirmed": 9}, "stuck": {"open": 0, "confirmed": 1}}
    return Summary(counts=counts, facts={"Scanned": "With version 2 of the pixel model."})


RATES = [
    (Fraction(24), None), (Fraction(25), "10:00:00:00"), (FILM_NTSC, "00:59:58:10"), (NTSC, "01:00:00:00"),
    (NTSC, "00:59:30;00"), (NTSC_60, "01:00:00;00"), (Fraction(50), None),
]  # fmt: skip


@pytest.mark.parametrize(("fps", "start"), RATES)
def test_otio_reads_back_to_the_same_frames(fps: Fraction, start: str | None) -> None:
    report = made_report(made_info(fps, start=start))
    timeline = opentimelineio.adapters.read_from_string(otio_text(marked_films(report)), "otio_json")
    (clip,) = timeline.find_clips()
    first = parse_timecode(start, fps=fps) if start else 0
    assert clip.media_reference.target_url == "reel%201.mov"
    assert clip.available_range() == clip.source_range
    assert (clip.source_range.start_time.value, clip.source_range.duration.value) == (first, COUNT)
    assert clip.source_range.start_time.rate == pytest.approx(float(fps), abs=1e-9)
    assert timeline.global_start_time.value == first
    read = [marker.marked_range.start_time.value - first for marker in clip.markers]
    assert read == [*FRAMES, 10]
    assert clip.markers[-1].marked_range.duration.value == 50
    spans = [
        [(span["start_frame"], span["end_frame"]) for span in each.metadata["ava"]["spans"]] for each in clip.markers
    ]
    assert spans[-1] == [(10, 20), (40, 60)]
    assert {marker.color for marker in clip.markers[:-1]} == {"RED"} != {clip.markers[-1].color}


@pytest.mark.parametrize(("fps", "start"), RATES)
def test_edl_locators_stand_at_the_frames_that_were_marked(fps: Fraction, start: str | None) -> None:
    text = edl_text(marked_films(made_report(made_info(fps, start=start))))
    first = parse_timecode(start, fps=fps) if start else 0
    event = re.search(r"^001  REEL1    V     C        (\S+) (\S+) (\S+) (\S+)\r$", text, re.MULTILINE)
    assert event is not None
    assert [parse_timecode(label, fps=fps) - first for label in event.groups()] == [0, COUNT, 0, COUNT]
    locators = re.findall(r"^\* LOC: (\S+) (RED|CYAN) +(.*)\r$", text, re.MULTILINE)
    assert [parse_timecode(label, fps=fps) - first for label, _, _ in locators] == [*FRAMES, 10]
    assert locators[-1][1:] == ("CYAN", "STUCK X101 Y50 -40 CONFIRMED 2 SPANS 50 FR NO 99")
    is_drop = bool(start and ";" in start)
    assert f"FCM: {'DROP FRAME' if is_drop else 'NON-DROP FRAME'}\r\n" in text
    assert all((";" in label) == is_drop for label in event.groups())
    assert max(len(line) for line in text.splitlines()) <= 100


@pytest.mark.parametrize(("fps", "start"), [rate for rate in RATES if ";" not in (rate[1] or "")])
def test_an_independent_reader_of_edls_finds_event_and_locators(fps: Fraction, start: str | None) -> None:
    nominal = round(fps)
    timeline = opentimelineio.adapters.read_from_string(
        edl_text(marked_films(made_report(made_info(fps, start=start)))), "cmx_3600", rate=nominal
    )
    (clip,) = timeline.find_clips()
    first = parse_timecode(start, fps=fps) if start else 0
    assert clip.name == "reel 1.mov"
    assert clip.source_range.start_time.to_frames() == first
    assert clip.source_range.duration.to_frames() == COUNT
    assert [marker.marked_range.start_time.to_frames() - first for marker in clip.markers] == [*FRAMES, 10]


def test_events_of_drop_frame_films_are_read_by_the_independent_reader_too() -> None:
    text = edl_text(marked_films(made_report(made_info(NTSC, start="00:59:30;00"))))
    timeline = opentimelineio.adapters.read_from_string(text, "cmx_3600", rate=float(NTSC))
    (clip,) = timeline.find_clips()
    assert clip.source_range.start_time.to_frames() == parse_timecode("00:59:30;00", fps=NTSC)
    assert clip.source_range.duration.to_frames() == COUNT


def test_films_of_variable_rate_are_counted_by_the_clock_and_say_so() -> None:
    pts = np.cumsum([0, *[33, 33, 34, 100, 17] * 60])
    info = made_info(Fraction(24), pts=pts, count=len(pts))
    report = made_report(info, frames=(0, 7, 100, 299, 300))
    clock = EditClock(report.films[0])
    text = edl_text(marked_films(report))
    assert clock.rate == 24 and "COUNTED BY THE CLOCK AT 24" in text
    labels = re.findall(r"^\* LOC: (\S+)", text, re.MULTILINE)
    timeline = opentimelineio.adapters.read_from_string(otio_text(marked_films(report)), "otio_json")
    (clip,) = timeline.find_clips()
    for mark, label, marker in zip(report.marks, labels, clip.markers, strict=True):
        frame = mark.first.start_frame
        assert abs(parse_timecode(label, fps=clock.rate) / 24 - info.time_s(frame)) <= 0.5 / 24 + 0.04
        assert marker.marked_range.start_time.value == parse_timecode(label, fps=clock.rate)
        assert marker.metadata["ava"]["spans"][0]["start_frame"] == frame
        assert info.frame_at(marker.metadata["ava"]["spans"][0]["start_s"]) == frame
    assert report.marks[1].first.timecode_in == "00:00:00.283"
    assert report.marks[4].first.timecode_out == "00:00:13.060"


@pytest.mark.parametrize(("fps", "rate"), [(Fraction(25, 2), 24), (Fraction(120), 60), (Fraction(15, 2), 24)])
def test_rates_without_labels_are_counted_at_a_common_one(fps: Fraction, rate: int) -> None:
    report = made_report(made_info(fps, start="01:00:00:00", count=2000), frames=(0, 500, 1999))
    clock = EditClock(report.films[0])
    assert clock.rate == rate
    labels = re.findall(r"^\* LOC: (\d\d:\d\d:\d\d:\d\d) ", edl_text(marked_films(report)), re.MULTILINE)
    seconds = [(parse_timecode(label, fps=clock.rate) - clock.first) / rate for label in labels]
    assert seconds == pytest.approx([0, 500 / fps, 1999 / fps, 10 / fps], abs=0.5 / rate + 1e-9)


def test_several_films_follow_each_other_and_films_of_two_rates_are_refused_by_name() -> None:
    infos = [made_info(Fraction(25), start="10:00:00:00", count=100), made_info(Fraction(25), count=50)]
    films = tuple(describe_film(info, name=f"clip {number}.mov") for number, info in enumerate(infos))
    marks = tuple(made_mark(info, film, 20, number=1) for info, film in zip(infos, films, strict=True))
    report = Report("Dailies", "now", ("confirmed",), films, marks, made_summary())
    text = edl_text(marked_films(report))
    assert "002  CLIP1    V     C        00:00:00:00 00:00:02:00 10:00:04:00 10:00:06:00" in text
    assert re.findall(r"LOC: (\S+)", text) == ["10:00:00:20", "10:00:04:20"]
    assert "SOURCE 00:00:00:20" in text
    other = describe_film(made_info(NTSC, start="01:00:00;00"), name="b.mov")
    with pytest.raises(UnfitForEdl, match="25, 30000/1001 drop-frame; take OTIO"):
        edl_text(marked_films(replace(report, films=(films[0], other), marks=())))
    with pytest.raises(UnfitForEdl, match="999 clips, and these are 1,000"):
        edl_text(marked_films(replace(report, films=films[:1] * 1000, marks=())))


def test_csv_opens_in_spreadsheets_without_running_formulas() -> None:
    report = made_report(made_info(Fraction(25)), name='=HYPERLINK("http://x")')
    text = csv_text(report)
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert list(rows[0]) == list(COLUMNS)
    assert [int(row["start_frame"]) for row in rows] == [*FRAMES, 10]
    assert rows[0]["film"] == '\'=HYPERLINK("http://x")'
    assert rows[-1]["spans"] == "10-20 40-60" and rows[-1]["end_frame"] == "60"
    assert rows[2]["timecode_in"] == "00:01:11:24" and rows[2]["timecode_out"] == "00:01:12:00"
    assert rows[0]["said_by"] == "ann: confirmed"


def test_json_tells_everything() -> None:
    told = json.loads(json_text(made_report(made_info(NTSC, start="00:59:30;00"))))
    assert told["films"][0] == {
        "name": "reel 1.mov", "fps": "30000/1001", "is_vfr": False, "drop_frame": True,
        "start_timecode": "00:59:30;00", "frame_count": COUNT, "duration_s": pytest.approx(1201.2), "width": 1920,
        "height": 1080,
    }  # fmt: skip
    assert [mark["spans"][0]["start_frame"] for mark in told["marks"]] == [*FRAMES, 10]
    assert told["marks"][3]["spans"][0]["timecode_in"] == "01:00:30;00"
    assert told["counts"]["hot"]["confirmed"] == 9 and told["facts"]["Scanned"]


def test_a_start_timecode_that_does_not_exist_is_as_if_there_were_none() -> None:
    film = describe_film(made_info(Fraction(25), start="01:00:00:40"), name="a.mov")
    assert film.start_timecode == "" and EditClock(film).first == 0


def test_spans_outside_of_the_film_are_cut_or_left_out() -> None:
    info = made_info(Fraction(25), count=100)
    spans = describe_spans(info, spans=[[90, 120], [-5, 3], [200, 210], [7, 7]])
    assert [(span.start_frame, span.end_frame) for span in spans] == [(0, 3), (90, 100)]
    assert spans[-1].end_s == pytest.approx(4.0) and spans[-1].timecode_out == "00:00:04:00"


def test_pdf_prints_searchable_names_of_any_script() -> None:
    long_name = "a-very-long-name-" * 12 + "end.mov"
    info = made_info(Fraction(25))
    report = replace(made_report(info, name="東京の夜_최종_Ünïcödé 😀\n.mov"), title=f"Ähnlich & <b>{long_name}</b>")
    seen: list[int] = []

    def pictures(mark: Mark) -> Any:
        seen.append(mark.number)
        return None if mark.number == 1 else [np.full((33, 33, 3), level, np.uint8) for level in (0, 250, 0)]

    file = io.BytesIO()
    assert write_pdf(file, report, pictures=pictures) >= 2
    text = pdf_text(file.getvalue())
    assert "東京の夜" in text and "최종" in text and "_Ünïcödé □ .mov" in text and "Ähnlich & <b>a-very-long" in text
    assert "00:01:12:00" in text and "Hot, confirmed, shot 3. Frame 1800" in text and "Frames 10–19, 40–59" in text
    assert "With version 2 of the pixel model." in text and "ann: confirmed, 1 Jan 2026, 00:00" in text
    assert seen == [mark.number for mark in report.marks]


def test_pdf_of_nothing_is_a_summary() -> None:
    report = replace(made_report(made_info(Fraction(25))), marks=(), films=())
    file = io.BytesIO()
    assert write_pdf(file, report, pictures=lambda mark: None) == 1
    assert "0 pixel flags" in pdf_text(file.getvalue())


def pdf_text(content: bytes) -> str:
    """The words of a PDF in the order of its pages: embedded fonts by their own tables, Asian ones as UTF-16."""
    objects = {int(number): body for number, body in re.findall(rb"(\d+) 0 obj\r?\n(.*?)endobj", content, re.DOTALL)}
    tables = {}
    for name, number in re.findall(rb"/(F[\w+]+) (\d+) 0 R", content):
        if (to_unicode := re.search(rb"/ToUnicode (\d+) 0 R", objects[int(number)])) is not None:
            tables[name] = _letters(_stream(objects[int(to_unicode[1])]))
    told, table = [], {}
    for body in objects.values():
        if b"stream" not in body or b"/Subtype /Image" in body or b"/Length1" in body:
            continue
        for font, shown in re.findall(rb"/(F[\w+]+) [\d.]+ Tf|\(((?:\\.|[^\\()])*)\) Tj", _stream(body), re.DOTALL):
            if font:
                table = tables.get(font, {})
            elif table:
                told.append("".join(table.get(byte, "?") for byte in _unescape(shown)))
            else:
                told.append(_unescape(shown).decode("utf-16-be", "replace"))
    return " ".join(told)


def _stream(body: bytes) -> bytes:
    raw = re.search(rb"stream\r?\n(.*?)\r?\n?endstream", body, re.DOTALL)
    assert raw is not None
    data = raw[1]
    if b"/ASCII85Decode" in body:
        data = base64.a85decode(data.strip().removesuffix(b"~>"))
    return zlib.decompress(data) if b"/FlateDecode" in body else data


def _letters(table: bytes) -> dict[int, str]:
    pairs = re.findall(rb"<(\w\w)> <(\w+)>\n", table.partition(b"beginbfchar")[2])
    return {int(code, 16): bytes.fromhex(letters.decode()).decode("utf-16-be") for code, letters in pairs}


def _unescape(text: bytes) -> bytes:
    names = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}

    def letter(match: re.Match[bytes]) -> bytes:
        return bytes([int(match[1], 8)]) if match[1] else names.get(match[2], match[2])

    return re.sub(rb"\\(?:([0-7]{1,3})|(.))", letter, text, flags=re.DOTALL)


@pytest.fixture
def world(db: None) -> World:
    return make_world("r")


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def report_of(world: World, suffix: str, *, user: Any = None, **query: Any) -> Any:
    return signed_in(user or world.reviewer).get(reverse("pixel-report", args=[world.title.pk, suffix]), query)


def test_every_role_may_take_every_report_along_and_outsiders_none(world: World) -> None:
    outsider = make_person("out")
    for kind, known in REPORT_KINDS.items():
        for user in (world.editor, world.reviewer, world.administrator):
            answer = report_of(world, kind, user=user)
            assert answer.status_code == 200
            assert answer.headers["Content-Disposition"] == f'attachment; filename="title-r pixel report{known.suffix}"'
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert report_of(world, kind, user=outsider).status_code == 404
        assert report_of(world, kind, user=outsider, states="nonsense").status_code == 404


def test_confirmed_flags_are_told_unless_others_are_asked_for(world: World) -> None:
    for frame, state in enumerate(PixelFlag.State.values, start=20):
        make_pixel_flag(world.video, frame=frame, state=state)
    gone = make_pixel_flag(world.video, frame=30, state="confirmed", is_current=False)
    make_pixel_flag(world.video, frame=31, state="open", is_current=False)

    def frames(**query: Any) -> list[int]:
        told = json.loads(report_of(world, "json", **query).content)
        return [mark["spans"][0]["start_frame"] for mark in told["marks"]]

    assert frames() == [10, 21, gone.frame_index]
    assert frames(states="open,unsure") == [20, 23]
    assert frames(states=["open", "unsure"]) == [20, 23]
    assert frames(states="all") == [10, 20, 21, 22, 23, 24, 30]
    assert frames(kind="stuck", states="all") == []
    told = json.loads(report_of(world, "json").content)
    assert told["counts"]["hot"] == {"open": 1, "confirmed": 3, "rejected": 1, "unsure": 1, "disputed": 1}
    assert told["facts"]["Not raised again"].startswith("The newest scan raises 1 of the confirmed flags no more")
    assert told["marks"][0]["words"][0]["verdict"] == "confirmed" and told["marks"][0]["at_place"] == 7


def test_what_cannot_be_told_is_refused_with_a_sentence(world: World) -> None:
    client, address = signed_in(world.reviewer), reverse("api-title-pixel-report", args=[world.title.pk])
    for query in (
        {"states": "lost"}, {"states": "all,open"}, {"states": "open\x00"}, {"video": "x"}, {"video": "9" * 30},
        {"video": "1\x00"}, {"video": "٣"}, {"video": "0"}, {"kind": "cold"}, {"kind": "\x00"},
    ):  # fmt: skip
        answer = report_of(world, "csv", **query)
        assert (answer.status_code, answer.content.decode()[-1]) == (400, "."), query
        assert client.get(address, {"as": "csv", **query}).status_code == 400


def test_a_kind_that_does_not_exist_is_not_found(world: World) -> None:
    assert report_of(world, "xls").status_code == 404
    address = reverse("api-title-pixel-report", args=[world.title.pk])
    assert signed_in(world.reviewer).get(address, {"as": "xls"}).status_code == 400


def test_the_api_tells_the_same_as_the_page(world: World) -> None:
    address = reverse("api-title-pixel-report", args=[world.title.pk])
    told = json.loads(signed_in(world.editor).get(address).content)
    page = json.loads(report_of(world, "json").content)
    assert {**told, "made_at": ""} == {**page, "made_at": ""}
    assert signed_in(world.editor).get(address, {"as": "edl"}).content == report_of(world, "edl").content
    assert signed_in(make_person("out")).get(address).status_code == 404


def test_films_of_two_rates_give_an_edl_each(world: World) -> None:
    other = make_film(world.title, name="b.mp4")
    other.fps_num, other.fps_den = 24, 1
    other.save()
    make_pixel_flag(other, state="confirmed")
    answer = report_of(world, "edl")
    assert answer.status_code == 400 and "take OTIO" in answer.content.decode()
    assert b"FROM CLIP NAME: b.mp4" in report_of(world, "edl", video=other.pk).content


def test_a_second_reviewer_is_not_told_the_first_ones_word_by_a_report(world: World) -> None:
    PixelReview.objects.create(title=world.title, reviews_wanted=2)
    PixelFlag.objects.update(state="open")
    PixelDecision.objects.all().delete()
    PixelDecision.objects.create(
        flag=world.pixel_flag, user=world.administrator, verdict="rejected", action="12345678123456781234567812345678"
    )
    told = json.loads(report_of(world, "json", states="all").content)
    assert told["marks"][0]["words"] == [] and "Reviewed by" not in told["facts"]
    told = json.loads(report_of(world, "json", user=world.administrator, states="all").content)
    assert [word["verdict"] for word in told["marks"][0]["words"]] == ["rejected"]


def test_pdf_shows_the_patches_that_are_kept(world: World) -> None:
    pixels = np.full((5, 33, 33, 3), 128, np.uint8)
    pixels[..., 0] = 40
    pixels[3, ..., 0] = 42  # equal pictures would be kept once
    pixels[2, 16, 16, 0] = 235
    FlagPatch.objects.create(flag=world.pixel_flag, x0=84, y0=44, side_px=33, pixels=pack_patch(Patch(84, 44, pixels)))
    pictures = pdf_pictures(report_of(world, "pdf").content)
    assert len(pictures) == 3
    before, shown, after = (picture[:, :, 1].astype(int) for picture in pictures)
    assert shown.max() > 200 and before.max() < 60 and after.max() < 60
    rows, columns = np.nonzero(shown > 200)
    assert rows.mean() == columns.mean() == pytest.approx((shown.shape[0] - 1) / 2)


def pdf_pictures(content: bytes) -> list[Any]:
    """The RGB pictures of a PDF, in the order of its objects."""
    bodies = [body for body in re.findall(rb"\d+ 0 obj\r?\n(.*?)endobj", content, re.DOTALL) if b"/Image" in body]
    sizes = [re.search(rb"/Height (\d+).*/Width (\d+)", body, re.DOTALL) for body in bodies]
    return [
        np.frombuffer(_stream(body), np.uint8).reshape(int(size[1]), int(size[2]), 3)
        for body, size in zip(bodies, sizes, strict=True)
        if size is not None
    ]
