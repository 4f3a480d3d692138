"""A whole film measured and inspected on all cores of one machine, without a database or a queue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from ava.annotate.area import Area
from ava.annotate.availability import available_detectors, load_detectors
from ava.annotate.base import AnnotationTable, Detections, Detector, Signals, find_annotators
from ava.annotate.inspect import join_detections
from ava.annotate.looks import InspectionPlan, Span
from ava.annotate.processes import Report, map_in_processes
from ava.annotate.run import DecodeClock, annotate_span, collect_signals
from ava.annotate.shot_inspection import inspect_shots
from ava.annotate.watch import PictureWatcher
from ava.media.chunks import Chunk, plan_chunks
from ava.media.video_info import VideoInfo
from ava.weights.store import WeightsStore

OnProgress = Callable[[int], None]


class ChunkWatcher(PictureWatcher, Protocol):
    """Sees a chunk's stored pictures out of the decode that measures it, and says in the end what it saw."""

    def finish(self) -> Any:
        """What it saw; it has to be picklable."""


BeginWatch = Callable[[VideoInfo, Chunk], ChunkWatcher]
"""Begins to watch a chunk; picklable."""


class MeasuredFilm(NamedTuple):
    """Signals keyed "annotator.column", float32 (frame_count,); decode_s is summed over the processes.

    watched: what a watcher of each chunk saw, in the order of the film.
    """

    signals: Signals
    decode_s: float
    watched: tuple[Any, ...] = ()


class _ChunkResult(NamedTuple):
    tables: dict[str, AnnotationTable]
    decode_s: float
    watched: tuple[Any, ...]


def annotate_film(
    path: Path,
    *,
    info: VideoInfo,
    area: Area | None = None,
    processes: int,
    watch: BeginWatch | None = None,
    on_progress: OnProgress | None = None,
) -> MeasuredFilm:
    """Measure every frame with every annotator, chunk by chunk in `processes` processes.

    The values do not depend on the number of processes. Whom `watch` begins sees the stored pictures of its chunk.
    `on_progress` is called with the frames measured so far. Raises what decoding and watchers raise.
    """
    results = map_in_processes(
        partial(_measure, path, info, area, watch),
        plan_chunks(info),
        size=lambda chunk: chunk.end_frame - chunk.start_frame,
        processes=processes,
        report=on_progress or _ignore,
    )
    annotators = find_annotators()
    tables = {annotator.name: [result.tables[annotator.name] for result in results] for annotator in annotators}
    return MeasuredFilm(
        collect_signals(tables, annotators=annotators, frame_count=info.frame_count),
        sum(result.decode_s for result in results),
        tuple(seen for result in results for seen in result.watched),
    )


def _measure(
    path: Path, info: VideoInfo, area: Area | None, watch: BeginWatch | None, chunk: Chunk, report: Report
) -> _ChunkResult:
    clock = DecodeClock()
    watchers = [] if watch is None else [watch(info, chunk)]
    tables = annotate_span(
        path,
        info=info,
        annotators=find_annotators(),
        start_frame=chunk.start_frame,
        end_frame=chunk.end_frame,
        area=area,
        watchers=watchers,
        on_progress=report,
        clock=clock,
    )
    return _ChunkResult(tables, clock.seconds, tuple(watcher.finish() for watcher in watchers))


def inspect_film(
    path: Path,
    *,
    info: VideoInfo,
    area: Area | None,
    shots: Sequence[Span],
    plans: Sequence[InspectionPlan],
    weights: Path,
    processes: int,
    on_progress: OnProgress | None = None,
) -> dict[str, Detections]:
    """Look into the shots of a film as planned, with every detector whose model files are in the folder
    `weights`.

    Returns what was found by detector, and the faces' tracks, in film pixels and in the order of the film; tracks count
    anew in each plan's span. `on_progress` is called with the film's frames done so far. Raises what decoding raises.
    """
    results = map_in_processes(
        partial(_inspect, path, info, area, tuple(shots), weights),
        plans,
        size=lambda plan: plan.span.end_frame - plan.span.start_frame,
        processes=processes,
        report=on_progress or _ignore,
    )
    tables: dict[str, list[Detections]] = {}
    for result in results:
        for name, table in result.items():
            tables.setdefault(name, []).append(table)
    return {name: join_detections(parts, columns=parts[0].values.shape[1]) for name, parts in tables.items()}


def _inspect(
    path: Path,
    info: VideoInfo,
    area: Area | None,
    shots: Sequence[Span],
    weights: Path,
    plan: InspectionPlan,
    report: Report,
) -> dict[str, Detections]:
    frames = plan.span.end_frame - plan.span.start_frame
    return inspect_shots(
        path,
        info=info,
        area=area,
        shots=[shot for shot in shots if plan.span.start_frame <= shot.start_frame < plan.span.end_frame],
        looks=plan.looks,
        detectors=_loaded(weights),
        on_share=lambda share: report(round(share * frames)),
    )


_detectors: dict[Path, list[Detector]] = {}


def _loaded(weights: Path) -> list[Detector]:
    """The detectors of this process, loaded once."""
    if weights not in _detectors:
        store = WeightsStore(weights)
        _detectors[weights] = load_detectors(available_detectors(store), store=store)
    return _detectors[weights]


def _ignore(frames: int) -> None:
    """Nobody wants to know how far it is."""
