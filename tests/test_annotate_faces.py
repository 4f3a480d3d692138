"""Faces are found wherever they stand, and nothing else is."""


import numpy as np
import pytest

from ava.annotate.base import Detections, RgbFrames, find_detectors
from ava.annotate.faces import Faces, find_coarse_yaw


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
