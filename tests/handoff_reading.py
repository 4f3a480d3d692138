"""Reads hand-off files back, by readers that know nothing of the writers: frames from the first of film and list."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple
from urllib.parse import unquote
from xml.etree import ElementTree

import opentimelineio


class ReadMark(NamedTuple):
    """A mark at frames of its film, or of the list where a file knows only that."""

    start: int
    end: int
    name: str
    note: str
    colour: str = ""


class ReadClip(NamedTuple):
    """A clip: ``[source_in, source_out)`` of its film and ``[record_in, record_out)`` of the list."""

    file: str
    source_in: int
    source_out: int
    record_in: int
    record_out: int
    has_sound: bool = False
    note: str = ""
    marks: tuple[ReadMark, ...] = ()


def frame_of(label: str, *, rate: Fraction) -> int:
    """Frames from midnight to a label, by the rule of SMPTE ST 12-1."""
    hours, minutes, seconds, frames = (int(part) for part in re.split("[:;]", label))
    nominal, whole_minutes = round(rate), hours * 60 + minutes
    assert frames < nominal, f"{label} is no label at {nominal}"
    count = (whole_minutes * 60 + seconds) * nominal + frames
    return count - nominal // 15 * (whole_minutes - whole_minutes // 10) if ";" in label else count


def _frames_of_a_day(counting: str, *, rate: Fraction) -> int:
    last = f"{round(rate) - 1:02}"
    return frame_of(f"23:59:59;{last}" if counting == "FCM: DROP FRAME" else f"23:59:59:{last}", rate=rate) + 1


def read_edl(text: str, *, rate: Fraction, film_start: int, list_start: int) -> list[ReadClip]:
    """Events of a CMX 3600 list; labels that run past midnight go on counting."""
    assert text.endswith("\r\n") and "\n" not in text.replace("\r\n", "")
    lines = text.split("\r\n")
    assert lines[0].startswith("TITLE: ") and lines[1] in ("FCM: DROP FRAME", "FCM: NON-DROP FRAME")
    is_drop, clips = lines[1] == "FCM: DROP FRAME", []
    day = _frames_of_a_day(lines[1], rate=rate)
    for line in lines[2:]:
        event = re.fullmatch(r"(\d{3})  ([A-Z0-9]{1,8}) +(V|AA/V) +C        (\S+) (\S+) (\S+) (\S+)", line)
        if event is not None:
            assert int(event[1]) == len(clips) + 1
            assert all((";" in event[place]) == is_drop for place in (4, 5, 6, 7))
            labels = [frame_of(event[place], rate=rate) for place in (4, 5, 6, 7)]
            source, record = [(each - film_start) % day for each in labels[:2]], labels[2:]
            lengths = [(end - start) % day or day for start, end in (labels[:2], record)]
            begin = (record[0] - list_start) % day
            clips.append(
                ReadClip("", source[0], source[0] + lengths[0], begin, begin + lengths[1], event[3] == "AA/V")
            )
        elif line.startswith("* FROM CLIP NAME: "):
            clips[-1] = clips[-1]._replace(file=line.removeprefix("* FROM CLIP NAME: "))
        elif line.startswith("* COMMENT: "):
            clips[-1] = clips[-1]._replace(note=line.removeprefix("* COMMENT: "))
        elif locator := re.fullmatch(r"\* LOC: (\S+) ([A-Z]+) +(.*)", line):
            at = (frame_of(locator[1], rate=rate) - list_start) % day
            mark = ReadMark(at, at + 1, locator[3], "", locator[2])
            clips[-1] = clips[-1]._replace(marks=(*clips[-1].marks, mark))
        else:
            assert line == "" or line.startswith("* SOURCE FILE: "), line
    return clips


def read_resolve_markers(text: str, *, rate: Fraction, list_start: int) -> list[ReadMark]:
    """Markers as DaVinci Resolve writes them: an event of one frame, and a line of note, colour, name and length."""
    marks, lines = [], text.split("\r\n")
    day = _frames_of_a_day(lines[1], rate=rate)
    for line, below in pairwise(lines[2:]):
        event = re.fullmatch(r"\d{3}  001 +V +C        (\S+) (\S+) (\S+) (\S+)", line)
        if event is not None:
            told = re.fullmatch(r"(.*) \|C:ResolveColor([A-Z][a-z]+) \|M:([^|]*) \|D:(\d+)", below)
            assert told is not None and not re.match(r"\d|\*", below), below
            start = (frame_of(event[3], rate=rate) - list_start) % day
            assert event.group(1, 2) == event.group(3, 4)
            marks.append(ReadMark(start, start + int(told[4]), told[3], told[1], told[2]))
    return marks


def read_premiere_xml(text: str) -> list[ReadClip]:
    """Clips of a Final Cut Pro 7 XML sequence, whose two sound tracks must say the same as its picture track."""
    root = ElementTree.fromstring(text)
    sequence = root.find("sequence")
    assert sequence is not None
    files = {file.attrib["id"]: file for file in root.iter("file") if len(file)}
    assert len(files) == sum(len(file) > 0 for file in root.iter("file")), "each is described once"
    clips = [_premiere_clip(item, files) for item in sequence.findall("media/video/track/clipitem")]
    identities = {item.attrib["id"] for item in root.iter("clipitem")}
    assert all(_text(link, "linkclipref") in identities for link in root.iter("link"))
    for number, track in enumerate(sequence.findall("media/audio/track"), start=1):
        heard = [_premiere_clip(item, files)._replace(marks=()) for item in track.findall("clipitem")]
        assert heard == [clip._replace(marks=()) for clip in clips if clip.has_sound]
        assert {_text(item, "sourcetrack/trackindex") for item in track.findall("clipitem")} == {str(number)}
    return clips


def _premiere_clip(item: Any, files: Mapping[str, Any]) -> ReadClip:
    rate = _premiere_rate(item)
    start, end, begin, stop = (int(_text(item, name)) for name in ("in", "out", "start", "end"))
    for name, number in (("pproTicksIn", start), ("pproTicksOut", end)):
        assert Fraction(int(_text(item, name)), 254_016_000_000) * rate == number
    file = files[item.find("file").attrib["id"]]
    name = _text(file, "name")
    assert "\n" in name or unquote(_text(file, "pathurl")) == f"file://localhost/{name}", "line breaks are normalised"
    assert _premiere_rate(file) == rate
    assert 0 <= start < end <= int(_text(file, "duration"))
    marks = tuple(
        ReadMark(int(_text(each, "in")), int(_text(each, "out")), _text(each, "name"), _text(each, "comment"))
        for each in item.findall("marker")
    )
    return ReadClip(name, start, end, begin, stop, file.find("media/audio") is not None, "", marks)


def _premiere_rate(element: Any) -> Fraction:
    nominal = int(_text(element, "rate/timebase"))
    return Fraction(nominal * 1000, 1001) if _text(element, "rate/ntsc") == "TRUE" else Fraction(nominal)


def read_fcpxml(text: str) -> list[ReadClip]:
    """Clips of an FCPXML project's spine, their times turned into frames, which must be whole."""
    root = ElementTree.fromstring(text)
    rates = {each.attrib["id"]: 1 / _seconds(each, "frameDuration") for each in root.iter("format")}
    assets = {each.attrib["id"]: each for each in root.iter("asset")}
    sequence = root.find("library/event/project/sequence")
    assert sequence is not None
    list_rate, list_start, clips = rates[sequence.attrib["format"]], _seconds(sequence, "tcStart"), []
    for clip in sequence.findall("spine/asset-clip"):
        asset, rate = assets[clip.attrib["ref"]], rates[clip.attrib["format"]]
        film_start, start, length = _seconds(asset, "start"), _seconds(clip, "start"), _seconds(clip, "duration")
        begin = (_seconds(clip, "offset") - list_start) * list_rate
        marks = tuple(
            ReadMark(
                _whole((_seconds(each, "start") - film_start) * rate),
                _whole((_seconds(each, "start") + _seconds(each, "duration") - film_start) * rate),
                each.attrib["value"], each.get("note", ""),
            )
            for each in clip.findall("marker")
        )  # fmt: skip
        first = _whole((start - film_start) * rate)
        clips.append(
            ReadClip(
                unquote(asset.attrib["src"].removeprefix("./")), first, first + round(length * rate), _whole(begin),
                _whole(begin + length * list_rate), asset.get("hasAudio") == "1", clip.findtext("note") or "", marks,
            )
        )  # fmt: skip
    return clips


def read_otio(text: str) -> list[ReadClip]:
    """Clips of the picture track; those of the sound track, gaps for silent films, must lie at the same times."""
    timeline = opentimelineio.adapters.read_from_string(text, "otio_json")
    (pictures,), sound = timeline.video_tracks(), timeline.audio_tracks()
    heard = dict(enumerate(sound[0])) if sound else {}
    rate = Fraction(timeline.global_start_time.rate).limit_denominator(2000)
    clips, position = [], Fraction(0)
    for number, clip in enumerate(pictures):
        first = clip.available_range().start_time.value
        has_sound = isinstance(heard.get(number), opentimelineio.schema.Clip)
        assert not sound or heard[number].duration() == clip.duration()
        own = Fraction(clip.source_range.start_time.rate).limit_denominator(2000)
        begin, position = position, position + int(clip.source_range.duration.value) / own
        marks = tuple(
            ReadMark(
                int(each.marked_range.start_time.value - first),
                int(each.marked_range.end_time_exclusive().value - first), each.name, each.comment, each.color,
            )
            for each in clip.markers
        )  # fmt: skip
        start = int(clip.source_range.start_time.value - first)
        clips.append(
            ReadClip(
                unquote(clip.media_reference.target_url), start, start + int(clip.source_range.duration.value),
                round(begin * rate), round(position * rate), has_sound, clip.metadata["ava"]["note"], marks,
            )
        )  # fmt: skip
    return clips


def read_csv(text: str, *, rate: Fraction, list_start: int) -> list[ReadClip]:
    """Rows of the table."""
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    return [
        ReadClip(
            row["file"], int(row["start_frame"]), int(row["end_frame"]),
            frame_of(row["record_in"], rate=rate) - list_start, frame_of(row["record_out"], rate=rate) - list_start,
            note=row["note"],
        )
        for row in rows
    ]  # fmt: skip


def read_json(text: str) -> list[ReadClip]:
    """Clips of the object."""
    return [
        ReadClip(each["file"], each["start_frame"], each["end_frame"], each["record_in_frame"],
                 each["record_out_frame"], note=each["note"])
        for each in json.loads(text)["clips"]
    ]  # fmt: skip


def read_kind(kind: str, text: str, *, rate: Fraction, film_start: int, list_start: int) -> list[ReadClip]:
    """The clips of a file of a kind."""
    readers: dict[str, Callable[[], list[ReadClip]]] = {
        "otio": lambda: read_otio(text),
        "edl": lambda: read_edl(text, rate=rate, film_start=film_start, list_start=list_start),
        "fcpxml": lambda: read_fcpxml(text),
        "xml": lambda: read_premiere_xml(text),
        "csv": lambda: read_csv(text, rate=rate, list_start=list_start),
        "json": lambda: read_json(text),
    }
    return readers[kind]()


def _whole(number: Fraction) -> int:
    assert number.denominator == 1, f"{number} is no whole frame"
    return number.numerator


def _seconds(element: Any, name: str) -> Fraction:
    text = element.attrib[name]
    assert text.endswith("s")
    return Fraction(text[:-1])


def _text(element: Any, path: str) -> str:
    found = element.find(path)
    assert found is not None, path
    return found.text or ""
