"""Marks in films, as every report tells them: where in which film, what, and who said so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from ava.media.timecode import BadTimecode, film_timecode, format_timecode, parse_timecode
from ava.media.video_info import VideoInfo


@dataclass(frozen=True, slots=True)
class Film:
    """A film that marks lie in.

    ``name``: its file's name. ``fps``: exact; where ``is_vfr`` the rate that most frames follow. ``width``,
    ``height``: upright with square pixels. ``start_timecode``: the label of its first frame; "" where it has none that
    exists at its rate, and then labels count from 00:00:00:00.
    """

    name: str
    fps: Fraction
    is_vfr: bool
    frame_count: int
    duration_s: float
    width: int
    height: int
    start_timecode: str = ""

    @property
    def is_drop_frame(self) -> bool:
        """Whether its labels leave numbers out to keep up with the clock."""
        return ";" in self.start_timecode


class Span(NamedTuple):
    """A half-open span of frames ``[start_frame, end_frame)`` with the seconds at which players show it.

    ``timecode_in`` is the label of its first frame, ``timecode_out`` of the frame after its last, as edit lists count.
    In films of variable rate both are clock times, HH:MM:SS.mmm.
    """

    start_frame: int
    end_frame: int
    start_s: float
    end_s: float
    timecode_in: str
    timecode_out: str


class Word(NamedTuple):
    """What one person said of a mark; ``said_at`` in ISO 8601."""

    who: str
    verdict: str
    said_at: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing to look at in a film.

    ``number``: what the installation knows it by. ``kind``: such as "hot" or "stuck"; ``state``: such as "confirmed".
    ``spans``: at least one, in order. ``x``, ``y``: pixels of the upright picture, 0.0 the middle of the first one.
    ``area_px``: pixels; ``amplitude``: above (negative: below) the surroundings in 8-bit luma levels. ``confidence``:
    0–1. ``shot``: 1-based, None where no shots are known. ``model``: the version that raised it first, "" for none.
    ``at_place``: marks at the same place of the picture, this one included.
    """

    number: int
    film: Film
    kind: str
    state: str
    spans: tuple[Span, ...]
    x: float
    y: float
    area_px: float
    amplitude: float
    confidence: float
    shot: int | None = None
    model: str = ""
    at_place: int = 1
    words: tuple[Word, ...] = ()

    @property
    def first(self) -> Span:
        """The span in which it begins."""
        return self.spans[0]

    @property
    def last(self) -> Span:
        """The span in which it ends."""
        return self.spans[-1]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a report says before its marks; all of it is shown as it stands.

    ``counts``: kind → state → flags, of all states. ``facts``: name → sentence, in order (models, scans, agreement …).
    """

    counts: Mapping[str, Mapping[str, int]]
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Report:
    """A title's films and the marks of those states that were asked for, in the order of films and frames.

    ``made_at`` in ISO 8601.
    """

    title: str
    made_at: str
    states: tuple[str, ...]
    films: tuple[Film, ...]
    marks: tuple[Mark, ...]
    summary: Summary


def describe_film(info: VideoInfo, *, name: str) -> Film:
    """What reports tell of a probed film; its start timecode only where its rate has such a label."""
    try:
        parse_timecode(info.start_timecode or "", fps=info.fps)
        start = info.start_timecode or ""
    except BadTimecode:
        start = ""
    return Film(
        name=name, fps=info.fps, is_vfr=info.is_vfr, frame_count=info.frame_count, duration_s=info.duration_s,
        width=info.width, height=info.height, start_timecode="" if info.is_vfr else start,
    )  # fmt: skip


def describe_spans(info: VideoInfo, *, spans: Sequence[Sequence[int]]) -> tuple[Span, ...]:
    """Half-open spans of frames with their times and labels, cut to the film, in order; empty ones are left out."""
    cut = sorted((max(int(start), 0), min(int(end), info.frame_count)) for start, end in spans)
    return tuple(_describe_span(info, start, end) for start, end in cut if start < end)


def _describe_span(info: VideoInfo, start: int, end: int) -> Span:
    is_at_end = end == info.frame_count
    end_s = info.time_s(0) + info.duration_s if is_at_end else info.time_s(end)
    if info.is_vfr and is_at_end:
        out = format_timecode(round(end_s * 1000), fps=Fraction(1000))
        whole, _, milliseconds = out.rpartition(":")
        out = f"{whole}.{milliseconds.zfill(3)}"
    else:
        out = film_timecode(info, end)
    return Span(start, end, info.time_s(start), end_s, film_timecode(info, start), out)
