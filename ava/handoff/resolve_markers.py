"""Marks of a list as the markers that DaVinci Resolve takes onto a timeline."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ava.handoff.cut_list import ClipMark, CutList, Event, Layout, PlacedMark
from ava.handoff.edl_lines import LINE_END, event_line, head_lines, require_a_day, require_few
from ava.handoff.plain_text import one_line

_COLOURS: Mapping[str, str] = {
    "RED": "Red", "PINK": "Pink", "YELLOW": "Yellow", "GREEN": "Green", "CYAN": "Cyan", "BLUE": "Blue",
    "PURPLE": "Purple", "MAGENTA": "Fuchsia", "ORANGE": "Sand", "WHITE": "Cream", "BLACK": "Cocoa",
}  # fmt: skip
"""Names of colours in OTIO → those nearest in Resolve."""
_REEL = "001"


def resolve_markers_text(cuts: CutList) -> str:
    """An edit decision list of markers alone, as Resolve's "Timeline Markers from EDL" reads it.

    The form is the one in which Resolve writes its own (Timelines > Export > Timeline Markers to EDL): an event of one
    frame at the marker's place in the timeline, and below it a line with the note, ``|C:`` its colour, ``|M:`` its name
    and ``|D:`` its length in frames. Spans that carry no marks get one marker each, with their title and note. Raises
    UnfitForEdl for more than 999 markers or 24 hours.
    """
    layout = cuts.lay_out()
    placed = [mark for event in layout.events for mark in _marks(layout, event)]
    require_few(len(placed), what="markers")
    require_a_day(layout)
    lines = head_lines(cuts.name, is_drop_frame=layout.is_drop_frame)
    for number, mark in enumerate(placed, start=1):
        at = [layout.label(mark.record_in), layout.label(mark.record_in + 1)]
        lines += ["", event_line(number, reel=_REEL, tracks="V", times=[*at, *at]), _line(mark)]
    return LINE_END.join(lines) + LINE_END


def _marks(layout: Layout, event: Event) -> Iterator[PlacedMark]:
    cut = event.cut
    if cut.marks:
        yield from layout.marks(event)
        return
    mark = ClipMark(cut.span, name=f"{event.number} {cut.source or cut.film.name}", note=cut.note)
    yield PlacedMark(mark, event.source_in, event.source_in + 1, event.record_in, event.record_in + 1)


def _line(placed: PlacedMark) -> str:
    mark = placed.mark
    name, note = (one_line(text.replace("|", "/")) for text in (mark.name, mark.note))
    if re.match(r"[\d*]", note):  # which Resolve would take for an event or a comment
        note = f"- {note}"
    colour = _COLOURS.get(mark.colour, "Blue")
    return f"{note} |C:ResolveColor{colour} |M:{name} |D:{placed.record_out - placed.record_in}"
