"""What detectors would have found in a film, laid down as rows: who is seen where is known exactly."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ava.annotate.base import find_detectors
from ava.annotate.face_encoders import RESNET
from ava.annotate.shot_inspection import FACE_TRACKS, columns_of
from ava.detectors import detector_versions
from ava.models import Detection, Inspection, Shot, Video, WorkState
from ava.packing import pack_integers, pack_values
from tests.people_world import FACE_PX, person_vector

NAMES = ("faces", FACE_TRACKS, RESNET.detector)
GOOD_FACE = {"score": 0.99, "roll_deg": 0, "coarse_yaw_deg": 5, "sharpness": 0.7, "brightness": 0.5, "contrast": 0.5}


@dataclass(frozen=True)
class Sighting:
    """A person through one whole shot, with the left edge of the face; it sways, as faces do."""

    person: int
    shot: int
    x0: float = 100
    y0: float = 60

    def box(self, frame: int) -> np.ndarray:
        x0, y0 = self.x0 + 12 * np.sin(frame / 4 + self.person), self.y0 + 5 * np.cos(frame / 3)
        return np.array([x0, y0, x0 + 0.8 * FACE_PX, y0 + FACE_PX], dtype=np.float32)


@dataclass
class _Table:
    frames: list[int] = field(default_factory=list)
    values: list[np.ndarray] = field(default_factory=list)


def available(store: object) -> list:
    """The detectors whose findings are laid down; put it in the place of `ava.detectors.available_detectors`."""
    return [each for each in find_detectors() if each.name in NAMES]


def lay_down(video: Video, sightings: Sequence[Sighting], *, shots: int = 6, looks_a_shot: int = 3) -> None:
    """Save shots of equal length and one inspection in which exactly these people were found."""
    length = video.frame_count // shots
    if not video.shots.exists():
        Shot.objects.bulk_create(
            Shot(
                video=video, index=index, start_frame=index * length, end_frame=(index + 1) * length,
                transition="cut" if index else "start", scene=index // 2,
            )
            for index in range(shots)
        )  # fmt: skip
    video.inspections.all().delete()
    tables = {name: _Table() for name in NAMES}
    looks: list[int] = []
    for shot in range(shots):
        present = [(track, each) for track, each in enumerate(sightings) if each.shot == shot]
        here = np.linspace(shot * length, (shot + 1) * length - 1, looks_a_shot).round().astype(int).tolist()
        looks += here
        for frame in range(shot * length, (shot + 1) * length):
            _add_frame(tables, frame, present, is_look=frame in here)
    _save(video, tables, looks=looks)


def _add_frame(tables: dict[str, _Table], frame: int, present: list, *, is_look: bool) -> None:
    columns = columns_of("faces")
    for row, (track, sighting) in enumerate(present):
        box = sighting.box(frame)
        if is_look:
            face = np.full(len(columns), np.nan, dtype=np.float32)
            face[:4] = box
            for name, value in GOOD_FACE.items():
                face[columns.index(name)] = value
            face[columns.index("clipped")] = 0
            _add(tables["faces"], frame, face)
            _add(tables[RESNET.detector], frame, np.array(person_vector(sighting.person, sample=frame)))
        followed = np.array([*box, 0.99, track, is_look, row if is_look else -1], dtype=np.float32)
        _add(tables[FACE_TRACKS], frame, followed)


def _add(table: _Table, frame: int, values: np.ndarray) -> None:
    table.frames.append(frame)
    table.values.append(values)


def _save(video: Video, tables: dict[str, _Table], *, looks: list[int]) -> None:
    inspection = Inspection.objects.create(
        video=video, index=0, start_frame=0, end_frame=video.frame_count, state=WorkState.DONE,
        frames_done=video.frame_count, looks=pack_integers(np.array(looks, dtype=np.int64)),
    )  # fmt: skip
    versions = detector_versions()
    for name, table in tables.items():
        columns = columns_of(name)
        values = np.array(table.values, dtype=np.float32).reshape(-1, len(columns))
        Detection.objects.create(
            inspection=inspection, detector=name, version=versions[name], columns=list(columns),
            frames=pack_integers(np.array(table.frames, dtype=np.int64)), values=pack_values(values),
        )  # fmt: skip
