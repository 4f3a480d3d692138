"""Faces to learn expressions from: those of frames that editors picked, against those of frames they rejected."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from django.db.models import F, Q
from numpy.typing import NDArray

from ava.annotate.base import Detections
from ava.annotate.face_encoders import ENCODERS
from ava.annotate.face_mesh import FaceMesh
from ava.annotate.faces import BOX, Faces
from ava.findings import load_detections
from ava.models import Shot, Video
from curation.models import Decision, Face
from curation.people.expression_classifier import LEAST_GROUPS, require_examples
from curation.people.face_looks import join_looks
from curation.people.film_faces import FaceLooks

PICKED_STARS = 4
"""From so many stars on a frame without a verdict counts as picked."""

MAIN_SHARE = 0.8
"""Of a frame, only faces of at least this share of the largest one's height: a verdict is about those."""

ENCODED_SHARE = 0.5
"""At least so many of the examples must have an encoder's vectors for them to be learnt from."""


class FoundFaces(NamedTuple):
    """What detectors know of some faces, N rows: as in `FilmFaces`."""

    looks: FaceLooks
    boxes: NDArray[np.float32]
    vectors: NDArray[np.float32]


class Examples(NamedTuple):
    """What can be learnt from: as in `FoundFaces`; `encoder` is the detector of the vectors, "" for none.

    `labels` bool (N,), True for picked; `groups` int64 (N,): films, else scenes, else shots.
    """

    looks: FaceLooks
    boxes: NDArray[np.float32]
    vectors: NDArray[np.float32]
    labels: NDArray[np.bool_]
    groups: NDArray[np.int64]
    encoder: str


class DecidedFace(NamedTuple):
    """A main face of a frame that somebody picked or rejected."""

    video: int
    frame_index: int
    row: int
    shot_index: int
    is_picked: bool


def decided_faces() -> list[DecidedFace]:
    """The main faces of all frames of this installation that stand picked or rejected, in the order of films."""
    verdicts = {
        (video, frame): verdict != Decision.Verdict.REJECT
        for video, frame, verdict, stars in _current_decisions()
        if verdict or stars >= PICKED_STARS
    }
    main: list[DecidedFace] = []
    largest: dict[tuple[int, int], float] = {}
    for video, shot, frame, row, height in _faces_of_decided_frames():
        frame_key = (video, frame)
        if frame_key in verdicts and height >= MAIN_SHARE * largest.setdefault(frame_key, height):
            main.append(DecidedFace(video, frame, row, shot, verdicts[frame_key]))
    return sorted(main)


def load_examples() -> Examples:
    """All that editors' current decisions teach about faces. Raises TooFewExamples."""
    decided = decided_faces()
    groups = group_faces(decided)
    picked = sum(face.is_picked for face in decided)
    require_examples(picked=picked, rejected=len(decided) - picked, groups=len(np.unique(groups)))
    encoder, found = _found_with_vectors(decided)
    return Examples(
        *found,
        labels=np.array([face.is_picked for face in decided], dtype=np.bool_),
        groups=groups,
        encoder=encoder,
    )


def group_faces(decided: Sequence[DecidedFace]) -> NDArray[np.int64]:
    """Number the films; where they are too few, the scenes; where those are too few, the shots."""
    videos = {face.video for face in decided}
    scenes = {
        (video, index): scene
        for video, index, scene in Shot.objects.filter(video__in=videos).values_list("video", "index", "scene")
    }
    films = [(face.video,) for face in decided]
    in_scenes = [(face.video, scenes.get((face.video, face.shot_index)) or 0) for face in decided]
    in_shots = [(face.video, face.shot_index) for face in decided]
    keys: Sequence[tuple[int, ...]] = next(
        (each for each in (films, in_scenes) if len(set(each)) >= LEAST_GROUPS), in_shots
    )
    numbers = {key: number for number, key in enumerate(sorted(set(keys)))}
    return np.array([numbers[key] for key in keys], dtype=np.int64)


def find_faces(video: Video, places: Sequence[tuple[int, int]], *, encoder: str) -> FoundFaces:
    """What the detectors' current versions know of the faces at these (frame, row), NaN where they know nothing.

    `encoder` is the detector whose vectors are wanted, "" for none.
    """
    faces = _rows_at(load_detections(video, Faces.name), places, columns=len(Faces.columns))
    mesh = _rows_at(load_detections(video, FaceMesh.name), places, columns=len(FaceMesh.columns))
    dimensions = {each.detector: each.dimensions for each in ENCODERS}.get(encoder, 0)
    vectors = np.empty((len(places), 0), dtype=np.float32)
    if dimensions:
        vectors = _rows_at(load_detections(video, encoder), places, columns=dimensions)
    boxes = faces[:, [Faces.columns.index(name) for name in BOX]]
    return FoundFaces(join_looks(faces, mesh=mesh), boxes, vectors)


def _current_decisions() -> Iterable[tuple[int, int, str, int]]:
    """Video, frame, verdict and stars of every decided frame, as `decisions.current_decisions` tells a video's."""
    newest = Decision.objects.order_by("video", "frame_index", "-id").distinct("video", "frame_index")
    return newest.values_list("video", "frame_index", "verdict", "stars")


def _faces_of_decided_frames() -> Iterable[tuple[int, int, int, int, float]]:
    """Video, shot, frame, row and height of faces in frames that anybody decided on, of a frame the largest first."""
    decided = Q(track__video__decisions__frame_index=F("frame_index"))
    faces = Face.objects.filter(decided, track__is_face=True, track__is_static=False).distinct()
    rows = faces.annotate(height_px=F("y1") - F("y0")).order_by("track__video", "frame_index", "-height_px", "row")
    return rows.values_list("track__video", "track__shot_index", "frame_index", "row", "height_px")


def _found_with_vectors(decided: Sequence[DecidedFace]) -> tuple[str, FoundFaces]:
    """What is known of the faces, with the vectors of the best encoder that has seen enough of them."""
    for encoder in ENCODERS:
        found = _find_in_films(decided, encoder=encoder.detector)
        known = np.isfinite(found.vectors).all(axis=1)
        if len(known) and known.mean() >= ENCODED_SHARE:
            return encoder.detector, found
    return "", _find_in_films(decided, encoder="")


def _find_in_films(decided: Sequence[DecidedFace], *, encoder: str) -> FoundFaces:
    videos = Video.objects.in_bulk({face.video for face in decided})
    parts = [
        find_faces(
            video,
            [(face.frame_index, face.row) for face in decided if face.video == pk],
            encoder=encoder,
        )
        for pk, video in sorted(videos.items())
    ]
    looks = FaceLooks(*(np.concatenate(columns) for columns in zip(*(part.looks for part in parts), strict=True)))
    boxes, vectors = (np.concatenate([getattr(part, name) for part in parts]) for name in ("boxes", "vectors"))
    return FoundFaces(looks, boxes, vectors)


def _rows_at(table: Detections, places: Sequence[tuple[int, int]], *, columns: int) -> NDArray[np.float32]:
    """A table's rows at these (frame, which of the frame's rows): float32 (N, columns), NaN where there is none."""
    rows = np.full((len(places), columns), np.nan, dtype=np.float32)
    frames, first, counts = np.unique(table.frame_index, return_index=True, return_counts=True)
    start = {int(frame): (int(begin), int(count)) for frame, begin, count in zip(frames, first, counts, strict=True)}
    for index, (frame, row) in enumerate(places):
        begin, count = start.get(frame, (0, 0))
        if row < count:
            rows[index] = table.values[begin + row]
    return rows
