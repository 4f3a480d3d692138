"""Marks as JSON for programs."""

from __future__ import annotations

import json
from typing import Any

from ava.handoff.films import describe_film_values
from qc.reports.marks import Mark, Report

SCHEMA = 1


def json_text(report: Report) -> str:
    """The whole report as one object.

    ``{"schema": 1, "title", "made_at", "states": [state], "counts": {kind: {state: number}}, "facts": {name: sentence},
    "films": [{"name", "fps": "24000/1001", "is_vfr", "drop_frame", "start_timecode" or null, "frame_count",
    "duration_s", "width", "height"}], "marks": [{"number", "film": index into films, "kind", "state", "spans":
    [{"start_frame", "end_frame", "start_s", "end_s", "timecode_in", "timecode_out"}], "x", "y", "area_px",
    "amplitude", "confidence", "shot" or null, "at_place", "model" or null, "words": [{"who", "verdict",
    "said_at"}]}]}``. Frames are 0-based in presentation order, spans half-open; x and y in pixels of the upright
    picture, 0.0 the middle of the first one, y down.
    """
    places = {id(film): place for place, film in enumerate(report.films)}
    told = {
        "schema": SCHEMA,
        "title": report.title,
        "made_at": report.made_at,
        "states": list(report.states),
        "counts": {kind: dict(states) for kind, states in report.summary.counts.items()},
        "facts": dict(report.summary.facts),
        "films": [describe_film_values(film) for film in report.films],
        "marks": [{"film": places[id(mark.film)], **describe_mark_values(mark)} for mark in report.marks],
    }
    return json.dumps(told, ensure_ascii=False, indent=1)


def describe_mark_values(mark: Mark) -> dict[str, Any]:
    """All that is known of a mark, but for its film, as plain JSON values."""
    return {
        "number": mark.number,
        "kind": mark.kind,
        "state": mark.state,
        "spans": [span._asdict() for span in mark.spans],
        "x": round(mark.x, 3),
        "y": round(mark.y, 3),
        "area_px": round(mark.area_px, 1),
        "amplitude": round(mark.amplitude, 2),
        "confidence": round(mark.confidence, 4),
        "shot": mark.shot,
        "at_place": mark.at_place,
        "model": mark.model or None,
        "words": [word._asdict() for word in mark.words],
    }
