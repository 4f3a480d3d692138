"""HTTP byte ranges (RFC 9110, section 14): which part of a file a request asks for."""

import re
from typing import NamedTuple

_SINGLE = re.compile(r"bytes\s*=\s*(?:(\d+)\s*-\s*(\d*)|-\s*(\d+))\s*", re.ASCII | re.IGNORECASE)
_MOST_DIGITS = 18


class ByteRange(NamedTuple):
    """Bytes first … last − 1 of a file: half-open, unlike HTTP's own."""

    first: int
    end: int


class UnsatisfiableRange(Exception):
    """The range lies wholly beyond the file's end."""


def parse_range(header: str, *, size: int) -> ByteRange | None:
    """The one range that the header asks for, clamped to a file of `size` bytes.

    None means the whole file: for no header, several ranges, other units and syntax errors, all of which a
    server may ignore. Raises UnsatisfiableRange when not a single byte of it exists.
    """
    match = _SINGLE.fullmatch(header.strip())
    if match is None:
        return None
    first, last, suffix = (_number(text) for text in match.groups())
    if suffix is not None:
        if suffix == 0 or size == 0:
            raise UnsatisfiableRange
        return ByteRange(max(size - suffix, 0), size)
    assert first is not None
    if last is not None and last < first:
        return None
    if first >= size:
        raise UnsatisfiableRange
    return ByteRange(first, size if last is None else min(last + 1, size))


def _number(text: str | None) -> int | None:
    """The number, with absurdly long ones cut to one that no file's size reaches."""
    if not text:
        return None
    digits = text.lstrip("0") or "0"
    return int(digits) if len(digits) <= _MOST_DIGITS else 10**_MOST_DIGITS
