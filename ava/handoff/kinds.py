"""The kinds of file by which spans of films, and marks in them, are handed on."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ava.handoff.cut_list import CutList
from ava.handoff.cut_tables import csv_text, json_text
from ava.handoff.edl import edl_text
from ava.handoff.fcpxml import fcpxml_text
from ava.handoff.otio_timeline import otio_text
from ava.handoff.premiere_xml import premiere_xml_text
from ava.handoff.resolve_markers import resolve_markers_text


class HandoffKind(NamedTuple):
    """One kind of file: what it is called, what opens it and what does not survive, and how it is written.

    ``write`` gives text of any letters; it raises UnfitForEdl for what an edit decision list cannot hold.
    """

    label: str
    suffix: str
    content_type: str
    about: str
    write: Callable[[CutList], str]


TIMELINE_KINDS = {
    "otio": HandoffKind(
        "OTIO", ".otio", "application/json",
        "For Resolve and all that reads OpenTimelineIO: every film at its own rate, marks with colours. "
        "Films are found by their file names.",
        otio_text,
    ),
    "edl": HandoffKind(
        "EDL", ".edl", "text/plain; charset=utf-8",
        "CMX 3600 for Avid, Premiere and Resolve: films of one rate, at most 999 clips. Reels have eight letters, "
        "whole names stand in comments; marks are locators.",
        edl_text,
    ),
    "fcpxml": HandoffKind(
        "FCPXML", ".fcpxml", "application/xml",
        "For Final Cut Pro and Resolve: films of any rate, marks with their notes, without their colours.",
        fcpxml_text,
    ),
    "xml": HandoffKind(
        "Premiere XML", ".xml", "application/xml",
        "For Premiere Pro (File, Import), and all that reads Final Cut Pro 7 XML: two channels of sound; marks on the "
        "clips, without their colours. It asks where the films are.",
        premiere_xml_text,
    ),
    "markers": HandoffKind(
        "Resolve markers", " markers.edl", "text/plain; charset=utf-8",
        "For a timeline in Resolve that holds the same (Timelines, Import, Timeline Markers from EDL): markers with "
        "colours and notes, no clips.",
        resolve_markers_text,
    ),
}  # fmt: skip
"""What editing programs open."""

TABLE_KINDS = {
    "csv": HandoffKind(
        "CSV", ".csv", "text/csv; charset=utf-8", "For spreadsheets: a row for each clip; marks stay out.", csv_text
    ),
    "json": HandoffKind("JSON", ".json", "application/json", "For programs: every clip to the frame.", json_text),
}

HANDOFF_KINDS = {**TIMELINE_KINDS, **TABLE_KINDS}
