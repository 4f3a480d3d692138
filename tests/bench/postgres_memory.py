"""How much memory a Postgres takes while something goes on in it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EVERY_S = 0.5


class Peak:
    """The most that was seen beyond what there was at the start, in MiB."""

    mib = 0.0


@contextmanager
def watch_memory(backend_pid: int) -> Iterator[Peak]:
    """Watch all processes of a connection's server; pages that they share are counted once (PSS)."""
    server = _parent_of(backend_pid)
    peak, start, ended = Peak(), _total_mib(server), threading.Event()

    def look() -> None:
        while not ended.wait(EVERY_S):
            peak.mib = max(peak.mib, _total_mib(server) - start)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        ended.set()
        thread.join()


def _total_mib(server: int) -> float:
    children = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit() and _is_of(path, server)]
    return sum(_pss_kib(process) for process in (server, *children)) / 1024


def _is_of(process: Path, server: int) -> bool:
    try:
        return _parent_of(int(process.name)) == server
    except (OSError, IndexError):
        return False


def _parent_of(process: int) -> int:
    stat = Path(f"/proc/{process}/stat").read_text()
    return int(stat.rpartition(")")[2].split()[1])


def _pss_kib(process: int) -> int:
    try:
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:  # it has ended meanwhile
        return 0
    return next((int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")), 0)
