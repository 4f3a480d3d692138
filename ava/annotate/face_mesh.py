"""Landmarks, pose and expression of every face that the faces detector has found."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import Detections, RgbFrames
from ava.annotate.expression import Expression, measure_expression
from ava.annotate.face_landmarks import FaceLandmarks, LandmarkNetworks
from ava.annotate.faces import POINT_COLUMNS, Faces
from ava.annotate.head_pose import correct_angles, find_head_pose, to_frontal

LEAST_SCORE = 0.5
LIDS = (0, 2, 4, 6, 8, 14, 12, 10)
"""Of an eye's 16 lid points, from the outer corner round along the lower and back along the upper lid."""

MESH_CONTOURS: Mapping[str, tuple[int, ...]] = {
    "left_brow": (70, 105, 107),
    "right_brow": (336, 334, 300),
    "lips": (61, 40, 0, 270, 291, 321, 17, 91),
    "nose": (168, 98, 4, 327),
    "jaw": (234, 58, 150, 152, 379, 288, 454),
}
CONTOURS: Mapping[str, int] = {
    "left_eye": len(LIDS),
    "right_eye": len(LIDS),
    **{name: len(points) for name, points in MESH_CONTOURS.items()},
}
"""Lines for drawing and how many points each has; the columns are ``lips_0_x``, ``lips_0_y``, ``lips_1_x`` …"""

CONTOUR_COLUMNS = tuple(
    f"{name}_{place}_{axis}" for name, count in CONTOURS.items() for place in range(count) for axis in ("x", "y")
)
POSE_COLUMNS = ("yaw_deg", "pitch_deg", "roll_deg")


_OF_LARGEST = ("eyes_open", "mouth_open", "smile", "yaw_deg", "pitch_deg")


class FaceMesh:
    """One row for each row of ``faces``, in the same order.

    ``mesh_score`` 0–1: how surely the landmarks lie on a face; below 0.5 all else is NaN. Pose in degrees: see
    ``HeadPose`` and ``correct_angles``. Expression 0–1: see ``Expression``; ``name_expression`` has the word. Then the
    points of ``CONTOURS``; left and right are the picture's when the face stands upright.
    """

    name = "face_mesh"
    version = 1
    columns: tuple[str, ...] = ("mesh_score", *POSE_COLUMNS, *Expression._fields, *CONTOUR_COLUMNS)
    x_columns: tuple[str, ...] = CONTOUR_COLUMNS[::2]
    y_columns: tuple[str, ...] = CONTOUR_COLUMNS[1::2]
    frame_columns: tuple[str, ...] = (*_OF_LARGEST, "least_eyes_open")
    max_side_px = 640
    weights: tuple[str, ...] = ("face-landmarks", "eye-landmarks")
    after: tuple[str, ...] = ("faces",)

    def load(self, files: Mapping[str, Path]) -> None:
        """Read both networks."""
        self._networks = LandmarkNetworks(files)

    def detect(
        self, frames: RgbFrames, *, frame_index: NDArray[np.int64], found: Mapping[str, Detections]
    ) -> Detections:
        """Fit the landmarks of the faces in ``uint8 (T, H, W, 3)``; see the class for the columns."""
        none = Detections(np.empty(0, np.int64), np.empty((0, len(Faces.columns)), np.float32))
        faces = found.get("faces", none)
        first = Faces.columns.index(POINT_COLUMNS[0])
        values = np.full((len(faces.values), len(self.columns)), np.nan, dtype=np.float32)
        pictures = dict(zip(frame_index.tolist(), frames, strict=True))
        for row, (index, face) in enumerate(zip(faces.frame_index.tolist(), faces.values, strict=True)):
            points = face[first : first + len(POINT_COLUMNS)].reshape(-1, 2)
            values[row] = _describe(self._networks.find(pictures[index], points=points))
        return Detections(faces.frame_index, values)

    def summarise(
        self, found: Detections, *, frame_index: NDArray[np.int64], size: tuple[int, int]
    ) -> NDArray[np.float32]:
        """Eyes, mouth, smile and pose of each frame's largest face; ``least_eyes_open``, the lowest value of any face
        of the frame, so that one blink in a group shows. NaN without a face."""
        signals = np.full((len(frame_index), len(self.frame_columns)), np.nan, dtype=np.float32)
        wanted = [self.columns.index(name) for name in _OF_LARGEST]
        y_columns = [self.columns.index(name) for name in self.y_columns]
        height = np.ptp(found.values[:, y_columns], axis=1)
        for row, index in enumerate(frame_index):
            here = np.flatnonzero((found.frame_index == index) & np.isfinite(height))
            if len(here):
                signals[row, :-1] = found.values[here[np.argmax(height[here])], wanted]
                signals[row, -1] = found.values[here, wanted[0]].min()
        return signals


def contour_points(landmarks: FaceLandmarks) -> NDArray[np.float32]:
    """The points of ``CONTOURS`` in their order: ``float32 (N, 2)``."""
    lids = [landmarks.lids[eye, list(LIDS)] for eye in (0, 1)]
    mesh = [landmarks.mesh[list(points), :2] for points in MESH_CONTOURS.values()]
    return np.concatenate([*lids, *mesh])


def _describe(landmarks: FaceLandmarks) -> NDArray[np.float32]:
    values = np.full(len(FaceMesh.columns), np.nan, dtype=np.float32)
    values[0] = landmarks.score
    if landmarks.score < LEAST_SCORE:
        return values
    pose = find_head_pose(landmarks.mesh)
    expression = measure_expression(
        to_frontal(landmarks.mesh, pose), mesh=landmarks.mesh, lids=landmarks.lids, yaw_deg=pose.yaw_deg
    )
    yaw_deg, pitch_deg = correct_angles(pose.yaw_deg, pose.pitch_deg)
    values[1:] = [yaw_deg, pitch_deg, pose.roll_deg, *expression, *contour_points(landmarks).ravel()]
    return values
