"""Films and spans of them, as every file tells them that other programs read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from ava.media.timecode import BadTimecode, film_timecode, format_timecode, parse_timecode
from ava.media.video_info import VideoInfo


@dataclass(frozen=True, slots=True)
class Film:
    """A film that is handed on, or of which something is.

    ``name``: its file's name. ``fps``: exact; where ``is_vfr`` the rate that most frames follow. ``width``,
    ``height``: upright with square pixels. ``start_timecode``: the label of its first frame; "" where it has none that
    exists at its rate, and then labels count from 00:00:00:00. ``has_sound``: whether it has a sound stream.
    """

    name: str
    fps: Fraction
    is_vfr: bool
    frame_count: int
    duration_s: float
    width: int
    height: int
    start_timecode: str = ""
    has_sound: bool = False

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


def describe_film_values(film: Film) -> dict[str, Any]:
    """A film's facts as plain JSON values."""
    return {
        "name": film.name,
        "fps": str(film.fps),
        "is_vfr": film.is_vfr,
        "drop_frame": film.is_drop_frame,
        "start_timecode": film.start_timecode or None,
        "frame_count": film.frame_count,
        "duration_s": round(film.duration_s, 6),
        "width": film.width,
        "height": film.height,
    }


def describe_film(info: VideoInfo, *, name: str) -> Film:
    """What hand-offs tell of a probed film; its start timecode only where its rate has such a label."""
    try:
        parse_timecode(info.start_timecode or "", fps=info.fps)
        start = info.start_timecode or ""
    except BadTimecode:
        start = ""
    name = name.encode(errors="replace").decode()  # of names that were no text, halves of letters are left
    return Film(
        name=name, fps=info.fps, is_vfr=info.is_vfr, frame_count=info.frame_count, duration_s=info.duration_s,
        width=info.width, height=info.height, start_timecode="" if info.is_vfr else start,
        has_sound=info.audio_streams > 0,
    )  # fmt: skip


def whole_span(film: Film) -> Span:
    """All of a film, as its own labels count."""
    if film.is_vfr:
        return Span(0, film.frame_count, 0.0, film.duration_s, _clock_time(0.0), _clock_time(film.duration_s))
    first, last = (
        format_timecode(number, fps=film.fps, start=film.start_timecode or None) for number in (0, film.frame_count)
    )
    return Span(0, film.frame_count, 0.0, film.duration_s, first, last)


def describe_spans(info: VideoInfo, *, spans: Sequence[Sequence[int]]) -> tuple[Span, ...]:
    """Half-open spans of frames with their times and labels, cut to the film, in order; empty ones are left out."""
    cut = sorted((max(int(start), 0), min(int(end), info.frame_count)) for start, end in spans)
    return tuple(_describe_span(info, start, end) for start, end in cut if start < end)


def _describe_span(info: VideoInfo, start: int, end: int) -> Span:
    is_at_end = end == info.frame_count
    end_s = info.time_s(0) + info.duration_s if is_at_end else info.time_s(end)
    out = _clock_time(end_s) if info.is_vfr and is_at_end else film_timecode(info, end)
    return Span(start, end, info.time_s(start), end_s, film_timecode(info, start), out)


def _clock_time(time_s: float) -> str:
    """HH:MM:SS.mmm"""
    whole, _, milliseconds = format_timecode(round(time_s * 1000), fps=Fraction(1000)).rpartition(":")
    return f"{whole}.{milliseconds.zfill(3)}"
