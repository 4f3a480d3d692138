"""Marks as an edit decision list (CMX 3600) that carries them as locators."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qc.reports.edit_clock import EditClock
from qc.reports.marker_colours import marker_colour
from qc.reports.marks import Film, Mark, Report

MOST_EVENTS = 999
LINE_END = "\r\n"
_LONGEST_COMMENT = 60


class UnfitForEdl(ValueError):
    """Films that one edit decision list cannot hold; the text is one sentence that says what to do."""


def edl_text(report: Report) -> str:
    """One event a film, the whole of it, with a ``* LOC:`` locator at the first frame of every mark in it.

    A single film is recorded at its own timecode, so that locators stand at the film's labels; of several, each
    follows the one before, locators stand at the timecode of the record side, as Avid and Resolve read them, and each
    says the film's own label as well. Labels are exact to the frame, drop-frame ones with ";" under ``FCM: DROP
    FRAME``; films that have no such labels are counted by the clock (see `EditClock`), which a comment tells.
    Raises UnfitForEdl for more than 999 films and for films that are counted differently.
    """
    clocks = [EditClock(film) for film in report.films]
    _require_one_counting(clocks)
    of_film: dict[int, list[Mark]] = {id(film): [] for film in report.films}
    for mark in report.marks:
        of_film[id(mark.film)].append(mark)
    mode = "DROP FRAME" if clocks and clocks[0].is_drop_frame else "NON-DROP FRAME"
    lines = [f"TITLE: {_one_line(report.title)}", f"FCM: {mode}"]
    record = clocks[0].first if clocks else 0
    for number, clock in enumerate(clocks, start=1):
        lines += ["", *_event(number, clock, record=record, marks=of_film[id(clock.film)])]
        record += clock.frame_count
    return LINE_END.join(lines) + LINE_END


def _event(number: int, clock: EditClock, *, record: int, marks: Sequence[Mark]) -> Iterable[str]:
    first, last = clock.first, clock.first + clock.frame_count
    times = " ".join(clock.label(each) for each in (first, last, record, record + clock.frame_count))
    yield f"{number:03}  AX       V     C        {times}"
    yield f"* FROM CLIP NAME: {_one_line(clock.film.name)}"
    if not clock.is_exact:
        yield f"* COMMENT: {_why_by_clock(clock)}"
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


def _require_one_counting(clocks: Sequence[EditClock]) -> None:
    if len(clocks) > MOST_EVENTS:
        raise UnfitForEdl(f"An EDL holds at most {MOST_EVENTS} films, and these are {len(clocks)}; choose one film.")
    countings = {(clock.rate, clock.is_drop_frame) for clock in clocks}
    if len(countings) > 1:
        told = ", ".join(_counting(rate, is_drop) for rate, is_drop in sorted(countings))
        raise UnfitForEdl(f"An EDL counts at one rate, and these films count at {told}; choose one film.")


def _counting(rate: object, is_drop_frame: bool) -> str:
    return f"{rate} drop-frame" if is_drop_frame else str(rate)


def _why_by_clock(clock: EditClock) -> str:
    film: Film = clock.film
    what = "VARIABLE FRAME RATE" if film.is_vfr else f"{float(film.fps):g} FRAMES A SECOND"
    return f"{what}, COUNTED BY THE CLOCK AT {clock.rate}"


def _one_line(text: str) -> str:
    """Names may hold anything; a line of an EDL ends at its first line break."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
