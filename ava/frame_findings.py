"""Everything that is known of one frame, in film pixels, for people and scripts that look at it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ava.annotate.availability import unavailable_detectors
from ava.annotate.base import Detections
from ava.annotate.describe import describe_findings
from ava.findings import current_detections
from ava.model_files import weights_store
from ava.models import Shot, Video
from ava.packing import unpack_integers
from ava.picture_area import known_area


class FrameLooks(NamedTuple):
    """What detectors made of the part of a film that a frame is in: `tables` by detector, of its current version, and
    whether the frame itself is among those that were `looked_at`."""

    tables: Mapping[str, Detections]
    looked_at: bool


Describe = Callable[[Video, int, FrameLooks], dict[str, Any]]
_registered: list[Describe] = []


def register(describe: Describe) -> None:
    """Have what `describe(video, frame_index, looks)` returns told of every frame; called from `AppConfig.ready`."""
    _registered.append(describe)


DescribePeople = Callable[[Video, int, Sequence[Mapping[str, Any]]], list[dict[str, Any]]]
_registered_people: list[DescribePeople] = []


def register_people(describe: DescribePeople) -> None:
    """Have what `describe(video, frame_index, faces)` returns, one dictionary a face, told of every face; called from
    `AppConfig.ready`."""
    _registered_people.append(describe)


def describe_frame(video: Video, frame_index: int) -> dict[str, Any]:
    """A frame's shot, faces, people, lettering and objects; what is not known is None, never 0.

    Faces have boxes in the frames between looks too, as they were followed; all else is of looked-at frames only.
    The queries are as many for any film.
    """
    shot = video.shot_at(frame_index)
    inspection = video.inspections.filter(start_frame__lte=frame_index, end_frame__gt=frame_index).first()
    tables = current_detections(inspection) if inspection else {}
    looks = unpack_integers(bytes(inspection.looks)).tolist() if inspection and tables else []
    found = describe_findings(tables, frame_index)
    seen = FrameLooks(tables, looked_at=frame_index in looks)
    return {
        "frame_index": frame_index,
        "width": video.width,
        "height": video.height,
        "picture_area": list(known_area(video)),
        "looked_at": seen.looked_at,
        "nearest_look": _nearest(looks, shot, frame_index),
        "shot": _describe_shot(shot) if shot else None,
        **found,
        "faces": _describe_faces(video, frame_index, found["faces"]),
        **{name: value for describe in _registered for name, value in describe(video, frame_index, seen).items()},
        "unavailable": [each._asdict() for each in unavailable_detectors(weights_store())],
    }


def _describe_faces(video: Video, frame_index: int, faces: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    told = [dict(face) for face in faces]
    for describe in _registered_people:
        for face, known in zip(told, describe(video, frame_index, faces), strict=True):
            face |= known
    return told


def _describe_shot(shot: Shot) -> dict[str, Any]:
    return {
        "number": shot.index + 1,
        "start_frame": shot.start_frame,
        "end_frame": shot.end_frame,
        "camera": shot.camera or None,
        "camera_confidence": shot.camera_confidence,
        "scale": shot.scale or None,
        "scale_by": shot.scale_by or None,
        "scale_confidence": shot.scale_confidence,
    }


def _nearest(looks: Sequence[int], shot: Shot | None, frame_index: int) -> int | None:
    """The looked-at frame of the same shot that is nearest."""
    inside = [look for look in looks if shot and shot.start_frame <= look < shot.end_frame]
    return min(inside, key=lambda look: abs(look - frame_index), default=None)
