"""A second process draws the batches of the next steps while one is learnt from."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager

from qc.pixel.dataset import PixelBatch

DrawBatch = Callable[[int], PixelBatch]
AHEAD_STEPS = 4

_draw: DrawBatch | None = None


@contextmanager
def drawn_ahead(draw: DrawBatch) -> Iterator[DrawBatch]:
    """Give the same batches as ``draw`` does, which has to depend on the step alone, sooner.

    The process is forked, so that it shares clips of gigabytes; where a system cannot fork, ``draw`` itself is given.
    """
    global _draw
    if "fork" not in multiprocessing.get_all_start_methods():
        yield draw
        return
    _draw = draw
    waiting: dict[int, Future[PixelBatch]] = {}
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as pool:

        def take(step: int) -> PixelBatch:
            for coming in range(step, step + AHEAD_STEPS):
                if coming not in waiting:
                    waiting[coming] = pool.submit(_draw_apart, coming)
            return waiting.pop(step).result()

        try:
            yield take
        finally:
            _draw = None
            pool.shutdown(cancel_futures=True)


def _draw_apart(step: int) -> PixelBatch:
    assert _draw is not None
    return _draw(step)
