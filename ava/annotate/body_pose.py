"""The joints of the bodies that belong to found faces."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import Detections, RgbFrames
from ava.annotate.face_boxes import Boxes
from ava.annotate.faces import BOX, Faces
from ava.annotate.picture_square import Square, apply_map, cut_square, map_to_picture

SIDE_PX = 256
OUTPUTS = ["Identity", "Identity_1"]
VALUES, LANDMARKS = 5, 39
HIPS, REACH = 33, 34
"""Two helping points: the middle of the hips, and the edge of a circle about it that holds the whole body."""

JOINTS: Mapping[str, int] = {
    "right_shoulder": 11, "left_shoulder": 12, "right_elbow": 13, "left_elbow": 14, "right_wrist": 15,
    "left_wrist": 16, "right_hip": 23, "left_hip": 24, "right_knee": 25, "left_knee": 26, "right_ankle": 27,
    "left_ankle": 28,
}  # fmt: skip
"""Numbers of the joints; right and left are the picture's for somebody who faces the viewer."""

JOINT_COLUMNS = tuple(f"{joint}_{axis}" for joint in JOINTS for axis in ("x", "y"))
MOST_BODIES = 6
PASSES = 2
FIRST_SIDE, FIRST_DROP, REACH_MARGIN = 12.0, 4.2, 2.5
"""The first look, in heights of the face: side of the square, and its middle below that of the face; later looks take
this many times the reach that was found."""

LEAST_REACH, MOST_REACH = 1.5, 12.0
LEAST_SCORE, LEAST_VISIBLE = 0.5, 0.7
HEAD_MARGIN = 0.35


class Body(NamedTuple):
    """``joints`` ``(12, 2)`` in pixels, NaN where not seen within the picture; ``score`` 0–1."""

    joints: NDArray[np.float64]
    score: float


class BodyPose:
    """One row for each row of ``faces``, in the same order; NaN for all but the ``MOST_BODIES`` largest of a frame.

    Box around head and seen joints; ``score`` 0–1 that there is a body, below 0.5 all else is NaN; then the joints,
    NaN where not seen. BlazePose (Bazarevsky and others 2020), started from the face in place of its own detector.
    """

    name = "body_pose"
    version = 1
    columns: tuple[str, ...] = (*BOX, "score", *JOINT_COLUMNS)
    x_columns: tuple[str, ...] = ("x0", "x1", *JOINT_COLUMNS[::2])
    y_columns: tuple[str, ...] = ("y0", "y1", *JOINT_COLUMNS[1::2])
    frame_columns: tuple[str, ...] = ("count",)
    max_side_px = 640
    weights: tuple[str, ...] = ("pose-landmarks",)
    after: tuple[str, ...] = ("faces",)

    def load(self, files: Mapping[str, Path]) -> None:
        """Read the network."""
        cv2.setNumThreads(1)
        self._network = cv2.dnn.readNetFromTFLite(str(files["pose-landmarks"]))

    def detect(
        self, frames: RgbFrames, *, frame_index: NDArray[np.int64], found: Mapping[str, Detections]
    ) -> Detections:
        """Find the bodies of the faces in ``uint8 (T, H, W, 3)``; see the class for the columns."""
        none = Detections(np.empty(0, np.int64), np.empty((0, len(Faces.columns)), np.float32))
        faces = found.get("faces", none)
        values = np.full((len(faces.values), len(self.columns)), np.nan, dtype=np.float32)
        for index, rgb in zip(frame_index.tolist(), frames, strict=True):
            rows = np.flatnonzero(faces.frame_index == index)
            heights = faces.values[rows, 3] - faces.values[rows, 1]
            for row in rows[np.argsort(-heights, kind="stable")][:MOST_BODIES]:
                values[row] = self._describe(rgb, faces.values[row, :4])
        return Detections(faces.frame_index, values)

    def summarise(
        self, found: Detections, *, frame_index: NDArray[np.int64], size: tuple[int, int]
    ) -> NDArray[np.float32]:
        """``count`` of bodies with a score of 0.5 or more."""
        seen = found.frame_index[found.values[:, 4] >= LEAST_SCORE]
        return np.array([[np.count_nonzero(seen == index)] for index in frame_index], np.float32).reshape(-1, 1)

    def _describe(self, rgb: NDArray[np.uint8], face: NDArray[np.float32]) -> NDArray[np.float32]:
        body = self._find(rgb, face)
        values = np.full(len(self.columns), np.nan, dtype=np.float32)
        values[4] = body.score
        if body.score >= LEAST_SCORE:
            values[:4] = _bound(body.joints, face, size=(rgb.shape[1], rgb.shape[0]))
            values[5:] = body.joints.ravel()
        return values

    def _find(self, rgb: NDArray[np.uint8], face: NDArray[np.float32]) -> Body:
        height = max(float(face[3] - face[1]), 1.0)
        middle = (face[:2].astype(np.float64) + face[2:]) / 2
        square = Square(middle + np.array([0, FIRST_DROP * height]), FIRST_SIDE * height)
        for _ in range(PASSES):
            to_picture = map_to_picture(square, side_px=SIDE_PX)
            self._network.setInput(cut_square(rgb, to_picture, side_px=SIDE_PX))
            flat, score = self._network.forward(OUTPUTS)
            landmarks = flat.reshape(LANDMARKS, VALUES).astype(np.float64)
            points = apply_map(to_picture, landmarks[:, :2])
            reach = float(np.linalg.norm(points[REACH] - points[HIPS]))
            if LEAST_REACH * height < reach < MOST_REACH * height:
                square = Square(points[HIPS], REACH_MARGIN * reach)
        chosen = list(JOINTS.values())
        # Two logits a point: that it is not hidden, and that it lies within the square.
        surely = 1 / (1 + np.exp(-np.clip(landmarks[chosen, 3:5], -30, 30))).min(axis=1)
        joints = points[chosen]
        within = ((joints >= 0) & (joints <= (rgb.shape[1], rgb.shape[0]))).all(axis=1)
        joints[~within | (surely < LEAST_VISIBLE)] = np.nan
        return Body(joints, float(score.ravel()[0]))


def _bound(joints: NDArray[np.float64], face: NDArray[np.float32], *, size: tuple[int, int]) -> Boxes:
    """The box around a head and the joints that are seen, within the picture."""
    margin = HEAD_MARGIN * float(face[3] - face[1])
    seen = joints[~np.isnan(joints).any(axis=1)]
    points = np.concatenate([face.reshape(2, 2).astype(np.float64), seen])
    low, high = points.min(axis=0) - margin, points.max(axis=0) + margin
    bounds: Boxes = np.clip(np.concatenate([low, high]), 0, [*size, *size]).astype(np.float32)
    return bounds
