"""Names and notes as the files that hold them can: on one line, without what XML forbids, as part of an address."""

from __future__ import annotations

from unicodedata import category
from urllib.parse import quote

_NOT_IN_A_LINE = {"Cc", "Cs", "Zl", "Zp"}


def one_line(text: str) -> str:
    """Text without line breaks, control characters and halves of letters; runs of white space become one blank."""
    return " ".join("".join(" " if category(letter) in _NOT_IN_A_LINE else letter for letter in text).split())


def xml_text(text: str) -> str:
    """Text without the letters that no XML may hold, escaped or not (Extensible Markup Language 1.0, section 2.2)."""
    return "".join(letter for letter in text if _is_in_xml(ord(letter)))


def file_address(name: str) -> str:
    """A file's name as one part of a URL."""
    return quote(name, safe="", errors="replace")


def _is_in_xml(code: int) -> bool:
    return code in (0x9, 0xA, 0xD) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000
