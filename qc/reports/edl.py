"""Marks as an edit decision list (CMX 3600) that carries them as locators."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ava.handoff.edit_clock import EditClock
from ava.handoff.edl_lines import LINE_END, event_line, head_lines, one_line, require_one_counting, why_by_clock
from qc.reports.marker_colours import marker_colour
from qc.reports.marks import Mark, Report

_LONGEST_COMMENT = 60


def edl_text(report: Report) -> str:
    """One event a film, the whole of it, with a ``* LOC:`` locator at the first frame of every mark in it.

    A single film is recorded at its own timecode, so that locators stand at the film's labels; of several, each
    follows the one before, locators stand at the timecode of the record side, as Avid and Resolve read them, and each
    says the film's own label as well. Labels are exact to the frame, drop-frame ones with ";" under ``FCM: DROP
    FRAME``; films that have no such labels are counted by the clock (see `EditClock`), which a comment tells.
    Raises UnfitForEdl for more than 999 films and for films that are counted differently.
    """
    clocks = [EditClock(film) for film in report.films]
    require_one_counting(clocks, most="films", instead="choose one film")
    of_film: dict[int, list[Mark]] = {id(film): [] for film in report.films}
    for mark in report.marks:
        of_film[id(mark.film)].append(mark)
    lines = head_lines(report.title, is_drop_frame=bool(clocks) and clocks[0].is_drop_frame)
    record = clocks[0].first if clocks else 0
    for number, clock in enumerate(clocks, start=1):
        lines += ["", *_event(number, clock, record=record, marks=of_film[id(clock.film)])]
        record += clock.frame_count
    return LINE_END.join(lines) + LINE_END


def _event(number: int, clock: EditClock, *, record: int, marks: Sequence[Mark]) -> Iterable[str]:
    first, last = clock.first, clock.first + clock.frame_count
    times = [clock.label(each) for each in (first, last, record, record + clock.frame_count)]
    yield event_line(number, reel="AX", tracks="V", times=times)
    yield f"* FROM CLIP NAME: {one_line(clock.film.name)}"
    if not clock.is_exact:
        yield f"* COMMENT: {why_by_clock(clock)}"
    for mark in marks:
        at = clock.position(mark.first)
        source = "" if record == first else f" SOURCE {clock.label(first + at)}"
        yield f"* LOC: {clock.label(record + at)} {marker_colour(mark.kind):7} {_comment(mark, clock)}{source}"


def _comment(mark: Mark, clock: EditClock) -> str:
    """What an editor needs beside the frame, in the capitals and plain letters that every reader of EDLs takes."""
    parts = [mark.kind.upper(), f"X{mark.x:.0f} Y{mark.y:.0f}", f"{mark.amplitude:+.0f}", mark.state.upper()]
    frames = clock.end_position(mark.last) - clock.position(mark.first)
    if len(mark.spans) > 1:
        parts.append(f"{len(mark.spans)} SPANS")
    if frames > 1:
        parts.append(f"{frames} FR")
    return " ".join([*parts, f"NO {mark.number}"])[:_LONGEST_COMMENT]
