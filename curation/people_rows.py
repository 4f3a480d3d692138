"""Recognised people written down: characters, tracks and faces, in rows that stay where nothing has changed."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from django.db.models import Max
from numpy.typing import NDArray

from ava.models import Title, Video
from curation.film_dialogue import dialogue_of_tracks
from curation.models import Character, Face, FaceTrack
from curation.people.collect import track_vectors
from curation.people.recognise import Recognition

_TRACK_FIELDS = [
    "character", "given_by", "confidence", "is_face", "is_static", "shot_index", "height_unit", "centrality_unit",
    "sharpness_unit", "dialogue_unit", "encoder", "vector", "weight",
]  # fmt: skip


class _Identity(NamedTuple):
    """What a track is known by from one analysis to the next: when it is seen, and where its first face is."""

    start_frame: int
    end_frame: int
    first_look: int
    x0: int
    y0: int


def save_tracks(
    video: Video, scope: Title, recognition: Recognition, *, encoder: str, expressions: NDArray[np.float32]
) -> None:
    """Replace a film's tracks and faces by those just recognised; call it in a transaction.

    A track that is as it was keeps its row and its portrait. `expressions` `(N,)` are those of the recognition's faces.
    """
    characters = _name_characters(scope, recognition.characters)
    rows = _describe_tracks(video, recognition, encoder=encoder, characters=characters)
    looks = _faces_by_track(recognition)
    known = _known_tracks(video)
    kept: list[FaceTrack] = []
    for index, row in enumerate(rows):
        before = known.pop(_identify(row, recognition, looks[index]), None)
        if before is not None:
            row.pk, row.portrait = before.pk, before.portrait
            row.given_by = _given_by(row, before)
            kept.append(row)
    FaceTrack.objects.filter(pk__in=[track.pk for track in known.values()]).delete()
    FaceTrack.objects.bulk_update(kept, _TRACK_FIELDS, batch_size=500)
    FaceTrack.objects.bulk_create([row for row in rows if row.pk is None], batch_size=500)
    _save_faces(video, [
        _describe_face(recognition, look, track=row, expression=float(expressions[look]))
        for row, mine in zip(rows, looks, strict=True) for look in mine
    ])  # fmt: skip


def _name_characters(scope: Title, found: Sequence[int | None]) -> list[Character]:
    """The character of each person that was recognised; new ones get the next numbers."""
    known = scope.characters.in_bulk([key for key in found if key is not None])
    number = scope.characters.aggregate(highest=Max("number"))["highest"] or 0
    characters = []
    for key in found:
        if key is None:
            number += 1
        characters.append(Character(scope=scope, number=number) if key is None else known[key])
    Character.objects.bulk_create([character for character in characters if character.pk is None])
    return characters


def _describe_tracks(
    video: Video, recognition: Recognition, *, encoder: str, characters: Sequence[Character]
) -> list[FaceTrack]:
    vectors, weights = track_vectors(recognition.people)
    dialogue = dialogue_of_tracks(video, recognition.people.tracks)
    rows = []
    for index, track in enumerate(recognition.people.tracks):
        person, has_vector = int(recognition.person[index]), bool(encoder) and weights[index] > 0
        rows.append(
            FaceTrack(
                video=video,
                character=characters[person] if person >= 0 else None,
                given_by=FaceTrack.GivenBy.PERSON if recognition.is_said[index] else FaceTrack.GivenBy.ANALYSIS,
                confidence=_known(recognition.confidence[index]),
                is_face=bool(recognition.is_face[index]),
                is_static=track.is_static,
                shot_index=track.shot,
                start_frame=track.start_frame,
                end_frame=track.end_frame,
                height_unit=track.height_unit,
                centrality_unit=track.centrality_unit,
                sharpness_unit=_known(track.sharpness_unit),
                dialogue_unit=_known(dialogue[index]),
                encoder=encoder if has_vector else "",
                vector=vectors[index] if has_vector else None,
                weight=float(weights[index]) if has_vector else 0.0,
            )
        )
    return rows


def _known(value: float | np.floating) -> float | None:
    return None if np.isnan(value) else float(value)


def _given_by(row: FaceTrack, before: FaceTrack) -> str:
    """A track that came along with a confirmed one keeps that mark as long as it stays there."""
    came_along = before.given_by == FaceTrack.GivenBy.LIKENESS and before.character_id == row.character_id
    if came_along and row.given_by == FaceTrack.GivenBy.ANALYSIS:
        return FaceTrack.GivenBy.LIKENESS
    return row.given_by


def _faces_by_track(recognition: Recognition) -> list[NDArray[np.int64]]:
    """Rows of the faces of each track, in the order of the film."""
    track = recognition.people.faces.track
    order = np.argsort(track, kind="stable")
    ends = np.searchsorted(track[order], np.arange(len(recognition.people.tracks) + 1))
    return [order[start:end] for start, end in pairwise(ends)]


def _identify(row: FaceTrack, recognition: Recognition, looks: NDArray[np.int64]) -> _Identity:
    faces = recognition.people.faces
    if not len(looks):
        return _Identity(row.start_frame, row.end_frame, -1, 0, 0)
    x0, y0 = (round(float(side)) for side in faces.boxes[looks[0], :2])
    return _Identity(row.start_frame, row.end_frame, int(faces.frame_index[looks[0]]), x0, y0)


def _known_tracks(video: Video) -> dict[_Identity, FaceTrack]:
    first_faces = {
        face.track_id: face
        for face in Face.objects.filter(track__video=video)
        .order_by("track_id", "frame_index", "row")
        .distinct("track_id")
    }
    known = {}
    for track in video.face_tracks.defer("vector"):
        face = first_faces.get(track.pk)
        look = (face.frame_index, round(face.x0), round(face.y0)) if face else (-1, 0, 0)
        known[_Identity(track.start_frame, track.end_frame, *look)] = track
    return known


def _describe_face(recognition: Recognition, look: np.int64, *, track: FaceTrack, expression: float) -> Face:
    faces = recognition.people.faces
    x0, y0, x1, y1 = (float(side) for side in faces.boxes[look])
    return Face(
        track=track, frame_index=int(faces.frame_index[look]), row=int(faces.row[look]), x0=x0, y0=y0, x1=x1, y1=y1,
        score=float(faces.looks.score[look]), quality=float(faces.quality[look]), expression=_known(expression),
    )  # fmt: skip


def _save_faces(video: Video, faces: Sequence[Face]) -> None:
    """Faces that are where they were keep their row."""
    known = {
        (track, frame, row): pk
        for pk, track, frame, row in Face.objects.filter(track__video=video).values_list(
            "pk", "track", "frame_index", "row"
        )
    }
    for face in faces:
        face.pk = known.pop((face.track_id, face.frame_index, face.row), None)
    Face.objects.filter(pk__in=known.values()).delete()
    kept = [face for face in faces if face.pk is not None]
    Face.objects.bulk_update(kept, ["x0", "y0", "x1", "y1", "score", "quality", "expression"], batch_size=1000)
    Face.objects.bulk_create([face for face in faces if face.pk is None], batch_size=2000)
