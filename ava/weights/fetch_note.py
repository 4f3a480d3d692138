"""What was last heard of the fetch of a file: a small note in the store that any process can read."""

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

Stage = Literal["queued", "fetching", "failed", "corrupt"]
_STAGES = ("queued", "fetching", "failed", "corrupt")


@dataclass(frozen=True, slots=True)
class FetchNote:
    """`total_bytes` is None while nobody knows it, `at_s` is when it was written, in seconds since 1970.

    `is_asked_for` says that a worker owes the fetch to somebody, `consent` that they agreed to the licence.
    """

    stage: Stage
    done_bytes: int = 0
    total_bytes: int | None = None
    reason: str = ""
    at_s: float = 0.0
    is_asked_for: bool = False
    consent: bool = False


def write_note(folder: Path, name: str, note: FetchNote) -> None:
    """Replace the note on an entry; its time is set to now. Raises OSError when the folder cannot be written."""
    folder.mkdir(parents=True, exist_ok=True)
    path = _path(folder, name)
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(json.dumps({**asdict(note), "at_s": time.time()}))
    fresh.replace(path)


def read_note(folder: Path, name: str) -> FetchNote | None:
    """Return the note on an entry; None where there is none or it is not legible."""
    try:
        content = json.loads(_path(folder, name).read_text())
        note = FetchNote(**content)
    except (OSError, ValueError, TypeError):
        return None
    return note if note.stage in _STAGES else None


def remove_note(folder: Path, name: str) -> None:
    """Forget the note on an entry, if there is one."""
    _path(folder, name).unlink(missing_ok=True)


def _path(folder: Path, name: str) -> Path:
    return folder / f".{name}.fetch.json"
