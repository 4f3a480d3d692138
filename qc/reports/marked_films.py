"""Pixel marks as whole films with marks in them, which editing programs open."""

from __future__ import annotations

from collections.abc import Mapping

from ava.handoff.cut_list import ClipMark, CutList, CutSpan
from ava.handoff.edit_clock import EditClock
from ava.handoff.films import whole_span
from qc.reports.json_marks import describe_mark_values
from qc.reports.marks import Mark, Report

_COLOURS: Mapping[str, str] = {"hot": "RED", "stuck": "CYAN"}
_OTHER_COLOUR = "YELLOW"


def marked_films(report: Report) -> CutList:
    """One clip a film, the whole of it at its own timecode, with every mark from its first frame to its last.

    Each is coloured by its kind; all that is known of it stands in its facts, as in the JSON report, the spans to the
    frame included.
    """
    of_film: dict[int, list[ClipMark]] = {id(film): [] for film in report.films}
    clocks = {id(film): EditClock(film) for film in report.films}
    for mark in report.marks:
        of_film[id(mark.film)].append(_clip_mark(mark, clocks[id(mark.film)]))
    spans = tuple(
        CutSpan(report.title, film, whole_span(film), marks=tuple(of_film[id(film)])) for film in report.films
    )
    return CutList(report.title, report.made_at, spans, begins_as_film=True, facts={"states": list(report.states)})


def _clip_mark(mark: Mark, clock: EditClock) -> ClipMark:
    span = mark.first._replace(
        end_frame=mark.last.end_frame, end_s=mark.last.end_s, timecode_out=mark.last.timecode_out
    )
    return ClipMark(
        span=span,
        name=f"{mark.kind.capitalize()} at {mark.x:.0f}, {mark.y:.0f}",
        note=_note(mark, frames=clock.end_position(span) - clock.position(span)),
        colour=_COLOURS.get(mark.kind, _OTHER_COLOUR),
        facts=describe_mark_values(mark),
    )


def _note(mark: Mark, *, frames: int) -> str:
    """What an editor needs beside the frame, in the capitals and plain letters that every reader of EDLs takes."""
    parts = [mark.kind.upper(), f"X{mark.x:.0f} Y{mark.y:.0f}", f"{mark.amplitude:+.0f}", mark.state.upper()]
    if len(mark.spans) > 1:
        parts.append(f"{len(mark.spans)} SPANS")
    if frames > 1:
        parts.append(f"{frames} FR")
    return " ".join([*parts, f"NO {mark.number}"])
