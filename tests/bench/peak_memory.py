"""The most memory that some processes hold at once, watched while something goes on in them."""

from __future__ import annotations

import threading

import psutil

EVERY_S = 0.2


class PeakMemory:
    """A process and its children, in bytes: `peak` while it was watched, `start` before; shared pages count once."""

    def __init__(self, process: psutil.Process | None = None) -> None:
        self._process = process or psutil.Process()

    def __enter__(self) -> PeakMemory:
        self.peak = self.start = self._held()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(EVERY_S):
            self.peak = max(self.peak, self._held())

    def _held(self) -> int:
        return sum(_pss(one) for one in (self._process, *self._process.children(recursive=True)))


def _pss(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:
        return 0
