"""Objects: which of the 80 kinds of COCO are in a picture, and where."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import Detections, RgbFrames, stack_rows
from ava.annotate.box_cover import covered_unit

LEAST_SCORE = 0.5
"""Probability from which an object is reported."""

# COCO numbers its kinds 1–90 and leaves ten numbers out (Lin et al. 2014, "Microsoft COCO").
_LEFT_OUT = (12, 26, 29, 30, 45, 66, 68, 69, 71, 83)
_LIST = (
    "person, bicycle, car, motorcycle, airplane, bus, train, truck, boat, traffic light, fire hydrant, stop sign, "
    "parking meter, bench, bird, cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe, backpack, umbrella, "
    "handbag, tie, suitcase, frisbee, skis, snowboard, sports ball, kite, baseball bat, baseball glove, skateboard, "
    "surfboard, tennis racket, bottle, wine glass, cup, fork, knife, spoon, bowl, banana, apple, sandwich, orange, "
    "broccoli, carrot, hot dog, pizza, donut, cake, chair, couch, potted plant, bed, dining table, toilet, tv, laptop, "
    "mouse, remote, keyboard, cell phone, microwave, oven, toaster, sink, refrigerator, book, clock, vase, scissors, "
    "teddy bear, hair drier, toothbrush"
)
_NUMBERS = [number for number in range(1, 91) if number not in _LEFT_OUT]
OBJECT_NAMES: Mapping[int, str] = MappingProxyType(dict(zip(_NUMBERS, _LIST.split(", "), strict=True)))
"""What the numbers of the ``kind`` column mean."""

_CLASSES = 91


class Objects:
    """One row an object: ``x0 y0 x1 y1``, ``score`` 0.5–1 and ``kind``, a number of ``OBJECT_NAMES``.

    Of a frame: ``count`` of objects, ``kinds`` that differ, ``area`` share under their boxes.

    Faster R-CNN (Ren, He, Girshick & Sun 2015) on a MobileNetV3 (Howard et al. 2019) with a feature pyramid, as
    torchvision builds it.
    """

    name = "objects"
    version = 1
    columns: tuple[str, ...] = ("x0", "y0", "x1", "y1", "score", "kind")
    x_columns: tuple[str, ...] = ("x0", "x1")
    y_columns: tuple[str, ...] = ("y0", "y1")
    frame_columns: tuple[str, ...] = ("count", "kinds", "area")
    max_side_px = 640
    weights: tuple[str, ...] = ("objects-fasterrcnn",)
    after: tuple[str, ...] = ()

    def __init__(self) -> None:
        self._network: Any = None

    def load(self, files: Mapping[str, Path]) -> None:
        """Build the network and fill it; raises ``RuntimeError`` when the file does not hold its parameters."""
        import torch

        from ava.annotate.compute_device import prepare_torch
        from ava.annotate.torchvision_operators import provide_torchvision_operators

        prepare_torch()
        provide_torchvision_operators()
        from torchvision.models.detection import fasterrcnn_mobilenet_v3_large_320_fpn

        network = fasterrcnn_mobilenet_v3_large_320_fpn(
            weights=None, weights_backbone=None, num_classes=_CLASSES, box_score_thresh=LEAST_SCORE
        )
        network.load_state_dict(torch.load(files["objects-fasterrcnn"], map_location="cpu", weights_only=True))
        self._network = network.eval()

    def detect(
        self, frames: RgbFrames, *, frame_index: NDArray[np.int64], found: Mapping[str, Detections]
    ) -> Detections:
        """Find the objects of ``uint8 (T, H, W, 3)``; raises ``RuntimeError`` before ``load``."""
        if self._network is None:
            raise RuntimeError("Call `load` with the model file before looking for objects.")
        # One frame at a time: in a batch the last bits of a frame would depend on its neighbours.
        rows = [self._find(frame) for frame in frames]
        return stack_rows(rows, frame_index=frame_index, columns=len(self.columns))

    def summarise(
        self, found: Detections, *, frame_index: NDArray[np.int64], size: tuple[int, int]
    ) -> NDArray[np.float32]:
        """Give ``float32 (F, 3)``; see the class for units and ranges."""
        values = np.zeros((len(frame_index), len(self.frame_columns)), dtype=np.float32)
        for row, index in enumerate(frame_index):
            objects = found.values_at(index)
            values[row] = len(objects), len(np.unique(objects[:, 5])), covered_unit(objects[:, :4], size=size)
        return values

    def _find(self, frame: NDArray[np.uint8]) -> NDArray[np.float32]:
        import torch

        pixels = torch.from_numpy(frame.transpose(2, 0, 1).astype(np.float32) / np.float32(255))
        with torch.inference_mode():
            found = self._network([pixels])[0]
        columns = (found["boxes"].numpy(), found["scores"].numpy()[:, None], found["labels"].numpy()[:, None])
        return np.concatenate(columns, axis=1).astype(np.float32)
