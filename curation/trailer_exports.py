"""A trailer map as a table for spreadsheets and as an object for programs."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from ava.spreadsheets import spreadsheet_cell
from curation.models import TrailerMatching
from curation.trailer_pages import MapRow, describe_row

COLUMNS = (
    "trailer_shot", "trailer_start_frame", "trailer_end_frame", "trailer_timecode", "in_film", "film_shot",
    "film_start_frame", "film_end_frame", "film_timecode", "first_frame", "speed", "mirrored", "window", "confidence",
    "reason", "nearest_frame", "verdict", "said_by",
)  # fmt: skip


def csv_text(rows: Sequence[MapRow]) -> str:
    """One row a part of the trailer under a row of names; RFC 4180. Text that would be a formula is kept text."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for row in rows:
        told = describe_row(row)
        told["window"] = " ".join(str(side) for side in told["window"] or ())
        writer.writerow([spreadsheet_cell(told[name]) for name in COLUMNS])
    return file.getvalue()


def describe_map(matching: TrailerMatching, rows: Sequence[MapRow]) -> dict[str, Any]:
    """A pair's map as programs read it; spans are half-open frames."""
    return {
        "film": matching.film_id,
        "trailer": matching.trailer_id,
        "made_at": matching.made_at,
        "belongs": matching.belongs,
        "share_unit": round(matching.share_unit, 4),
        "error": matching.error,
        "parts": [describe_row(row) for row in rows],
    }
