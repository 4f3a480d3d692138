"""The sha-256 of files: read once per process and content, and kept beside files whose maker publishes none."""

import hashlib
import os
from functools import lru_cache
from pathlib import Path

_DIGITS = 64


def fingerprint(path: Path) -> str:
    """Return the sha-256 of a file as 64 hex digits.

    The file is read whole the first time that this process asks, and again when its time or size has changed.
    Raises OSError when it cannot be read.
    """
    status = path.stat()
    return _read_once(_Place(path, status))


def read_fingerprint(path: Path) -> str:
    """Return the sha-256 of a file as it lies on the disk now; raises OSError when it cannot be read."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class _Place:
    """A file, equal to another of the same content: a rename does not change what was read."""

    def __init__(self, path: Path, status: os.stat_result) -> None:
        self.path = path
        self._identity = (status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Place) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)


@lru_cache(maxsize=1024)
def _read_once(place: _Place) -> str:
    return read_fingerprint(place.path)


def record_path(path: Path) -> Path:
    """Where the fingerprint of a file is kept that was not known before it came."""
    return path.with_name(f"{path.name}.sha256")


def write_record(path: Path, *, sha256: str) -> None:
    """Keep the fingerprint of a file beside it, in the form that `sha256sum --check` reads."""
    record = record_path(path)
    fresh = record.with_name(f".{record.name}.new")
    fresh.write_text(f"{sha256}  {path.name}\n")
    fresh.replace(record)


def read_record(path: Path) -> str | None:
    """Return the fingerprint kept beside a file; None where there is none or it is not legible."""
    try:
        words = record_path(path).read_text().split()
    except (FileNotFoundError, UnicodeDecodeError):
        return None
    is_legible = bool(words) and len(words[0]) == _DIGITS and set(words[0]) <= set("0123456789abcdef")
    return words[0] if is_legible else None
