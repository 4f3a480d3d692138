"""Independent pieces of work spread over the cores of one machine, without a queue."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from multiprocessing.sharedctypes import Synchronized
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
Report = Callable[[int], None]
"""Called with the frames that are done so far."""

POLL_S = 0.2


def map_in_processes(
    work: Callable[[Item, Report], Result],
    items: Sequence[Item],
    *,
    size: Callable[[Item], int],
    processes: int,
    report: Report,
) -> list[Result]:
    """Do ``work(item, report)`` for each item in ``processes`` processes; the results are in the items' order.

    ``work`` must be picklable; it reports how many frames of its item are done, of ``size(item)``. ``report`` is
    called with their sum over all items. With one process or one item everything happens in this one. Raises what
    ``work`` raises, as soon as it does.
    """
    if processes == 1 or len(items) == 1:
        return _map_here(work, items, size=size, report=report)
    # A forked child would inherit locks that the parent's threads hold; a spawned one starts clean.
    context = multiprocessing.get_context("spawn")
    done_frames = context.Value("q", 0)
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_enter, initargs=(done_frames,)) as pool:
        # The longest first, so that no process is left alone with one at the end.
        order = sorted(range(len(items)), key=lambda place: -size(items[place]))
        futures: dict[int, Future[Result]] = {place: pool.submit(_work_apart, work, items[place]) for place in order}
        waiting = set(futures.values())
        while waiting:
            done, waiting = wait(waiting, timeout=POLL_S)
            report(done_frames.value)
            for future in done:
                future.result()  # an error ends the run at once instead of after the last item
        return [futures[place].result() for place in range(len(items))]


def _map_here(
    work: Callable[[Item, Report], Result], items: Sequence[Item], *, size: Callable[[Item], int], report: Report
) -> list[Result]:
    results: list[Result] = []
    before = 0
    for item in items:
        results.append(work(item, lambda done, before=before: report(before + done)))  # type: ignore[misc]
        before += size(item)
    return results


_done_frames: Synchronized[int]


def _enter(done_frames: Synchronized[int]) -> None:
    global _done_frames
    _done_frames = done_frames


def _work_apart(work: Callable[[Item, Report], Result], item: Item) -> Result:
    told = 0

    def count(frames: int) -> None:
        nonlocal told
        with _done_frames.get_lock():
            _done_frames.value += frames - told
        told = frames

    return work(item, count)
