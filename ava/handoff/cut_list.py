"""Spans of films one after the other, with marks in them, and where each begins and ends in what they make."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from ava.handoff.edit_clock import EditClock, frames_of_a_day
from ava.handoff.films import Film, Span
from ava.media.timecode import format_timecode, parse_timecode

FIRST_LABEL = "01:00:00:00"
"""Where programs let a film begin, so that there is room before it."""
NOTE_COLOUR = "YELLOW"
_HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class ClipMark:
    """Something at frames of a film.

    ``note`` says more than ``name``. ``colour``: RED, CYAN, YELLOW, GREEN, BLUE … in the capitals of OTIO. ``facts``:
    what else is known, as plain JSON values, for files that have room for it.
    """

    span: Span
    name: str
    note: str = ""
    colour: str = NOTE_COLOUR
    facts: Mapping[str, Any] = field(default_factory=dict)


class CutSpan(NamedTuple):
    """A span of a film: ``source`` is its title's name, ``note`` what people wrote about it, ``marks`` lie in it."""

    source: str
    film: Film
    span: Span
    note: str = ""
    marks: tuple[ClipMark, ...] = ()


@dataclass(frozen=True, slots=True)
class CutList:
    """Spans in their order, under a name. ``made_at`` in ISO 8601. ``remarks``: sentences on what is left out.

    ``begins_as_film``: it is counted from the first span's own timecode on instead of from 01:00:00:00, so that marks
    in a whole film stand at the film's own labels. ``facts``: as of `ClipMark`.
    """

    name: str
    made_at: str
    spans: tuple[CutSpan, ...]
    remarks: tuple[str, ...] = ()
    begins_as_film: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)

    def lay_out(self) -> Layout:
        """Its spans one after the other."""
        return lay_out(self.spans, begins_as_film=self.begins_as_film)


class Event(NamedTuple):
    """A span at its place.

    ``source_in``, ``source_out``: numbers from the film's first frame at ``clock.rate``; ``record_in``, ``record_out``:
    numbers from the first frame of what is made, at the layout's rate. All half-open.
    """

    number: int
    cut: CutSpan
    clock: EditClock
    source_in: int
    source_out: int
    record_in: int
    record_out: int


class PlacedMark(NamedTuple):
    """A mark at its place, in the numbers of its `Event`."""

    mark: ClipMark
    source_in: int
    source_out: int
    record_in: int
    record_out: int


@dataclass(frozen=True, slots=True)
class Layout:
    """What the spans make: counted at ``rate`` from the number ``first``, without a gap."""

    rate: Fraction
    is_drop_frame: bool
    first: int
    events: tuple[Event, ...]

    @property
    def frame_count(self) -> int:
        """How many frames it has; 0 without a span."""
        return self.events[-1].record_out if self.events else 0

    def label(self, number: int) -> str:
        """The timecode of a frame counted from the first of what is made."""
        return format_timecode(self.first + number, fps=self.rate, drop_frame=self.is_drop_frame)

    @property
    def is_mixed(self) -> bool:
        """Whether films of different rates are in it, so that some are not played frame for frame."""
        return any(event.clock.rate != self.rate or not event.clock.is_exact for event in self.events)

    def marks(self, event: Event) -> Iterator[PlacedMark]:
        """The marks in one of its spans, its note first, at its first frame; what lies outside of it is left out."""
        cut = event.cut
        if cut.note:
            yield self._place(event, ClipMark(cut.span, cut.note), event.source_in, event.source_in + 1)
        for mark in cut.marks:
            start, end = event.clock.position(mark.span), event.clock.end_position(mark.span)
            if start < event.source_out and end > event.source_in:
                yield self._place(event, mark, max(start, event.source_in), min(end, event.source_out))

    def _place(self, event: Event, mark: ClipMark, start: int, end: int) -> PlacedMark:
        """A mark of the frames ``start`` … ``end`` − 1 of its film, at the frame of the record next to their time."""
        first, last = (
            event.record_in + math.floor((number - event.source_in) / event.clock.rate * self.rate + _HALF)
            for number in (start, end)
        )
        first = min(first, event.record_out - 1)
        return PlacedMark(mark, start, end, first, min(max(last, first + 1), event.record_out))


def lay_out(spans: Sequence[CutSpan], *, begins_as_film: bool = False) -> Layout:
    """Put spans one after the other at the rate of the first one's film (25 without one).

    They are counted from 01:00:00:00 on, or from 00:00:00:00 where they would otherwise pass midnight, or from the
    first span's own timecode. Spans of that rate keep their number of frames; of others every boundary lies at the
    whole frame next to its time, summed exactly, so that rounding never adds up. Every span has a frame at least.
    """
    clocks = {id(cut.film): EditClock(cut.film) for cut in spans}
    leader = clocks[id(spans[0].film)] if spans else None
    rate, is_drop = (leader.rate, leader.is_drop_frame) if leader else (Fraction(25), False)
    events: list[Event] = []
    end_s, record = Fraction(0), 0
    for number, cut in enumerate(spans, start=1):
        clock = clocks[id(cut.film)]
        source_in, source_out = clock.position(cut.span), clock.end_position(cut.span)
        end_s += (source_out - source_in) / clock.rate
        record_out = max(math.floor(end_s * rate + _HALF), record + 1)
        events.append(Event(number, cut, clock, source_in, source_out, record, record_out))
        record = record_out
    if leader is not None and begins_as_film:
        first = leader.first + events[0].source_in
    else:
        label = FIRST_LABEL[:-3] + ";00" if is_drop else FIRST_LABEL
        first = parse_timecode(label, fps=rate)
        first = first if first + record <= frames_of_a_day(rate, is_drop_frame=is_drop) else 0
    return Layout(rate, is_drop, first, tuple(events))


def mixed_remark(layout: Layout) -> str:
    """One sentence on what becomes of films of other rates; "" where all are of one."""
    if not layout.is_mixed:
        return ""
    others = sorted({event.clock.rate for event in layout.events} - {layout.rate})
    told = ", ".join(name_rate(rate) for rate in others) or "a variable rate"
    return (
        f"Films of {told} frames a second play at their own speed in a sequence of {name_rate(layout.rate)}, "
        "cut at the frame next to their time."
    )


def name_rate(rate: Fraction) -> str:
    """A rate as people write it: 25, 23.976, 29.97."""
    return f"{float(rate):.3f}".rstrip("0").rstrip(".")
