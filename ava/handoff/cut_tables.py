"""Spans of films as CSV for spreadsheets and as JSON for programs."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from ava.handoff.cut_list import CutList, Event, Layout
from ava.handoff.films import describe_film_values
from ava.spreadsheets import spreadsheet_cell

SCHEMA = 1
COLUMNS = (
    "number", "title", "file", "fps", "in_timecode", "out_timecode", "start_frame", "end_frame", "frames",
    "record_in", "record_out", "note", "start_s", "end_s",
)  # fmt: skip


def csv_text(cuts: CutList) -> str:
    """A row a span, with a byte order mark so that spreadsheets read UTF-8.

    Frames are 0-based and half-open; out timecodes are those of the frame after the last, as edit lists count.
    """
    file = io.StringIO()
    rows = csv.writer(file)
    rows.writerow(COLUMNS)
    layout = cuts.lay_out()
    for event in layout.events:
        told = describe_event(event, layout)
        told |= {"fps": str(event.cut.film.fps), **_seconds(event)}
        rows.writerow([spreadsheet_cell(told[name]) for name in COLUMNS])
    return "\ufeff" + file.getvalue()


def json_text(cuts: CutList) -> str:
    """All spans as one object.

    ``{"schema": 1, "name", "made_at", "remarks": [sentence], "fps": "25", "frames", "start_timecode", "films": [see
    describe_film_values], "clips": [{"film": index into films, "number", "title", "file", "in_timecode",
    "out_timecode", "start_frame", "end_frame", "frames", "start_s", "end_s", "record_in", "record_out",
    "record_in_frame", "record_out_frame", "note"}]}``. Frames are 0-based, spans half-open.
    """
    layout = cuts.lay_out()
    places: dict[int, int] = {}
    for event in layout.events:
        places.setdefault(id(event.cut.film), len(places))
    films = {places[id(event.cut.film)]: describe_film_values(event.cut.film) for event in layout.events}
    told = {
        "schema": SCHEMA,
        "name": cuts.name,
        "made_at": cuts.made_at,
        "remarks": list(cuts.remarks),
        "fps": str(layout.rate),
        "frames": layout.frame_count,
        "start_timecode": layout.label(0),
        "films": [films[place] for place in sorted(films)],
        "clips": [
            {"film": places[id(event.cut.film)], **describe_event(event, layout), **_seconds(event),
             "record_in_frame": event.record_in, "record_out_frame": event.record_out}
            for event in layout.events
        ],
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False, indent=1)


def describe_event(event: Event, layout: Layout) -> dict[str, Any]:
    """What tables tell of a span at its place."""
    span = event.cut.span
    return {
        "number": event.number,
        "title": event.cut.source,
        "file": event.cut.film.name,
        "in_timecode": span.timecode_in,
        "out_timecode": span.timecode_out,
        "start_frame": span.start_frame,
        "end_frame": span.end_frame,
        "frames": span.end_frame - span.start_frame,
        "record_in": layout.label(event.record_in),
        "record_out": layout.label(event.record_out),
        "note": event.cut.note,
    }


def _seconds(event: Event) -> dict[str, float]:
    """When players show its first frame and the one after its last: what tells frames of films of variable rate."""
    return {"start_s": round(event.cut.span.start_s, 6), "end_s": round(event.cut.span.end_s, 6)}
