"""Reading tables that people bring as CSV: every line of them, or sentences on everything that is wrong."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import NamedTuple, TypeVar

Row = TypeVar("Row")

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
MOST_PROBLEMS = 20
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class TableLine(NamedTuple):
    """What stands below each wanted column in the row that begins in line ``line`` of the file, from 1."""

    line: int
    values: dict[str, str]


class UnusableTable(ValueError):
    """Nothing of the file can be used; `problems` are sentences that say what is wrong where, 20 at most."""

    def __init__(self, problems: Sequence[str]) -> None:
        more = len(problems) - MOST_PROBLEMS
        shown = list(problems[:MOST_PROBLEMS])
        if more > 0:
            shown.append(f"And {more} more like these.")
        super().__init__(" ".join(shown))
        self.problems = tuple(shown)


def read_table(
    data: bytes, *, columns: Sequence[str], optional: Sequence[str] = (), most_bytes: int, most_rows: int
) -> tuple[list[TableLine], list[str]]:
    """Read the named columns, in any order, others being passed over; with sentences on rows of a wrong length.

    ``data`` is a CSV file in UTF-8 or UTF-16, separated by commas, semicolons or tabs. Values are stripped of spaces
    at their ends; of ``optional`` columns there are values where the file has them. Raises UnusableTable.
    """
    if len(data) > most_bytes:
        raise UnusableTable([f"The file is larger than {most_bytes // 2**20} MB; import it in parts."])
    text = _decode(data)
    if not text.strip():
        raise UnusableTable(["The file is empty."])
    lines = _split(text)
    names = next(lines, (1, []))[1]
    places = _find_columns(names, columns=columns, optional=optional)
    read: list[TableLine] = []
    problems: list[str] = []
    for line, cells in lines:
        if len(read) + len(problems) >= most_rows:
            raise UnusableTable([f"There are more than {most_rows:,} lines; import them in parts."])
        if len(cells) == len(names):
            read.append(TableLine(line, {name: cells[place] for name, place in places.items()}))
        else:
            problems.append(f"Line {line}: {len(names)} values are expected and {len(cells)} given.")
    return read, problems


def read_rows(
    table: tuple[list[TableLine], list[str]],
    *,
    what: str,
    read: Callable[[TableLine], Row],
    key: Callable[[Row], Hashable],
    name: Callable[[Row], str],
) -> list[Row]:
    """Make rows of what `read_table` gives, all of them or none: raises UnusableTable with all that is wrong.

    ``what`` the rows are called; ``read`` makes one, or raises ValueError with a sentence; those with one ``key`` stand
    in the file twice, and ``name`` says which.
    """
    lines, problems = table
    rows: list[Row] = []
    first: dict[Hashable, int] = {}
    repeated = []
    for each in lines:
        try:
            rows.append(read(each))
        except ValueError as error:
            problems.append(f"Line {each.line}: {error}")
            continue
        before = first.setdefault(key(rows[-1]), each.line)
        if before != each.line:
            repeated.append(f"Line {each.line}: {name(rows[-1])} is in line {before} already.")
    if problems or repeated:
        raise UnusableTable([*problems, *repeated])
    if not rows:
        raise UnusableTable([f"The file has column names and no {what} below them."])
    return rows


def _decode(data: bytes) -> str:
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    if encoding is None and b"\0" in data[:4]:
        encoding = "utf-16-be" if data[:1] == b"\0" else "utf-16-le"  # as some programs write it, without a mark
    try:
        text = data.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UnusableTable(
            [f"Line {line}: this is not written in UTF-8 or UTF-16; save the file as CSV in UTF-8."]
        ) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise UnusableTable([f"Line {line}: there is a NUL character; is this a CSV file?"])
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
        raise UnusableTable([f"Line {reader.line_num + skipped}: this is no CSV ({error})."]) from None


def _find_columns(names: Sequence[str], *, columns: Sequence[str], optional: Sequence[str]) -> dict[str, int]:
    known = [name.casefold() for name in names]
    missing = [name for name in columns if name not in known]
    if missing:
        found = ", ".join(name[:40] for name in names[:10] if name) or "nothing"
        raise UnusableTable(
            [
                f"The first line must name the columns {', '.join(columns)}; {' and '.join(missing)} "
                f"{'is' if len(missing) == 1 else 'are'} missing. It says: {found}."
            ]
        )
    wanted = [*columns, *(name for name in optional if name in known)]
    twice = [name for name in wanted if known.count(name) > 1]
    if twice:
        raise UnusableTable([f"The first line names the column {twice[0]} twice."])
    return {name: known.index(name) for name in wanted}
