"""Faces are found wherever they stand, and nothing else is."""


from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ava.annotate.base import Detections, RgbFrames, find_detectors
from ava.annotate.faces import Faces, find_coarse_yaw
from ava.media.colour import from_bgr


@pytest.fixture(scope="module")
def faces() -> Faces:
    detector = Faces()
    detector.load({})
    return detector


def look(detector: Faces, frames: RgbFrames) -> Detections:
    return detector.detect(frames, frame_index=np.arange(len(frames)), found={})


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (16, 16), (3, 200), (90, 160)])
@pytest.mark.parametrize("fill", ["flat", "black", "noise", "grey noise"])
def test_pictures_without_a_face_give_defined_values_and_no_face(faces: Faces, size: tuple[int, int], fill: str):
    rng = np.random.default_rng(5)
    frames = {
        "flat": np.full((2, *size, 3), 120, np.uint8),
        "black": np.zeros((2, *size, 3), np.uint8),
        "noise": rng.integers(0, 256, (2, *size, 3), dtype=np.uint8),
        "grey noise": rng.integers(0, 256, (2, *size, 1), dtype=np.uint8).repeat(3, axis=3),
    }[fill]
    found = look(faces, frames)
    assert found.values.shape == (0, len(faces.columns))
    signals = faces.summarise(found, frame_index=np.arange(2), size=size[::-1])
    np.testing.assert_array_equal(signals[:, :2], 0)
    assert np.isnan(signals[:, 2:]).all()


def test_the_detector_is_found_in_its_folder():
    assert "faces" in {detector.name for detector in find_detectors()}


def test_coarse_yaw_of_a_turned_pair_of_eyes_and_a_nose():
    for yaw_deg in (-50, -20, 0, 20, 50):
        turn = np.radians(yaw_deg)
        heads = np.array([[-31.5, 0], [31.5, 0], [0, 40], [-25, 20], [25, 20]], np.float64)  # x aside, z forward
        x = heads[:, 0] * np.cos(turn) + heads[:, 1] * np.sin(turn)
        points = np.stack([x, np.array([0, 0, 40, 70, 70])], axis=1)[None].astype(np.float32)
        # Eyes and mouth lie in one plane here, the nose before it.
        points[0, 3:, 0] = heads[3:, 0] * np.cos(turn)
        assert find_coarse_yaw(points)[0] == pytest.approx(yaw_deg, abs=1)


TWO_GIRLS = ((310, 320), (84, 156))
"""Where the faces of photograph 543863 are."""


@pytest.fixture(scope="module")
def photograph(shared_data: Path) -> NDArray[np.uint8]:
    return from_bgr(cv2.imread(str(shared_data / "images/documerica/543863.jpg")))


def middles(found: Detections) -> NDArray[np.float32]:
    return (found.values[:, :2] + found.values[:, 2:4]) / 2


def test_both_faces_of_a_photograph_are_found_and_nothing_else(faces: Faces, photograph: NDArray[np.uint8]):
    found = look(faces, photograph[None])
    assert len(found.values) == 2
    for place in TWO_GIRLS:
        assert np.linalg.norm(middles(found) - place, axis=1).min() < 15


def test_a_face_24_pixels_high_is_found(faces: Faces, photograph: NDArray[np.uint8]):
    whole = look(faces, photograph[None]).values[0]
    scale = 24 / (whole[3] - whole[1])
    small = cv2.resize(photograph, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    frame = np.full((360, 640, 3), 90, np.uint8)
    frame[200 : 200 + len(small), 400 : 400 + small.shape[1]] = small
    wanted = np.array([400, 200]) + (whole[:2] + whole[2:4]) / 2 * scale
    assert np.linalg.norm(middles(look(faces, frame[None])) - wanted, axis=1).min() < 6


@pytest.mark.parametrize("turn_deg", [-90, -45, 30, 45, 90])
def test_turned_faces_are_found_with_their_roll(faces: Faces, photograph: NDArray[np.uint8], turn_deg: int):
    size = 800
    turn = cv2.getRotationMatrix2D((photograph.shape[1] / 2, photograph.shape[0] / 2), -turn_deg, 1)
    turn[:, 2] += size / 2 - np.array(photograph.shape[1::-1]) / 2
    frame = cv2.warpAffine(photograph, turn, (size, size))
    found = look(faces, frame[None])
    roll_deg = found.values[:, faces.columns.index("roll_deg")]
    for place in TWO_GIRLS:
        away = np.linalg.norm(middles(found) - (turn[:, :2] @ place + turn[:, 2]), axis=1)
        assert away.min() < 25
        assert roll_deg[np.argmin(away)] == pytest.approx(turn_deg, abs=12)


@pytest.mark.parametrize("treat", ["grey", "dark", "mirrored"])
def test_faces_are_found_in_other_light(faces: Faces, photograph: NDArray[np.uint8], treat: str):
    frame = {
        "grey": photograph.mean(axis=2, keepdims=True).repeat(3, axis=2).astype(np.uint8),
        "dark": photograph // 6,
        "mirrored": np.ascontiguousarray(photograph[:, ::-1]),
    }[treat]
    found = look(faces, frame[None])
    for x, y in TWO_GIRLS:
        x = photograph.shape[1] - x if treat == "mirrored" else x
        assert np.linalg.norm(middles(found) - (x, y), axis=1).min() < 15


def test_what_is_found_in_a_frame_does_not_depend_on_its_neighbours(faces: Faces, photograph: NDArray[np.uint8]):
    frames = np.stack([photograph, photograph[:, ::-1], photograph // 2])
    together = look(faces, frames)
    for number in range(3):
        alone = look(faces, frames[number : number + 1])
        np.testing.assert_array_equal(together.values[together.frame_index == number], alone.values)


def test_a_blurred_face_is_less_sharp(faces: Faces, photograph: NDArray[np.uint8]):
    column = faces.columns.index("sharpness")
    blurred = cv2.GaussianBlur(photograph, (0, 0), 3)
    sharp, soft = (look(faces, picture[None]).values[:, column] for picture in (photograph, blurred))
    assert soft.max() < sharp.min()
