"""Who the faces of one frame are, and how well their expressions suit a still."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ava.models import Video
from curation.models import Face, FaceTrack
from curation.people.face_places import interpolate_box, match_boxes

NOBODY: Mapping[str, Any] = {"character": None, "suitability": None, "is_face": True, "is_static": False}


def describe_people(video: Video, frame_index: int, faces: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What is known of the people behind the faces of a frame, in the order of the faces; each has a "box".

    "character" `{"id", "label"}`, None where nobody was recognised; "suitability", how well the expression suits a
    still, 0–1, None where it is not known; "is_face", False where a person said that it is none; "is_static", True
    for a picture of a face. In two queries for any frame.
    """
    tracks = _tracks_through(video, frame_index) if faces else []
    boxes = np.array([face["box"] for face in faces], dtype=np.float32).reshape(-1, 4)
    places = [
        interpolate_box(
            np.array([face.frame_index for face in seen], dtype=np.int64),
            np.array([face.box for face in seen], dtype=np.float32),
            frame_index=frame_index,
        )
        for _, seen in tracks
    ]
    matched = match_boxes(boxes, np.array(places, dtype=np.float32).reshape(-1, 4))
    return [
        dict(NOBODY) if place is None else _describe(tracks[place][0], tracks[place][1], frame_index=frame_index)
        for place in matched
    ]


def _tracks_through(video: Video, frame_index: int) -> list[tuple[FaceTrack, list[Face]]]:
    """Tracks that go through a frame, each with its looked-at faces in the order of the film."""
    through = FaceTrack.objects.filter(video=video, start_frame__lte=frame_index, end_frame__gt=frame_index)
    tracks = list(
        through.select_related("character").defer("vector", "portrait").prefetch_related("faces").order_by("pk")
    )
    return [(track, seen) for track in tracks if (seen := list(track.faces.all()))]


def _describe(track: FaceTrack, seen: Sequence[Face], *, frame_index: int) -> dict[str, Any]:
    character = track.character
    expression = next((face.expression for face in seen if face.frame_index == frame_index), None)
    return {
        "character": {"id": character.pk, "label": character.label} if character else None,
        "suitability": None if expression is None else round(expression, 4),
        "is_face": track.is_face,
        "is_static": track.is_static,
    }
