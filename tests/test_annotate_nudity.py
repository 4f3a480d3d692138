"""Nudity: what the network is shown, how its answer is read, and what it means for a frame."""

from pathlib import Path

import numpy as np
import pytest

from ava.annotate.base import Detections
from ava.annotate.nudity import EXPLICIT_PARTS, PART_NAMES, Nudity, decode_parts
from tests.tiny_onnx import node, write_onnx

RED, GREEN, BLUE = 3, 13, 7  # parts whose scores tell the mean of a channel of the square
BOX = (160.0, 80.0, 100.0, 40.0)


@pytest.fixture
def detector(tmp_path: Path) -> Nudity:
    """A network with one anchor, whose scores are the means of the red, green and blue that it is shown."""
    reads = np.zeros((1, 18, 3))
    reads[0, (RED, GREEN, BLUE), (0, 1, 2)] = 1
    path = write_onnx(
        tmp_path / "tiny.onnx",
        nodes=[
            node("ReduceMean", ["images"], "mean", axes=[2, 3], keepdims=0),
            node("Reshape", ["mean", "column"], "channels"),
            node("MatMul", ["reads", "channels"], "scores"),
            node("Concat", ["box", "scores"], "output0", axis=1),
        ],
        constants={
            "column": np.array([1, 3, 1]),
            "reads": reads,
            "box": np.array(BOX).reshape(1, 4, 1),
        },
        inputs={"images": (1, 3, 320, 320)},
        outputs={"output0": (1, 22, 1)},
    )
    nudity = Nudity()
    nudity.load({"nudenet": path})
    return nudity


def plain(colour: tuple[int, int, int], *, height: int = 80, width: int = 160) -> np.ndarray:
    return np.full((1, height, width, 3), colour, dtype=np.uint8)


def look(detector: Nudity, frames: np.ndarray) -> Detections:
    return detector.detect(frames, frame_index=np.arange(len(frames)), found={})


@pytest.mark.parametrize(("colour", "part"), [((255, 0, 0), RED), ((0, 255, 0), GREEN), ((0, 0, 255), BLUE)])
def test_the_network_is_shown_rgb_in_a_square_padded_with_black(detector: Nudity, colour, part: int) -> None:
    found = look(detector, plain(colour))
    assert found.values[:, 5].tolist() == [part]
    assert found.values[0, 4] == pytest.approx(0.5), "half the square is the picture, half is black"


def test_boxes_come_back_in_pixels_of_the_frame(detector: Nudity) -> None:
    found = look(detector, plain((255, 0, 0)))
    np.testing.assert_allclose(found.values[0, :4], [55, 30, 105, 50])


def test_weak_answers_are_left_out_and_boxes_end_at_the_frame(detector: Nudity) -> None:
    assert len(look(detector, plain((120, 0, 0))).values) == 0
    tall = look(detector, plain((0, 255, 0), height=320, width=160)).values
    np.testing.assert_allclose(tall[0, :4], [110, 60, 160, 100])


def test_of_overlapping_boxes_the_best_remains() -> None:
    answer = np.zeros((22, 3), dtype=np.float32)
    answer[:4] = [[100, 104, 250], [100, 100, 100], [80, 80, 40], [60, 60, 40]]
    answer[4 + 2] = [0.6, 0.8, 0.3]
    rows = decode_parts(answer, scale=1.0, size=(320, 320))
    np.testing.assert_allclose(rows[:, 4], [0.8, 0.3], rtol=1e-6)


def test_only_intimate_parts_make_a_frame_nude() -> None:
    rows = np.array([[0, 0, 9, 9, 0.9, 5], [0, 0, 9, 9, 0.6, 3], [0, 0, 9, 9, 0.7, 13]], dtype=np.float32)
    found = Detections(np.array([1, 1, 2]), rows)
    summary = Nudity().summarise(found, frame_index=np.array([1, 2, 3]), size=(10, 10))
    np.testing.assert_allclose(summary, [[0.6, 1], [0, 0], [0, 0]])
    assert {PART_NAMES[part] for part in EXPLICIT_PARTS} == {
        "anus exposed",
        "buttocks exposed",
        "female breast exposed",
        "female genitalia exposed",
        "male genitalia exposed",
    }


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (16, 16), (3, 200), (200, 3)])
@pytest.mark.filterwarnings("error")
def test_any_picture_is_accepted(detector: Nudity, size: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (2, *size, 3), dtype=np.uint8)
    for frames in (noise, plain((90, 90, 90), height=size[0], width=size[1])):
        found = look(detector, frames)
        assert np.isfinite(found.values).all()
        assert detector.summarise(found, frame_index=np.arange(len(frames)), size=size[::-1]).shape == (len(frames), 2)
