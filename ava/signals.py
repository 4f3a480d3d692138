"""The measured signals of a film, read from its chunks' annotations."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import find_annotators
from ava.findings import load_sampled_signals, sampled_columns
from ava.models import Annotation, Video
from ava.packing import unpack_values
from ava.video_facts import video_info

__all__ = ["current_versions", "known_columns", "load_signals", "summarise_signals", "video_info"]


def current_versions() -> dict[str, int]:
    """Name → version of every annotator of this installation; rows of other versions are stale."""
    return {annotator.name: annotator.version for annotator in find_annotators()}


def known_columns() -> list[str]:
    """Every "annotator.column" that this installation measures, those of looked-at frames only included."""
    return measured_columns() + sampled_columns()


def measured_columns() -> list[str]:
    """Every "annotator.column" that is measured of every frame."""
    return [f"{annotator.name}.{column}" for annotator in find_annotators() for column in annotator.columns]


def load_signals(
    video: Video, *, columns: Iterable[str] | None = None, end_frame: int | None = None
) -> dict[str, NDArray[np.float32]]:
    """Per-frame signals keyed "annotator.column", each float32 (frames,), NaN where nothing is measured (yet).

    `columns` limits what is read; names nobody measures are left out. `end_frame` reads a prefix of the film.
    Only rows of the annotators' current versions count.
    """
    wanted = set(known_columns()) if columns is None else set(columns) & set(known_columns())
    frames = video.frame_count if end_frame is None else min(end_frame, video.frame_count)
    sampled = wanted & set(sampled_columns())
    signals = {name: np.full(frames, np.nan, dtype=np.float32) for name in sorted(wanted - sampled)}
    _read_measured(video, signals)
    return signals | load_sampled_signals(video, columns=sampled, end_frame=frames)


def _read_measured(video: Video, signals: dict[str, NDArray[np.float32]]) -> None:
    """Fill signals of whole frames from the chunks' annotations."""
    frames = len(next(iter(signals.values()), ()))
    versions = current_versions()
    annotators = {name.partition(".")[0] for name in signals}
    rows = Annotation.objects.filter(
        chunk__video=video, annotator__in=annotators, chunk__start_frame__lt=frames
    )
    for name, version, names, values, start in rows.values_list(
        "annotator", "version", "columns", "values", "chunk__start_frame"
    ).iterator(chunk_size=64):
        if versions[name] != version:
            continue
        table = unpack_values(bytes(values), columns=len(names))[: frames - start]
        for position, column in enumerate(names):
            signal = signals.get(f"{name}.{column}")
            if signal is not None:
                signal[start : start + len(table)] = table[:, position]


def summarise_signals(
    video: Video, *, columns: Iterable[str], points: int, start_frame: int = 0, end_frame: int | None = None
) -> dict[str, Any]:
    """Curves short enough to draw: the mean of each of at most `points` equal spans, None where unmeasured.

    Of the whole film, or of its frames from `start_frame` to before `end_frame`; "frames" holds where the
    spans begin.
    """
    end_frame = video.frame_count if end_frame is None else min(end_frame, video.frame_count)
    frames = end_frame - start_frame
    points = max(1, min(points, frames))
    edges = np.linspace(0, frames, points + 1).astype(np.int64)
    curves: dict[str, list[float | None]] = {}
    for name, signal in load_signals(video, columns=columns, end_frame=end_frame).items():
        span = signal[start_frame:]
        measured = ~np.isnan(span)
        sums = np.add.reduceat(np.where(measured, span, 0).astype(np.float64), edges[:-1])
        counts = np.add.reduceat(measured.astype(np.int64), edges[:-1])
        curves[name] = [
            round(float(total / count), 5) if count else None
            for total, count in zip(sums, counts, strict=True)
        ]
    return {"frames": (edges[:-1] + start_frame).tolist(), "columns": curves}
