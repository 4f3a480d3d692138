"""The two operators that torchvision's own Python code asks for, where its compiled part cannot be loaded."""

import importlib
import importlib.util
import sys
from pathlib import Path
from typing import Any

SIGNATURE = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
NAMES = ("nms", "qnms")

_kept: list[Any] = []
"""Holds the library: torch forgets its operators when it is collected."""


def provide_torchvision_operators() -> bool:
    """Define ``torchvision::nms`` and ``torchvision::qnms`` unless torchvision's compiled part brings them.

    Call it before the first ``import torchvision``; later calls do nothing. torchvision's wheels are linked to
    CUDA: beside a torch without it their compiled part does not load, and the import fails with "operator
    torchvision::nms does not exist". Returns True when the operators defined here are in use.
    """
    if not _kept and "torchvision" not in sys.modules and not _compiled_part_loads():
        _define()
    return bool(_kept)


def _compiled_part_loads() -> bool:
    torch: Any = importlib.import_module("torch")

    spec = importlib.util.find_spec("torchvision")
    if spec is None or spec.origin is None:
        return False
    for library in sorted(Path(spec.origin).parent.glob("_C.*")):
        try:
            torch.ops.load_library(str(library))
        except OSError:
            continue
        return True
    return False


def _define() -> None:
    torch: Any = importlib.import_module("torch")

    library = torch.library.Library("torchvision", "DEF")
    for name in NAMES:
        library.define(f"{name}{SIGNATURE}")
        library.impl(name, suppress_overlapping, "CompositeExplicitAutograd")
    _kept.append(library)
    # Its box functions ask whether the compiled part is there, not whether the operator is.
    boxes: Any = importlib.import_module("torchvision.ops.boxes")
    boxes._assert_has_ops = lambda: None


def suppress_overlapping(dets: Any, scores: Any, iou_threshold: float) -> Any:
    """Keep the best of boxes that overlap: greedy non-maximum suppression on torch tensors.

    ``dets`` ``(N, 4)`` as x0, y0, x1, y1, ``scores`` ``(N,)``. Returns the kept rows' numbers ``int64 (K,)``, best
    first; of equal scores the earlier row is the better. A box falls when its intersection over union with a kept
    one is greater than ``iou_threshold``.
    """
    import torch

    order = torch.argsort(scores, descending=True, stable=True)
    boxes = dets[order].to(torch.float64)
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    alive = torch.ones(len(boxes), dtype=torch.bool, device=boxes.device)
    for best in range(len(boxes)):
        if not alive[best]:
            continue
        rest = boxes[best + 1 :]
        low, high = torch.maximum(boxes[best, :2], rest[:, :2]), torch.minimum(boxes[best, 2:], rest[:, 2:])
        shared = (high - low).clamp(min=0).prod(dim=1)
        union = area[best] + area[best + 1 :] - shared
        alive[best + 1 :] &= ~(shared > iou_threshold * union)
    return order[alive]
