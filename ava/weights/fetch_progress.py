"""Bytes of a download on their way to whoever asked, and into the notes that every process can read."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from ava.weights.errors import StoreNotWritable
from ava.weights.fetch_note import FetchNote, Stage, write_note
from ava.weights.store_folder import disk_errors_said_clearly

_NOTE_EVERY_S = 0.5


class FetchProgress(NamedTuple):
    """Bytes so far of one download; `names` are all the entries that it serves, the total None while unknown."""

    names: tuple[str, ...]
    done_bytes: int
    total_bytes: int | None


OnProgress = Callable[[FetchProgress], None]


class NotedProgress:
    """Called with bytes so far and in all; passes every call on and writes a note twice a second at most."""

    def __init__(self, folder: Path, names: Sequence[str], *, pass_on: OnProgress) -> None:
        self._folder, self._names, self._pass_on = folder, tuple(names), pass_on
        self._last = FetchProgress(self._names, 0, None)
        self._noted_at_s = -_NOTE_EVERY_S

    def __call__(self, done_bytes: int, total_bytes: int | None) -> None:
        self._last = FetchProgress(self._names, done_bytes, total_bytes)
        if time.monotonic() - self._noted_at_s >= _NOTE_EVERY_S:
            self._noted_at_s = time.monotonic()
            self._note("fetching", "")
        self._pass_on(self._last)

    def note_failure(self, reason: str) -> None:
        """Write down why the fetch ended; where the disk takes no note, whoever asked hears it all the same."""
        try:
            self._note("failed", reason)
        except StoreNotWritable:
            return

    def _note(self, stage: Stage, reason: str) -> None:
        with disk_errors_said_clearly(self._folder):
            for name in self._names:
                note = FetchNote(stage, self._last.done_bytes, self._last.total_bytes, reason)
                write_note(self._folder, name, note)


def ignore_progress(progress: FetchProgress) -> None:
    """Stand in for a caller who does not want to hear about progress."""
