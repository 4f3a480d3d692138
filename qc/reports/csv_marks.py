"""Marks as CSV for spreadsheets."""

from __future__ import annotations

import csv
import io

from ava.spreadsheets import spreadsheet_cell
from qc.reports.marks import Mark, Report

COLUMNS = (
    "number", "title", "film", "kind", "state", "timecode_in", "timecode_out", "start_frame", "end_frame", "spans",
    "time_s", "fps", "drop_frame", "start_timecode", "x_px", "y_px", "width_px", "height_px", "area_px", "amplitude",
    "confidence", "shot", "at_place", "model", "said_by", "said_at",
)  # fmt: skip
_BYTE_ORDER_MARK = "\ufeff"  # without it spreadsheets take UTF-8 for the alphabet of their country


def csv_text(report: Report) -> str:
    """One row a mark under a row of names; RFC 4180, with a byte order mark for spreadsheets.

    Frames are 0-based and half-open; ``spans`` are "start-end" by blanks. Text that a spreadsheet would take for a
    formula gets an apostrophe before it (OWASP, CSV injection).
    """
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for mark in report.marks:
        values = _row(mark, title=report.title)
        writer.writerow([spreadsheet_cell(values[name]) for name in COLUMNS])
    return _BYTE_ORDER_MARK + file.getvalue()


def _row(mark: Mark, *, title: str) -> dict[str, object]:
    film = mark.film
    return {
        "number": mark.number,
        "title": title,
        "film": film.name,
        "kind": mark.kind,
        "state": mark.state,
        "timecode_in": mark.first.timecode_in,
        "timecode_out": mark.last.timecode_out,
        "start_frame": mark.first.start_frame,
        "end_frame": mark.last.end_frame,
        "spans": " ".join(f"{span.start_frame}-{span.end_frame}" for span in mark.spans),
        "time_s": round(mark.first.start_s, 6),
        "fps": str(film.fps),
        "drop_frame": int(film.is_drop_frame),
        "start_timecode": film.start_timecode,
        "x_px": round(mark.x, 2),
        "y_px": round(mark.y, 2),
        "width_px": film.width,
        "height_px": film.height,
        "area_px": round(mark.area_px, 1),
        "amplitude": round(mark.amplitude, 1),
        "confidence": round(mark.confidence, 4),
        "shot": mark.shot,
        "at_place": mark.at_place,
        "model": mark.model,
        "said_by": [f"{word.who}: {word.verdict}" for word in mark.words],
        "said_at": [word.said_at for word in mark.words],
    }
