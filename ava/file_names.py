"""Names that people give their files: made fit for showing, and never used for storing."""

import re
import unicodedata
from pathlib import PurePosixPath

LONGEST_NAME = 255
NAMELESS = "film"

# Endings that a stored film may carry. Everything else is stored without one.
FILM_SUFFIXES = frozenset({
    ".mp4", ".m4v", ".mov", ".qt", ".mkv", ".webm", ".avi", ".mxf", ".ts", ".mts", ".m2ts", ".m2t", ".mpg", ".mpeg",
    ".vob", ".flv", ".wmv", ".asf", ".ogv", ".ogg", ".3gp", ".3g2", ".mj2", ".dv", ".gxf",
})  # fmt: skip


def clean_name(name: str) -> str:
    """A file name for people: no folders, no invisible or control characters, at most 255 characters, never empty."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    # Category C holds control characters (NUL, line ends), invisible marks and those that turn the writing round.
    visible = "".join(" " if char.isspace() else char for char in last)
    visible = "".join(char for char in visible if unicodedata.category(char)[0] != "C")
    tidy = " ".join(visible.split()).strip(". ") or NAMELESS
    if len(tidy) <= LONGEST_NAME:
        return tidy
    suffix = PurePosixPath(tidy).suffix[:10]
    return tidy[: LONGEST_NAME - len(suffix) - 1].rstrip() + "…" + suffix


def safe_suffix(name: str) -> str:
    """The name's ending when it is one that films have, else nothing."""
    suffix = PurePosixPath(name).suffix.lower()
    return suffix if suffix in FILM_SUFFIXES else ""


def printable(text: str) -> str:
    """Text without what of a file's name is none: bytes of another encoding, which no terminal takes."""
    return text.encode("utf-8", "replace").decode()
