"""Objects: the network is built, filled from a file, and its boxes come back in the frame's pixels."""

from pathlib import Path

import numpy as np
import pytest

from ava.annotate.base import Detections
from ava.annotate.objects import LEAST_SCORE, OBJECT_NAMES, Objects
from ava.annotate.torchvision_operators import provide_torchvision_operators

NOTHING = Detections(np.empty(0, dtype=np.int64), np.empty((0, 6), dtype=np.float32))
DOG = next(number for number, name in OBJECT_NAMES.items() if name == "dog")


@pytest.fixture(scope="module")
def weights_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random parameters of the real architecture, but for the last layer: it calls every proposal a dog."""
    import torch

    provide_torchvision_operators()
    from torchvision.models.detection import fasterrcnn_mobilenet_v3_large_320_fpn

    torch.manual_seed(1)
    network = fasterrcnn_mobilenet_v3_large_320_fpn(weights=None, weights_backbone=None, num_classes=91)
    state = network.state_dict()
    for part in ("cls_score", "bbox_pred"):
        state[f"roi_heads.box_predictor.{part}.weight"].zero_()
        state[f"roi_heads.box_predictor.{part}.bias"].zero_()
    state["roi_heads.box_predictor.cls_score.bias"][DOG] = 8.0
    path = tmp_path_factory.mktemp("weights") / "objects.pth"
    torch.save(state, path)
    return path


@pytest.fixture(scope="module")
def detector(weights_file: Path) -> Objects:
    objects = Objects()
    objects.load({"objects-fasterrcnn": weights_file})
    return objects


def noise(frames: int, *, height: int, width: int) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (frames, height, width, 3), dtype=np.uint8)


def test_names_are_cocos_eighty_at_cocos_numbers() -> None:
    assert len(OBJECT_NAMES) == 80
    assert {1: "person", 3: "car", 18: "dog", 44: "bottle", 67: "dining table", 90: "toothbrush"}.items() <= (
        OBJECT_NAMES.items()
    )


def test_boxes_scores_and_kinds_come_from_the_file(detector: Objects) -> None:
    found = detector.detect(noise(2, height=180, width=320), frame_index=np.array([7, 9]), found={})
    assert set(found.frame_index) == {7, 9}
    assert (found.values[:, 5] == DOG).all()
    assert np.exp(8) / (np.exp(8) + 90) == pytest.approx(found.values[:, 4], abs=1e-4)
    boxes = found.values[:, :4]
    assert (boxes >= 0).all() and (boxes[:, 2] <= 320).all() and (boxes[:, 3] <= 180).all()
    assert (boxes[:, 2:] > boxes[:, :2]).all()
    assert boxes[:, 2].max() > 250, "boxes must be scaled from the network's size to the frame's"


def test_what_the_network_doubts_is_not_reported(weights_file: Path, tmp_path: Path) -> None:
    import torch

    state = torch.load(weights_file, weights_only=True)
    state["roi_heads.box_predictor.cls_score.bias"][DOG] = np.log(90 * LEAST_SCORE / (1 - LEAST_SCORE)) - 0.01
    torch.save(state, tmp_path / "doubt.pth")
    objects = Objects()
    objects.load({"objects-fasterrcnn": tmp_path / "doubt.pth"})
    assert len(objects.detect(noise(1, height=90, width=160), frame_index=np.array([0]), found={}).values) == 0


def test_a_frame_alone_gives_what_it_gives_among_others(detector: Objects) -> None:
    frames = noise(3, height=90, width=160)
    whole = detector.detect(frames, frame_index=np.arange(3), found={})
    alone = detector.detect(frames[1:2], frame_index=np.array([1]), found={})
    np.testing.assert_array_equal(whole.values[whole.frame_index == 1], alone.values)


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (16, 16), (3, 200)])
@pytest.mark.filterwarnings("error")
def test_any_picture_is_accepted(detector: Objects, size: tuple[int, int]) -> None:
    for frames in (noise(1, height=size[0], width=size[1]), np.full((1, *size, 3), 90, dtype=np.uint8)):
        found = detector.detect(frames, frame_index=np.array([0]), found={})
        assert np.isfinite(found.values).all()


def test_a_wrong_file_is_refused(tmp_path: Path) -> None:
    import torch

    torch.save({"something": torch.zeros(1)}, tmp_path / "wrong.pth")
    with pytest.raises(RuntimeError):
        Objects().load({"objects-fasterrcnn": tmp_path / "wrong.pth"})


def test_frames_are_summed_up_and_empty_ones_have_a_row() -> None:
    rows = np.array([[0, 0, 50, 40, 0.9, DOG], [25, 0, 100, 40, 0.8, DOG], [0, 40, 100, 80, 0.7, 1]], dtype=np.float32)
    found = Detections(np.array([4, 4, 6]), rows)
    summary = Objects().summarise(found, frame_index=np.array([4, 5, 6]), size=(100, 80))
    np.testing.assert_allclose(summary, [[2, 1, 0.5], [0, 0, 0], [1, 1, 0.5]])
    assert Objects().summarise(NOTHING, frame_index=np.array([1]), size=(10, 10)).tolist() == [[0, 0, 0]]
