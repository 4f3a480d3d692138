"""Measuring a chunk: every frame, every annotator, one decode."""

import uuid

import numpy as np

from ava import units
from ava.annotate.base import AnnotationTable, Annotator, find_annotators
from ava.annotate.run import annotate_span
from ava.filmstrip import Filmstrip, has_filmstrip, save_filmstrip
from ava.leases import Heartbeat
from ava.models import Annotation, Chunk
from ava.packing import pack_values
from ava.picture_area import picture_area
from ava.storage import local_path
from ava.video_facts import video_info


def measure_chunk(chunk: Chunk, token: uuid.UUID, heartbeat: Heartbeat) -> None:
    """Measure what this installation's annotators have not measured in a chunk yet, and save it."""
    annotators = _missing_annotators(chunk)
    strip = None if has_filmstrip(chunk) else Filmstrip(chunk)
    tables = annotate_span(
        local_path(chunk.video.file),
        info=video_info(chunk.video),
        area=picture_area(chunk.video),
        annotators=annotators,
        start_frame=chunk.start_frame,
        end_frame=chunk.end_frame,
        on_progress=heartbeat.report,
        on_frames=strip.add if strip else None,
    )
    if strip is not None:
        save_filmstrip(chunk, strip)
    save_tables(chunk, token, annotators=annotators, tables=tables)


def _missing_annotators(chunk: Chunk) -> list[Annotator]:
    have = set(chunk.annotations.values_list("annotator", "version"))
    return [annotator for annotator in find_annotators() if (annotator.name, annotator.version) not in have]


def save_tables(
    chunk: Chunk, token: uuid.UUID, *, annotators: list[Annotator], tables: dict[str, AnnotationTable]
) -> None:
    """Write every row and the chunk's new state in one transaction. Raises WorkLost when the claim has gone."""
    frames = chunk.end_frame - chunk.start_frame
    decoded = min((len(table.frame_index) for table in tables.values()), default=frames)

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

    units.save(chunk, token, write, missing_frames=frames - decoded)


def _packed_rows(table: AnnotationTable, *, start_frame: int, frames: int) -> bytes:
    """One row for every frame of the chunk; NaN for those that could not be decoded."""
    values = np.full((frames, table.values.shape[1]), np.nan, dtype=np.float32)
    values[table.frame_index - start_frame] = table.values
    return pack_values(values)
