"""Casts made for tests: characters with tracks, faces, vectors and portraits, without any film being analysed."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ava.annotate.face_encoders import RESNET
from ava.models import Shot, Title, Video
from curation.models import Character, Face, FaceTrack
from curation.people_selectors import cast_scope

FACE_PX = 90


@dataclass(frozen=True)
class Cast:
    scope: Title
    characters: list[Character]


def make_character(title: Title, *, number: int | None = None, **fields) -> Character:
    scope = cast_scope(title)
    return Character.objects.create(scope=scope, number=number or scope.characters.count() + 1, **fields)


def person_vector(person: int, *, sample: int = 0, spread: float = 0.02) -> list[float]:
    """One of the vectors of a person: those of one are near one another, those of two are far apart (about 0.9)."""
    middle = np.random.default_rng(person).normal(size=RESNET.dimensions)
    noise = np.random.default_rng([person, sample]).normal(size=RESNET.dimensions)
    return (0.64 * middle / np.linalg.norm(middle) + spread * noise).astype(np.float32).tolist()


def draw_portrait(person: int, *, side_px: int = 160) -> bytes:
    """A drawn head on a ground of its person's own colour, as JPEG."""
    hue = (person * 47) % 180
    ground = cv2.cvtColor(np.full((1, 1, 3), (hue, 90, 150), np.uint8), cv2.COLOR_HSV2BGR)[0, 0]
    picture = np.full((side_px, side_px, 3), ground, np.uint8)
    middle, r = side_px // 2, side_px // 3
    cv2.ellipse(picture, (middle, middle), (int(r * 0.8), r), 0, 0, 360, (150, 175, 215), -1, cv2.LINE_AA)
    for side in (-1, 1):
        cv2.circle(picture, (middle + side * r // 3, middle - r // 5), r // 9, (40, 40, 40), -1, cv2.LINE_AA)
    cv2.ellipse(picture, (middle, middle + r // 2), (r // 3, r // 8), 0, 0, 180, (60, 60, 160), 3, cv2.LINE_AA)
    return cv2.imencode(".jpg", picture)[1].tobytes()


def make_track(
    video: Video,
    *,
    person: int,
    character: Character | None,
    start_frame: int,
    end_frame: int,
    shot_index: int = 0,
    looks: Sequence[int] = (),
    x0: float = 100,
    sample: int = 0,
    **fields,
) -> FaceTrack:
    """A track whose face is seen in `looks` (default: its first frame), with a vector of the person."""
    defaults = {
        "confidence": 0.95 if character else None, "height_unit": FACE_PX / video.height, "centrality_unit": 0.7,
        "sharpness_unit": 0.6, "encoder": RESNET.detector, "vector": person_vector(person, sample=sample),
        "weight": 1.0, "portrait": draw_portrait(person),
    }  # fmt: skip
    track = FaceTrack.objects.create(
        video=video, character=character, shot_index=shot_index, start_frame=start_frame, end_frame=end_frame,
        **(defaults | fields),
    )  # fmt: skip
    Face.objects.bulk_create(
        Face(
            track=track, frame_index=look, row=int(x0 > 200), x0=x0, y0=60, x1=x0 + FACE_PX * 0.8, y1=60 + FACE_PX,
            score=0.99, quality=0.8, expression=0.7,
        )
        for look in looks or [start_frame]
    )  # fmt: skip
    return track


def make_cast(video: Video, *, people: int = 3, shots: int = 12, seed: int = 1) -> Cast:
    """A film's cast: shots of equal length, persons who appear less often the higher their number, often in pairs.

    Makes the shots as well when the video has none.
    """
    rng = np.random.default_rng(seed)
    length = video.frame_count // shots
    if not video.shots.exists():
        Shot.objects.bulk_create(
            Shot(
                video=video, index=index, start_frame=index * length, end_frame=(index + 1) * length,
                transition="cut" if index else "start", scene=index // 3,
            )
            for index in range(shots)
        )  # fmt: skip
    characters = [make_character(video.title) for _ in range(people)]
    chances = 1 / np.arange(1, people + 1)
    for index in range(shots):
        present = rng.choice(people, size=min(2, people), replace=False, p=chances / chances.sum())
        for place, person in enumerate(sorted(present.tolist())):
            start, end = index * length, (index + 1) * length
            make_track(
                video, person=person, character=characters[person], start_frame=start, end_frame=end,
                shot_index=index, looks=sorted({start, (start + end) // 2}), x0=100 + 250 * place, sample=index,
            )  # fmt: skip
    return Cast(cast_scope(video.title), characters)
