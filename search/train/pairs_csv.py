"""Pairs of spans and texts that people bring as CSV, or take elsewhere."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from ava.csv_table import TableLine, read_rows, read_table
from ava.media.timecode import BadTimecode, parse_timecode
from ava.spreadsheets import spreadsheet_cell

COLUMNS = ("video", "start", "end", "text")
OPTIONAL = ("description",)
MOST_BYTES = 10 * 2**20
MOST_ROWS = 50_000
LONGEST_VIDEO = 300
LONGEST_TEXT = 1000
LONGEST_DESCRIPTION = 20_000
LONGEST_PLACE = 20


class PairRow(NamedTuple):
    """One pair as line ``line`` tells it; ``start`` and ``end`` are frame numbers or timecodes, the end not included.

    ``description``: what was measured of the shot, in words, as an export of this program tells it; else empty.
    """

    line: int
    video: str
    start: str
    end: str
    text: str
    description: str = ""


class FilmClock(NamedTuple):
    """How a film counts its frames: exact rate, how many there are, the label of the first where it has one."""

    fps: Fraction
    frame_count: int
    start_timecode: str | None = None


def read_pairs(data: bytes) -> list[PairRow]:
    """Read a table with the columns video, start, end and text, and description where there is one.

    Whole, or not at all: raises UnusableTable with sentences that name lines.
    """
    return read_rows(
        read_table(data, columns=COLUMNS, optional=OPTIONAL, most_bytes=MOST_BYTES, most_rows=MOST_ROWS),
        what="pairs",
        read=_read_row,
        key=lambda row: (row.video, row.start, row.end, row.text.casefold()),
        name=lambda _: "this pair",
    )


def write_pairs(rows: Iterable[PairRow]) -> str:
    """The same table, with what a spreadsheet would take for a formula marked as text."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow([*COLUMNS, *OPTIONAL])
    for row in rows:
        writer.writerow([spreadsheet_cell(cell) for cell in row[1:]])
    return written.getvalue()


def span_of(row: PairRow, *, clock: FilmClock) -> tuple[int, int]:
    """A row's span in its film, half-open frames. Raises ValueError with a sentence where the film has no such one."""
    start, end = (_read_place(text, clock=clock) for text in (row.start, row.end))
    if not 0 <= start < end <= clock.frame_count:
        raise ValueError(
            f"{row.start} to {row.end} is no span of this film, which has frames 0 to {clock.frame_count - 1}; the end "
            "lies after the start and is not included."
        )
    return start, end


def _read_place(text: str, *, clock: FilmClock) -> int:
    if text.isascii() and text.isdigit():
        return int(text)
    try:
        return parse_timecode(text, fps=clock.fps) - _first_frame(clock)
    except BadTimecode as error:
        raise ValueError(f"“{text}” is neither a frame number nor a timecode of this film: {error}") from None


def _first_frame(clock: FilmClock) -> int:
    if not clock.start_timecode:
        return 0
    try:
        return parse_timecode(clock.start_timecode, fps=clock.fps)
    except BadTimecode:
        return 0


def _read_row(told: TableLine) -> PairRow:
    given = {name: _unmarked(value) for name, value in told.values.items()}
    for name, most in (("video", LONGEST_VIDEO), ("start", LONGEST_PLACE), ("end", LONGEST_PLACE)):
        if not given[name]:
            raise ValueError(f"the {name} is missing.")
        if len(given[name]) > most or not given[name].isprintable():
            raise ValueError(f"“{given[name][:40]}” is no {name}.")
    text = " ".join(given["text"].split())
    if not any(letter.isalnum() for letter in text):
        raise ValueError("the text is missing; write what the shot shows.")
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"the text is longer than {LONGEST_TEXT:,} letters.")
    description = given.get("description", "")
    if len(description) > LONGEST_DESCRIPTION:
        raise ValueError(f"the description is longer than {LONGEST_DESCRIPTION:,} letters.")
    return PairRow(told.line, given["video"], given["start"], given["end"], text, description)


def _unmarked(value: str) -> str:
    """A cell as it was before it was marked as text for spreadsheets."""
    return value[1:] if value.startswith("'") and spreadsheet_cell(value[1:]) == value else value
