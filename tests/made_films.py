"""Films' faces and tracks made without any film: who is in which shot, and what their vectors are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ava.annotate.face_encoders import RESNET
from ava.annotate.face_mesh import CONTOUR_COLUMNS
from curation.people.collect import FilmPeople
from curation.people.film_faces import FaceLooks, FaceTrack, FilmFaces
from curation.people.known_people import Claim, KnownCharacter, Memory

SHOT_FRAMES, LOOKS = 48, 4


def person_middle(person: int) -> np.ndarray:
    """Where a person's vectors lie: those of two people are 1.28 even distances apart, give or take 0.1."""
    direction = np.random.default_rng(person).normal(size=RESNET.dimensions)
    return 1.28 * RESNET.even_distance / np.sqrt(2) * direction / np.linalg.norm(direction)


def make_film(
    shots: Sequence[Sequence[int]], *, quality: float = 0.8, spread_unit: float = 0.45, film: int = 0
) -> FilmPeople:
    """A film of shots of 48 frames with people side by side, followed through the shot and looked at four times.

    ``spread_unit``: how far two looks at one person are apart, in even distances.
    """
    tracks, frames, rows, boxes, track_of, vectors = [], [], [], [], [], []
    for shot, people in enumerate(shots):
        start = shot * SHOT_FRAMES
        for place, person in enumerate(people):
            tracks.append(FaceTrack(shot, start, start + SHOT_FRAMES, 0.3, 0.7, 0.6, False))
            for look in range(LOOKS):
                rng = np.random.default_rng([film, shot, place, look])
                noise = rng.normal(
                    0, spread_unit * RESNET.even_distance / np.sqrt(2 * RESNET.dimensions), RESNET.dimensions
                )
                frames.append(start + 6 + 12 * look)
                rows.append(place)
                boxes.append([100 + 200 * place, 80, 180 + 200 * place, 190])
                track_of.append(len(tracks) - 1)
                vectors.append(person_middle(person) + noise)
    order = np.lexsort((rows, frames)) if frames else np.empty(0, int)
    nothing = np.full(len(frames), np.nan, np.float32)
    looks = FaceLooks(
        *[nothing] * 14, landmarks=np.full((len(frames), len(CONTOUR_COLUMNS) // 2, 2), np.nan, np.float32)
    )
    faces = FilmFaces(
        np.array(frames, np.int64)[order], np.array(rows, np.int64)[order],
        np.array(boxes, np.float32).reshape(-1, 4)[order], np.array(track_of, np.int64)[order],
        np.array(vectors, np.float32).reshape(-1, RESNET.dimensions)[order],
        np.full(len(frames), quality, np.float32), looks,
    )  # fmt: skip
    return FilmPeople(faces, tuple(tracks))


def claim(verdict: str, *, shot: int, place: int = 0, character: int | None = None, look: int = 1) -> Claim:
    """What somebody says of one look at the face at a place of a shot."""
    box = np.array([100 + 200 * place, 80, 180 + 200 * place, 190], np.float32)
    return Claim(shot * SHOT_FRAMES + 6 + 12 * look, box, verdict, character)  # type: ignore[arg-type]


def know(*keys: int, **flags) -> list[KnownCharacter]:
    """Characters that no other film shows."""
    return [KnownCharacter(key, np.empty((0, 0), np.float32), np.empty(0, np.float32), **flags) for key in keys]


def know_from_elsewhere(key: int, person: int, *, tracks: int = 5, **flags) -> KnownCharacter:
    """A character with tracks in another film."""
    noise = np.random.default_rng([99, key]).normal(0, 0.02, (tracks, RESNET.dimensions))
    return KnownCharacter(
        key, (person_middle(person) + noise).astype(np.float32), np.full(tracks, 3, np.float32), **flags
    )


def remember(recognition, keys: Sequence[int]) -> Memory:
    """The result of a recognition as the memory of the next one; ``keys`` are given to its characters in order."""
    faces = recognition.people.faces
    person = np.where(faces.track >= 0, recognition.person[faces.track], -1)
    rows = np.flatnonzero(person >= 0)
    return Memory(faces.frame_index[rows], faces.boxes[rows], np.array(keys, np.int64)[person[rows]])
