"""Reading results of A/B tests from a CSV file: every row of it, or sentences on everything that is wrong with it."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from typing import NamedTuple

COLUMNS = ("image", "region", "impressions", "plays")
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
MOST_BYTES = 10 * 2**20
MOST_ROWS = 50_000
MOST_PROBLEMS = 20
MOST_IMPRESSIONS = 10**15
LONGEST_REGION = 40
LONGEST_IMAGE = 300
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class ResultRow(NamedTuple):
    """One picture in one region, as line `line` of the file says it."""

    line: int
    image: str
    region: str
    impressions: int
    plays: int


class UnusableResults(ValueError):
    """Nothing of the file can be used; `problems` are sentences that say what is wrong where, 20 at most."""

    def __init__(self, problems: Sequence[str]) -> None:
        more = len(problems) - MOST_PROBLEMS
        shown = list(problems[:MOST_PROBLEMS])
        if more > 0:
            shown.append(f"And {more} more like these.")
        super().__init__(" ".join(shown))
        self.problems = tuple(shown)


def read_results(data: bytes) -> list[ResultRow]:
    """Read a table with the columns image, region, impressions and plays, in any order, others being passed over.

    `data` is a CSV file in UTF-8 or UTF-16, separated by commas, semicolons or tabs. Raises UnusableResults.
    """
    if len(data) > MOST_BYTES:
        raise UnusableResults([f"The file is larger than {MOST_BYTES // 2**20} MB; import it in parts."])
    text = _decode(data)
    if not text.strip():
        raise UnusableResults(["The file is empty."])
    lines = _split(text)
    names = next(lines, (1, []))[1]
    places = _find_columns(names)
    rows, problems = _read_rows(lines, names=names, places=places)
    problems += _repeated(rows)
    if problems:
        raise UnusableResults(problems)
    if not rows:
        raise UnusableResults(["The file has column names and no results below them."])
    return rows


def _decode(data: bytes) -> str:
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    if encoding is None and b"\0" in data[:4]:
        encoding = "utf-16-be" if data[:1] == b"\0" else "utf-16-le"  # as some programs write it, without a mark
    try:
        text = data.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UnusableResults(
            [f"Line {line}: this is not written in UTF-8 or UTF-16; save the file as CSV in UTF-8."]
        ) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise UnusableResults([f"Line {line}: there is a NUL character; is this a CSV file?"])
    return text


def _split(text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the number of the line they begin in, those without anything left out."""
    first_line, _, rest = text.partition("\n")
    skipped = 0
    delimiter = ""
    if first_line.strip().lower().startswith("sep=") and len(first_line.strip()) == 5:  # spreadsheets write this
        delimiter, text, skipped = first_line.strip()[4], rest, 1
    if delimiter not in DELIMITERS:
        head = next((line for line in text.splitlines() if line.strip()), "")
        delimiter = max(DELIMITERS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield begins + skipped, [cell.strip() for cell in row]
            begins = reader.line_num + 1
    except csv.Error as error:
        raise UnusableResults([f"Line {reader.line_num + skipped}: this is no CSV ({error})."]) from None


def _find_columns(names: Sequence[str]) -> dict[str, int]:
    known = [name.casefold() for name in names]
    missing = [name for name in COLUMNS if name not in known]
    if missing:
        found = ", ".join(name[:40] for name in names[:10] if name) or "nothing"
        raise UnusableResults(
            [
                f"The first line must name the columns {', '.join(COLUMNS)}; {' and '.join(missing)} "
                f"{'is' if len(missing) == 1 else 'are'} missing. It says: {found}."
            ]
        )
    twice = [name for name in COLUMNS if known.count(name) > 1]
    if twice:
        raise UnusableResults([f"The first line names the column {twice[0]} twice."])
    return {name: known.index(name) for name in COLUMNS}


def _read_rows(
    lines: Iterator[tuple[int, list[str]]], *, names: Sequence[str], places: dict[str, int]
) -> tuple[list[ResultRow], list[str]]:
    rows: list[ResultRow] = []
    problems: list[str] = []
    for line, cells in lines:
        if len(rows) + len(problems) >= MOST_ROWS:
            raise UnusableResults([f"There are more than {MOST_ROWS:,} lines; import them in parts."])
        if len(cells) != len(names):
            problems.append(f"Line {line}: {len(names)} values are expected and {len(cells)} given.")
            continue
        try:
            rows.append(_read_row(line, {name: cells[place] for name, place in places.items()}))
        except ValueError as error:
            problems.append(f"Line {line}: {error}")
    return rows, problems


def _read_row(line: int, given: dict[str, str]) -> ResultRow:
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


def _repeated(rows: Sequence[ResultRow]) -> list[str]:
    first: dict[tuple[str, str], int] = {}
    problems = []
    for row in rows:
        before = first.setdefault((row.image.casefold(), row.region.casefold()), row.line)
        if before != row.line:
            problems.append(f"Line {row.line}: “{row.image}” in {row.region} is in line {before} already.")
    return problems
