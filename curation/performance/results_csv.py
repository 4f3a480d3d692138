"""Reading results of A/B tests from a CSV file: every row of it, or sentences on everything that is wrong with it."""

from __future__ import annotations

from typing import NamedTuple

from ava.csv_table import TableLine, UnusableTable, read_rows, read_table

COLUMNS = ("image", "region", "impressions", "plays")
MOST_BYTES = 10 * 2**20
MOST_ROWS = 50_000
MOST_IMPRESSIONS = 10**15
LONGEST_REGION = 40
LONGEST_IMAGE = 300

UnusableResults = UnusableTable


class ResultRow(NamedTuple):
    """One picture in one region, as line `line` of the file says it."""

    line: int
    image: str
    region: str
    impressions: int
    plays: int


def read_results(data: bytes) -> list[ResultRow]:
    """Read a table with the columns image, region, impressions and plays, in any order, others being passed over.

    `data` is a CSV file in UTF-8 or UTF-16, separated by commas, semicolons or tabs. Raises UnusableResults.
    """
    return read_rows(
        read_table(data, columns=COLUMNS, most_bytes=MOST_BYTES, most_rows=MOST_ROWS),
        what="results",
        read=_read_row,
        key=lambda row: (row.image.casefold(), row.region.casefold()),
        name=lambda row: f"“{row.image}” in {row.region}",
    )


def _read_row(told: TableLine) -> ResultRow:
    line, given = told
    image, region = given["image"], given["region"]
    if not image:
        raise ValueError("the image is missing.")
    if len(image) > LONGEST_IMAGE:
        raise ValueError(f"“{image[:40]}…” is too long for the name of an image.")
    if not region:
        raise ValueError("the region is missing.")
    if len(region) > LONGEST_REGION or not region.isprintable():
        raise ValueError(f"“{region[:40]}” is no region: {LONGEST_REGION} letters at most.")
    impressions, plays = (_read_count(given[name], name=name) for name in ("impressions", "plays"))
    if plays > impressions:
        raise ValueError(f"there are more plays ({plays:,}) than impressions ({impressions:,}).")
    return ResultRow(line, image, region, impressions, plays)


def _read_count(text: str, *, name: str) -> int:
    shown = f"“{text[:40]}”"
    if not text:
        raise ValueError(f"{name} are missing.")
    if text[0] in "-−" and text[1:].isdigit():
        raise ValueError(f"{name} are negative: {shown}.")
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{name} are no whole number: {shown}; write digits only.")
    count = int(text) if len(text) < 20 else MOST_IMPRESSIONS + 1
    if count > MOST_IMPRESSIONS:
        raise ValueError(f"{name} are too many to be true: {shown}.")
    return count
