"""People: whose body belongs to which face, and how near they are shown."""

from pathlib import Path

import numpy as np
import pytest

from ava.annotate.base import Detections
from ava.annotate.body_pose import BodyPose
from ava.annotate.faces import Faces
from ava.annotate.people import CLOSE_UP, FRAMING_NAMES, FULL_BODY, NOBODY, UPPER_BODY, People
from tests.bench.accuracy_faces import read_photograph
from tests.bench.face_labels import WITHOUT_PEOPLE


@pytest.fixture(scope="module")
def people() -> People:
    detector = People()
    detector.load({})
    return detector


def faces_at(*boxes: tuple[float, float, float, float]) -> Detections:
    values = np.full((len(boxes), len(Faces.columns)), np.nan, np.float32)
    values[:, :4], values[:, 4] = np.reshape(boxes, (-1, 4)), 0.99
    return Detections(np.zeros(len(boxes), np.int64), values)


def look(people: People, picture, faces: Detections, bodies: Detections | None = None):
    found = {"faces": faces} | ({"body_pose": bodies} if bodies is not None else {})
    rows = people.detect(picture[None], frame_index=np.array([0]), found=found)
    return rows, people.summarise(rows, frame_index=np.array([0]), size=picture.shape[1::-1])[0]


@pytest.mark.parametrize(("height", "framing"), [(160, CLOSE_UP), (60, UPPER_BODY)])
def test_framing_follows_from_the_size_of_the_face(people: People, height: int, framing: int):
    picture = np.full((360, 640, 3), 100, np.uint8)
    rows, signals = look(people, picture, faces_at((300, 60, 300 + 0.8 * height, 60 + height)))
    assert len(rows.values) == 1
    assert rows.values[0, 5] == signals[0] == framing
    assert rows.values[0, 6] == 0
    assert (rows.values[0, :2] >= 0).all()
    assert (rows.values[0, 2:4] <= (640, 360)).all()


def test_seen_ankles_make_a_full_body(people: People):
    picture = np.full((360, 640, 3), 100, np.uint8)
    body = np.full((1, len(BodyPose.columns)), np.nan, np.float32)
    body[0, :5] = 280, 20, 360, 350, 0.9
    body[0, -2:] = 320, 345
    rows, signals = look(people, picture, faces_at((300, 30, 330, 66)), Detections(np.array([0]), body))
    assert signals[0] == FULL_BODY
    np.testing.assert_allclose(rows.values[0, :4], body[0, :4])


def test_a_frame_without_anybody_has_the_framing_nobody(people: People):
    rows, signals = look(people, np.full((360, 640, 3), 100, np.uint8), faces_at())
    assert len(rows.values) == 0
    assert FRAMING_NAMES[int(signals[0])] == FRAMING_NAMES[NOBODY]
    assert signals[1] == signals[2] == 0


@pytest.mark.parametrize("size", [(1, 1), (16, 16), (3, 200), (130, 70)])
def test_noise_and_tiny_pictures_give_defined_values(people: People, size: tuple[int, int]):
    rng = np.random.default_rng(2)
    frames = rng.integers(0, 256, (2, *size, 3), dtype=np.uint8)
    rows = people.detect(frames, frame_index=np.arange(2), found={})
    assert rows.values.shape == (len(rows.frame_index), len(people.columns))
    assert np.isfinite(people.summarise(rows, frame_index=np.arange(2), size=size[::-1])).all()


def test_bodies_are_seldom_seen_where_nobody_is(people: People, shared_data: Path):
    pictures = [read_photograph(shared_data / "images" / name) for name in WITHOUT_PEOPLE[:20]]
    counts = [look(people, picture, faces_at())[1][1] for picture in pictures]
    assert np.mean(counts) <= 0.1


def test_joints_of_people_who_stand_are_found_from_their_faces(shared_data: Path, model_files):
    detector, faces = BodyPose(), Faces()
    detector.load(model_files(detector.weights))
    faces.load({})
    picture = read_photograph(shared_data / "images/documerica/545607.jpg")  # one man, standing
    found = faces.detect(picture[None], frame_index=np.array([0]), found={})
    bodies = detector.detect(picture[None], frame_index=np.array([0]), found={"faces": found})
    body = dict(zip(detector.columns, bodies.values[0].tolist(), strict=True))
    assert body["score"] > 0.5
    assert body["left_shoulder_y"] < body["left_hip_y"] < body["left_knee_y"] < body["left_ankle_y"]
    assert body["y1"] - body["y0"] > 400
