"""Nudity: which parts of bodies a picture shows, and whether they are bare."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import Detections, RgbFrames, stack_rows

SIDE_PX = 320
LEAST_SCORE = 0.25
MOST_OVERLAP = 0.45

PART_NAMES: Mapping[int, str] = MappingProxyType(
    dict(
        enumerate(
            (
                "female genitalia covered",
                "female face",
                "buttocks exposed",
                "female breast exposed",
                "female genitalia exposed",
                "male breast exposed",
                "anus exposed",
                "feet exposed",
                "belly covered",
                "feet covered",
                "armpits covered",
                "armpits exposed",
                "male face",
                "belly exposed",
                "male genitalia exposed",
                "anus covered",
                "female breast covered",
                "buttocks covered",
            )
        )
    )
)
"""What the numbers of the ``part`` column mean."""

EXPLICIT_PARTS = (2, 3, 4, 6, 14)
"""Parts whose exposure makes a picture nude; a bare belly or a man's bare chest does not."""


class Nudity:
    """One row a body part: ``x0 y0 x1 y1``, ``score`` 0.25–1 and ``part``, a number of ``PART_NAMES``.

    Of a frame: ``probability``, the best score of an exposed intimate part (0 where none is found), and ``parts``,
    how many parts of ``EXPLICIT_PARTS`` there are.

    NudeNet's network (Bedapudi 2019, version 3.4), a YOLOv8 (Jocher et al. 2023).
    """

    name = "nudity"
    version = 1
    columns: tuple[str, ...] = ("x0", "y0", "x1", "y1", "score", "part")
    x_columns: tuple[str, ...] = ("x0", "x1")
    y_columns: tuple[str, ...] = ("y0", "y1")
    frame_columns: tuple[str, ...] = ("probability", "parts")
    max_side_px = SIDE_PX
    weights: tuple[str, ...] = ("nudenet",)
    after: tuple[str, ...] = ()

    def __init__(self) -> None:
        self._session: Any = None

    def load(self, files: Mapping[str, Path]) -> None:
        """Open the network on one thread."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(files["nudenet"]), options, providers=["CPUExecutionProvider"]
        )

    def detect(
        self, frames: RgbFrames, *, frame_index: NDArray[np.int64], found: Mapping[str, Detections]
    ) -> Detections:
        """Find body parts in ``uint8 (T, H, W, 3)``; raises ``RuntimeError`` before ``load``."""
        if self._session is None:
            raise RuntimeError("Call `load` with the model file before looking for nudity.")
        rows = [self._find(frame) for frame in frames]
        return stack_rows(rows, frame_index=frame_index, columns=len(self.columns))

    def summarise(
        self, found: Detections, *, frame_index: NDArray[np.int64], size: tuple[int, int]
    ) -> NDArray[np.float32]:
        """Give ``float32 (F, 2)``; see the class for units and ranges."""
        values = np.zeros((len(frame_index), len(self.frame_columns)), dtype=np.float32)
        explicit = np.isin(found.values[:, 5], EXPLICIT_PARTS)
        for row, index in enumerate(frame_index):
            scores = found.values[explicit & (found.frame_index == index), 4]
            values[row] = scores.max(initial=0.0), len(scores)
        return values

    def _find(self, frame: NDArray[np.uint8]) -> NDArray[np.float32]:
        square, scale = fit_into_square(frame, side_px=SIDE_PX)
        pixels = np.ascontiguousarray(square.transpose(2, 0, 1)[None], dtype=np.float32) / np.float32(255)
        answer = np.asarray(self._session.run(None, {self._session.get_inputs()[0].name: pixels})[0])[0]
        return decode_parts(answer, scale=scale, size=(frame.shape[1], frame.shape[0]))


def fit_into_square(rgb: NDArray[np.uint8], *, side_px: int) -> tuple[NDArray[np.uint8], float]:
    """Scale ``uint8 (H, W, 3)`` to fill a black square of ``side_px`` from its top left corner; also the scale."""
    height, width = rgb.shape[:2]
    scale = side_px / max(height, width)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    square = np.zeros((side_px, side_px, 3), dtype=np.uint8)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    square[: size[1], : size[0]] = cv2.resize(rgb, size, interpolation=method)
    return square, scale


def decode_parts(answer: NDArray[np.float32], *, scale: float, size: tuple[int, int]) -> NDArray[np.float32]:
    """Rows ``float32 (N, 6)`` x0, y0, x1, y1, score, part from a network's answer ``float32 (4 + parts, anchors)``.

    The answer holds centre x, centre y, width and height in pixels of the square, and a score 0–1 of each part. Of
    boxes of any part that overlap by more than 45 % the best remains. ``size`` is the frame's (width, height), to
    which boxes are cut.
    """
    scores = answer[4:].max(axis=0)
    kept = scores >= LEAST_SCORE
    scores, parts = scores[kept], answer[4:, kept].argmax(axis=0)
    centre, side = answer[:2, kept].T / scale, answer[2:4, kept].T / scale
    low, high = centre - side / 2, centre + side / 2
    corners = np.clip(np.concatenate([low, high], axis=1), 0, np.array([*size, *size]))
    corners_and_sides = np.concatenate([low, side], axis=1)
    best = cv2.dnn.NMSBoxes(corners_and_sides.tolist(), scores.tolist(), LEAST_SCORE, MOST_OVERLAP)
    chosen = np.asarray(best, dtype=np.int64).reshape(-1)
    rows = np.concatenate([corners, scores[:, None], parts[:, None]], axis=1)[chosen]
    seen = (rows[:, 2] > rows[:, 0]) & (rows[:, 3] > rows[:, 1])
    return np.asarray(rows[seen], dtype=np.float32).reshape(-1, 6)
