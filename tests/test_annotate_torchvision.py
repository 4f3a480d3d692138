"""torchvision can be used beside a torch that its compiled part does not fit."""

import subprocess
import sys

import numpy as np

from ava.annotate.face_boxes import keep_best
from ava.annotate.torchvision_operators import provide_torchvision_operators, suppress_overlapping


def test_torchvision_imports_and_suppresses_boxes_in_a_fresh_process():
    program = (
        "from ava.annotate.torchvision_operators import provide_torchvision_operators as provide\n"
        "first = provide(); assert provide() == first\n"
        "import torch, torchvision\n"
        "from torchvision.ops import batched_nms, nms\n"
        "boxes = torch.tensor([[0, 0, 10, 10], [1, 1, 11, 11], [50, 50, 60, 60.]])\n"
        "scores = torch.tensor([0.8, 0.9, 0.7])\n"
        "print(nms(boxes, scores, 0.5).tolist(), batched_nms(boxes, scores, torch.tensor([0, 1, 1]), 0.5).tolist())"
    )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert finished.stdout.strip() == "[1, 2] [1, 0, 2]", finished.stderr


def test_both_suppressions_keep_the_same_boxes():
    provide_torchvision_operators()
    import torch

    rng = np.random.default_rng(3)
    corners = rng.uniform(0, 80, (200, 2))
    boxes = np.hstack([corners, corners + rng.uniform(5, 30, (200, 2))]).astype(np.float32)
    scores = np.round(rng.uniform(0, 1, 200), 2).astype(np.float32)
    kept = suppress_overlapping(torch.from_numpy(boxes), torch.from_numpy(scores), 0.4)
    np.testing.assert_array_equal(kept.numpy(), keep_best(boxes, scores, overlap=0.4))
    assert 10 < len(kept) < 200


def test_nothing_to_suppress_keeps_nothing():
    assert len(keep_best(np.empty((0, 4), np.float32), np.empty(0), overlap=0.5)) == 0
