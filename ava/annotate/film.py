"""A whole film measured on all cores of one machine, without a database or a queue."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import NamedTuple

from ava.annotate.base import AnnotationTable, Signals, find_annotators
from ava.annotate.run import DecodeClock, annotate_span, collect_signals
from ava.media.chunks import Chunk, plan_chunks
from ava.media.video_info import VideoInfo

POLL_S = 0.2


class MeasuredFilm(NamedTuple):
    """Signals keyed "annotator.column", float32 (frame_count,); decode_s is summed over the processes."""

    signals: Signals
    decode_s: float


class _ChunkResult(NamedTuple):
    tables: dict[str, AnnotationTable]
    decode_s: float


def annotate_film(
    path: Path, *, info: VideoInfo, processes: int, on_progress: Callable[[int], None] | None = None
) -> MeasuredFilm:
    """Measure every frame with every annotator, chunk by chunk in `processes` processes.

    The values do not depend on the number of processes. `on_progress` is called with the frames measured so
    far. Raises what decoding raises.
    """
    chunks = plan_chunks(info)
    report = on_progress or (lambda frames: None)
    if processes == 1 or len(chunks) == 1:
        results = _measure_here(path, info=info, chunks=chunks, report=report)
    else:
        results = _measure_in_pool(path, info=info, chunks=chunks, processes=processes, report=report)
    annotators = find_annotators()
    tables = {annotator.name: [result.tables[annotator.name] for result in results] for annotator in annotators}
    return MeasuredFilm(
        collect_signals(tables, annotators=annotators, frame_count=info.frame_count),
        sum(result.decode_s for result in results),
    )


def _measure_here(
    path: Path, *, info: VideoInfo, chunks: Sequence[Chunk], report: Callable[[int], None]
) -> list[_ChunkResult]:
    def measure(chunk: Chunk) -> _ChunkResult:
        return _measure(path, info, chunk, lambda frames: report(chunk.start_frame + frames))

    return [measure(chunk) for chunk in chunks]


def _measure(path: Path, info: VideoInfo, chunk: Chunk, on_progress: Callable[[int], None]) -> _ChunkResult:
    clock = DecodeClock()
    tables = annotate_span(
        path,
        info=info,
        annotators=find_annotators(),
        start_frame=chunk.start_frame,
        end_frame=chunk.end_frame,
        on_progress=on_progress,
        clock=clock,
    )
    return _ChunkResult(tables, clock.seconds)


_measured: Synchronized[int]


def _enter_pool(measured: Synchronized[int]) -> None:
    global _measured
    _measured = measured


def _measure_in_process(path: Path, info: VideoInfo, chunk: Chunk) -> _ChunkResult:
    told = 0

    def count(frames: int) -> None:
        nonlocal told
        with _measured.get_lock():
            _measured.value += frames - told
        told = frames

    return _measure(path, info, chunk, count)


def _measure_in_pool(
    path: Path, *, info: VideoInfo, chunks: Sequence[Chunk], processes: int, report: Callable[[int], None]
) -> list[_ChunkResult]:
    # A forked child would inherit locks that the parent's threads hold; a spawned one starts clean.
    context = multiprocessing.get_context("spawn")
    measured = context.Value("q", 0)
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_enter_pool, initargs=(measured,)) as pool:
        # The longest first, so that no process is left alone with one at the end.
        order = sorted(chunks, key=lambda chunk: chunk.start_frame - chunk.end_frame)
        futures: dict[int, Future[_ChunkResult]] = {
            chunk.index: pool.submit(_measure_in_process, path, info, chunk) for chunk in order
        }
        waiting = set(futures.values())
        while waiting:
            done, waiting = wait(waiting, timeout=POLL_S)
            report(measured.value)
            for future in done:
                future.result()  # an error ends the run at once instead of after the last chunk
        return [futures[chunk.index].result() for chunk in chunks]
