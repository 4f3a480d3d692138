"""Spans of films as an edit decision list (CMX 3600), with their marks as locators."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from ava.handoff.cut_list import CutList, CutSpan, Event, Layout
from ava.handoff.edl_lines import LINE_END, event_line, head_lines, require_edl, why_by_clock
from ava.handoff.plain_text import one_line

_REEL_LETTERS = 8
_LONGEST_NOTE = 200
_LONGEST_LOCATOR = 60


def edl_text(cuts: CutList) -> str:
    """One cut a span: the film's own timecode as source, record timecode without a gap.

    Reel names are the films' file names in at most eight capitals and digits, each film's its own; the file's whole
    name follows as ``FROM CLIP NAME`` and ``SOURCE FILE``, notes as comments. Marks and notes are ``* LOC:`` locators
    at the timecode of the record side, as Avid and Resolve read them, with the film's own label where that is another.
    Films with sound take their first two channels along. Films without labels of their own are counted by the clock
    (see `EditClock`), which a comment tells. Raises UnfitForEdl for what an EDL cannot hold (see `require_edl`).
    """
    layout = cuts.lay_out()
    require_edl(layout)
    reels = reel_names(cuts.spans)
    lines = head_lines(cuts.name, is_drop_frame=layout.is_drop_frame)
    for event in layout.events:
        lines += ["", *_event(event, layout=layout, reel=reels[id(event.cut.film)])]
    return LINE_END.join(lines) + LINE_END


def reel_names(spans: Sequence[CutSpan]) -> dict[int, str]:
    """Reel names of films by their identity: capitals and digits, at most eight, and no two films alike."""
    names: dict[int, str] = {}
    taken = {"AX", "BL"}  # which stand for "no reel" and black
    for cut in spans:
        if id(cut.film) in names:
            continue
        base = re.sub(r"[^A-Z0-9]", "", PurePosixPath(cut.film.name).stem.upper())[:_REEL_LETTERS] or "FILM"
        name, number = base, 1
        while name in taken:
            number += 1
            name = f"{base[: _REEL_LETTERS - len(str(number))]}{number}"
        names[id(cut.film)] = name
        taken.add(name)
    return names


def _event(event: Event, *, layout: Layout, reel: str) -> Iterable[str]:
    clock, film = event.clock, event.cut.film
    source = [clock.label(clock.first + number) for number in (event.source_in, event.source_out)]
    record = [layout.label(number) for number in (event.record_in, event.record_out)]
    yield event_line(event.number, reel=reel, tracks="AA/V" if film.has_sound else "V", times=[*source, *record])
    yield f"* FROM CLIP NAME: {one_line(film.name)}"
    yield f"* SOURCE FILE: {one_line(film.name)}"
    if event.cut.note:
        yield f"* COMMENT: {one_line(event.cut.note)[:_LONGEST_NOTE]}"
    if not clock.is_exact:
        yield f"* COMMENT: {why_by_clock(clock)}"
    yield from _locators(event, layout)


def _locators(event: Event, layout: Layout) -> Iterable[str]:
    clock = event.clock
    for placed in layout.marks(event):
        at, own = layout.label(placed.record_in), clock.label(clock.first + placed.source_in)
        told = one_line(placed.mark.note or placed.mark.name)[:_LONGEST_LOCATOR]
        yield f"* LOC: {at} {placed.mark.colour:7} {told}{'' if at == own else f' SOURCE {own}'}"
