"""Measuring a chunk: every frame, every annotator, every watcher, one decode."""

import uuid
from collections.abc import Iterable

import numpy as np

from ava import chunk_watches, units
from ava.annotate.base import AnnotationTable, Annotator, find_annotators
from ava.annotate.run import annotate_span
from ava.annotate.watch import watch_span
from ava.filmstrip import Filmstrip, has_filmstrip, save_filmstrip
from ava.leases import Heartbeat
from ava.models import ACTIVE_STATES, Annotation, Chunk, Job
from ava.packing import pack_values
from ava.picture_area import picture_area
from ava.storage import local_path
from ava.video_facts import video_info


def measure_chunk(chunk: Chunk, token: uuid.UUID, heartbeat: Heartbeat) -> None:
    """Measure what this installation's annotators have not measured in a chunk yet, have it watched, and save both.

    Of a video that is only scanned nothing is measured.
    """
    is_scan = chunk.video.jobs.filter(state__in=ACTIVE_STATES, kind=Job.Kind.SCAN).exists()
    annotators = [] if is_scan else _missing_annotators(chunk)
    strip = None if is_scan or has_filmstrip(chunk) else Filmstrip(chunk)
    if not annotators and strip is None:
        _watch_chunk(chunk, token, heartbeat)
        return
    watchers = chunk_watches.begin_missing(chunk)
    tables = annotate_span(
        local_path(chunk.video.file),
        info=video_info(chunk.video),
        area=picture_area(chunk.video),
        annotators=annotators,
        start_frame=chunk.start_frame,
        end_frame=chunk.end_frame,
        on_progress=heartbeat.report,
        on_frames=strip.add if strip else None,
        watchers=watchers,
    )
    saves = [watcher.finish() for watcher in watchers]
    if strip is not None:
        save_filmstrip(chunk, strip)
    save_tables(chunk, token, annotators=annotators, tables=tables, saves=saves)


def _watch_chunk(chunk: Chunk, token: uuid.UUID, heartbeat: Heartbeat) -> None:
    """Show a chunk's pictures to those alone who have not seen them."""
    watchers = chunk_watches.begin_missing(chunk)
    decoded = watch_span(
        local_path(chunk.video.file),
        info=video_info(chunk.video),
        watchers=watchers,
        start_frame=chunk.start_frame,
        end_frame=chunk.end_frame,
        on_progress=heartbeat.report,
    )
    saves = [watcher.finish() for watcher in watchers]
    units.save(chunk, token, lambda: _write_all(saves), **_missing_frames(chunk, decoded if watchers else None))


def _missing_frames(chunk: Chunk, decoded: int | None) -> dict[str, int]:
    """What a decode says of frames that did not come out; nothing when nothing was decoded."""
    return {} if decoded is None else {"missing_frames": chunk.end_frame - chunk.start_frame - decoded}


def _write_all(saves: Iterable[chunk_watches.Save]) -> None:
    for save in saves:
        save()


def _missing_annotators(chunk: Chunk) -> list[Annotator]:
    have = set(chunk.annotations.values_list("annotator", "version"))
    return [annotator for annotator in find_annotators() if (annotator.name, annotator.version) not in have]


def save_tables(
    chunk: Chunk,
    token: uuid.UUID,
    *,
    annotators: list[Annotator],
    tables: dict[str, AnnotationTable],
    saves: Iterable[chunk_watches.Save] = (),
) -> None:
    """Write every row, what watchers found and the chunk's new state in one transaction.

    Raises WorkLost when the claim has gone.
    """
    frames = chunk.end_frame - chunk.start_frame
    decoded = min((len(table.frame_index) for table in tables.values()), default=None)

    def write() -> None:
        chunk.annotations.filter(annotator__in=tables).delete()
        Annotation.objects.bulk_create(
            Annotation(
                chunk=chunk,
                annotator=annotator.name,
                version=annotator.version,
                columns=list(annotator.columns),
                values=_packed_rows(tables[annotator.name], start_frame=chunk.start_frame, frames=frames),
            )
            for annotator in annotators
        )
        _write_all(saves)

    units.save(chunk, token, write, **_missing_frames(chunk, decoded))


def _packed_rows(table: AnnotationTable, *, start_frame: int, frames: int) -> bytes:
    """One row for every frame of the chunk; NaN for those that could not be decoded."""
    values = np.full((frames, table.values.shape[1]), np.nan, dtype=np.float32)
    values[table.frame_index - start_frame] = table.values
    return pack_values(values)
