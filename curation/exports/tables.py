"""What is known of exported stills as CSV for spreadsheets and as JSON for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from ava.spreadsheets import spreadsheet_cell
from curation.exports.record import StillRecord

COLUMNS = (
    "place", "title", "video", "timecode", "frame_index", "time_s", "fps", "width", "height", "bits", "rank", "score",
    "shot", "verdict", "stars", "alt", "notes", "lists", "files", "artwork",
)  # fmt: skip


def csv_text(records: Sequence[StillRecord]) -> str:
    """One row a still or artwork under a row of names; RFC 4180. What a picture cannot have stays empty.

    Text that a spreadsheet would take for a formula is kept text.
    """
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for record in records:
        values = record.as_json()
        writer.writerow([spreadsheet_cell(values.get(name)) for name in COLUMNS])
    return file.getvalue()


def json_text(records: Sequence[StillRecord], *, about: Mapping[str, Any]) -> str:
    """An object with what the export is about, its `stills` and its `artworks`."""
    told = {
        "stills": [record.as_json() for record in records if not record.artwork],
        "artworks": [record.as_json() for record in records if record.artwork],
    }
    return json.dumps({"schema": 1, **about, **told}, ensure_ascii=False, indent=1)
