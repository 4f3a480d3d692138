"""What detectors found in a video, read from its inspections."""

from collections.abc import Iterable

import numpy as np
from django.db.models import QuerySet
from numpy.typing import NDArray

from ava.annotate.base import Detections, find_detectors
from ava.annotate.inspect import join_detections, lay_out_signals
from ava.annotate.shot_inspection import columns_of
from ava.detectors import detector_versions
from ava.models import Detection, Inspection, Video
from ava.packing import unpack_integers, unpack_values
from ava.picture_area import known_area


def unpack_detections(row: Detection) -> Detections:
    """A stored table as the pure code knows it."""
    values = unpack_values(bytes(row.values), columns=len(row.columns))
    return Detections(unpack_integers(bytes(row.frames)), values, tuple(row.words))


def current_detections(inspection: Inspection) -> dict[str, Detections]:
    """What the detectors' current versions found in one inspection, by name."""
    versions = detector_versions()
    rows = inspection.detections.all()
    return {row.detector: unpack_detections(row) for row in rows if versions.get(row.detector) == row.version}


def load_detections(video: Video, detector: str) -> Detections:
    """What the current version of a detector found in a video, in film pixels and in the order of the film."""
    return _join(_rows_of(video, detector), detector)


def looked_at_frames(video: Video, detector: str) -> NDArray[np.int64]:
    """Frames that the current version of a detector has looked at, ascending."""
    return _join_looks(_rows_of(video, detector).values_list("inspection__looks", flat=True))


def _rows_of(video: Video, detector: str) -> QuerySet[Detection]:
    version = detector_versions().get(detector, -1)
    rows = Detection.objects.filter(inspection__video=video, detector=detector, version=version)
    return rows.order_by("inspection__start_frame")


def _join(rows: Iterable[Detection], detector: str) -> Detections:
    return join_detections([unpack_detections(row) for row in rows], columns=len(columns_of(detector)))


def _join_looks(packed: Iterable[bytes]) -> NDArray[np.int64]:
    looks = [unpack_integers(bytes(each)) for each in packed]
    return np.concatenate(looks) if looks else np.empty(0, dtype=np.int64)


def sampled_columns() -> list[str]:
    """Every "detector.column" that is known of looked-at frames, whether its model files are here or not."""
    return [f"{detector.name}.{column}" for detector in find_detectors() for column in detector.frame_columns]


def load_sampled_signals(
    video: Video, *, columns: Iterable[str], end_frame: int
) -> dict[str, NDArray[np.float32]]:
    """Signals of looked-at frames keyed "detector.column", each float32 (end_frame,), NaN at all other frames."""
    wanted = set(columns)
    signals: dict[str, NDArray[np.float32]] = {}
    for detector in find_detectors():
        if wanted.isdisjoint(f"{detector.name}.{column}" for column in detector.frame_columns):
            continue
        rows = list(_rows_of(video, detector.name).select_related("inspection"))
        signals |= lay_out_signals(
            _join(rows, detector.name),
            detector,
            looks=_join_looks(row.inspection.looks for row in rows),
            area=known_area(video),
            frame_count=end_frame,
        )
    return {name: signal for name, signal in signals.items() if name in wanted}
