"""Bytes of a download on their way to whoever asked, and into the notes that every process can read."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from ava.weights.fetch_note import FetchNote, read_note, write_note
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
            with disk_errors_said_clearly(self._folder):
                self._note_work()
        self._pass_on(self._last)

    def note_failure(self, reason: str) -> None:
        """Write down why the fetch ended; where the disk takes no note, whoever asked hears it all the same."""
        note = FetchNote("failed", self._last.done_bytes, self._last.total_bytes, reason)
        with suppress(OSError):
            for name in self._names:
                write_note(self._folder, name, note)

    def _note_work(self) -> None:
        work = FetchNote("fetching", self._last.done_bytes, self._last.total_bytes)
        for name in self._names:
            earlier = read_note(self._folder, name)
            if earlier is not None:  # who asked for it is still owed it when this process dies
                work = replace(work, is_asked_for=earlier.is_asked_for, consent=earlier.consent)
            write_note(self._folder, name, work)


def ignore_progress(progress: FetchProgress) -> None:
    """Stand in for a caller who does not want to hear about progress."""
