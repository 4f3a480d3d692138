"""Pictures of frames on disk, bounded: the ones not asked for the longest go first."""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ava.media.whole_file import write_whole

_FILL_AFTER_PRUNING = 0.9
_LOOK_AFTER_SHARE = 0.02  # of the bound newly written, until the folder is measured again
_TOUCH_EVERY_S = 60.0
_ABANDONED_AFTER_S = 3600.0


class _Entry(NamedTuple):
    used_at: float
    size: int
    path: Path


class FrameCache:
    """One folder of small files that several processes fill; each keeps it near `most_bytes` or below.

    Files appear whole or not at all (their writers rename them into place), and any of them may vanish.
    """

    def __init__(self, folder: Path, *, most_bytes: int) -> None:
        self.folder = folder
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._written = most_bytes  # nothing is known of the folder yet: look at the first chance

    def read(self, name: str) -> bytes | None:
        """The file's content, or None when it is not here (any more)."""
        path = self.folder / name
        try:
            content = path.read_bytes()
            if time.time() - path.stat().st_mtime > _TOUCH_EVERY_S:
                os.utime(path)
        except OSError:
            return None
        return content or None

    def write(self, name: str, content: bytes) -> None:
        """Keep a file, whole from the moment that it is there, and make room when it is time for that."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
        self.note_written(len(content))

    def note_written(self, size: int) -> None:
        """Count bytes that were added, and make room when it is time for that."""
        with self._lock:
            self._written += size
            if self._written < self._most_bytes * _LOOK_AFTER_SHARE:
                return
            self._written = 0
        self.prune()

    def prune(self) -> None:
        """Delete the files used longest ago until the bound is kept with a tenth to spare."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return  # another process is at it
            entries = sorted(self._entries())
            total = sum(entry.size for entry in entries)
            if total <= self._most_bytes:
                return
            for entry in entries:
                entry.path.unlink(missing_ok=True)
                total -= entry.size
                if total <= self._most_bytes * _FILL_AFTER_PRUNING:
                    return

    def _entries(self) -> Iterator[_Entry]:
        now = time.time()
        for folder, _, names in os.walk(self.folder):
            for name in names:
                path = Path(folder, name)
                try:
                    status = path.stat()
                except FileNotFoundError:
                    continue
                if not name.startswith("."):
                    yield _Entry(status.st_mtime, status.st_size, path)
                elif name != ".lock" and now - status.st_mtime > _ABANDONED_AFTER_S:
                    path.unlink(missing_ok=True)  # begun by a process that died
