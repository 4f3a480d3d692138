"""Faces: where they are, how they are turned in the picture, and how well each can be seen."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import Detections, RgbFrames, stack_rows
from ava.annotate.compute_device import Device
from ava.annotate.face_picture import measure_face_picture
from ava.annotate.face_search import find_tilt, search_faces
from ava.annotate.mtcnn import FoundFaces, Mtcnn
from ava.media.colour import to_gray

BOX = ("x0", "y0", "x1", "y1")
POINTS = ("left_eye", "right_eye", "nose", "left_mouth", "right_mouth")
POINT_COLUMNS = tuple(f"{point}_{axis}" for point in POINTS for axis in ("x", "y"))
EYE_DISTANCE_PER_NOSE_DEPTH = 1.6
"""Pupils are about 63 mm apart and the tip of the nose about 40 mm before them."""


class Faces:
    """One row a face, best first.

    ``score`` probability 0–1. Five points; left and right are the picture's when the face stands upright.
    ``roll_deg`` turn in the picture, clockwise positive, −180–180. ``coarse_yaw_deg`` from the five points alone,
    positive when turned to the picture's right, −90–90 (within about 15°; ``face_mesh`` is better where it can be
    run). ``sharpness``, ``brightness``, ``contrast`` and ``clipped``: see ``measure_face_picture``.

    Faces of 24 px and more are found, turned in the picture by any angle up to about 120° when larger than
    ``TURNED_LEAST_SIDE_PX``.
    """

    name = "faces"
    version = 1
    columns: tuple[str, ...] = (
        *BOX,
        "score",
        *POINT_COLUMNS,
        "roll_deg",
        "coarse_yaw_deg",
        "sharpness",
        "brightness",
        "contrast",
        "clipped",
    )
    x_columns: tuple[str, ...] = ("x0", "x1", *POINT_COLUMNS[::2])
    y_columns: tuple[str, ...] = ("y0", "y1", *POINT_COLUMNS[1::2])
    frame_columns: tuple[str, ...] = ("count", "largest_height", "largest_sharpness", "largest_brightness")
    max_side_px = 640
    weights: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    def __init__(self, device: Device = "cpu") -> None:
        self.device = device

    def load(self, files: Mapping[str, Path]) -> None:
        """Build the networks; their weights come with the facenet-pytorch package."""
        self._network = Mtcnn(self.device)

    def detect(
        self, frames: RgbFrames, *, frame_index: NDArray[np.int64], found: Mapping[str, Detections]
    ) -> Detections:
        """Find the faces of ``uint8 (T, H, W, 3)``; see the class for the columns."""
        rows = [self._look(rgb) for rgb in frames]
        return stack_rows(rows, frame_index=frame_index, columns=len(self.columns))

    def _look(self, rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
        luma = to_gray(rgb)
        return _describe(search_faces(rgb, network=self._network, luma=luma), luma=luma)

    def summarise(
        self, found: Detections, *, frame_index: NDArray[np.int64], size: tuple[int, int]
    ) -> NDArray[np.float32]:
        """``count`` of faces; ``largest_height`` share 0–1 of the picture's height, 0 without a face;
        ``largest_sharpness`` and ``largest_brightness`` of the largest face, NaN without one."""
        signals = np.full((len(frame_index), len(self.frame_columns)), np.nan, dtype=np.float32)
        signals[:, :2] = 0
        sharpness, brightness = (self.columns.index(name) for name in ("sharpness", "brightness"))
        for row, index in enumerate(frame_index):
            values = found.values_at(index)
            if len(values):
                height = values[:, 3] - values[:, 1]
                largest = int(np.argmax(height))
                signals[row] = (
                    len(values),
                    height[largest] / size[1],
                    values[largest, sharpness],
                    values[largest, brightness],
                )
        return signals


def find_coarse_yaw(points: NDArray[np.float32]) -> NDArray[np.float64]:
    """Degrees by which faces look to the picture's right, from ``(N, 5, 2)`` points: ``float64 (N,)``, −90–90.

    Turned by ψ, the eyes' distance shrinks with cos ψ and the nose, before their plane, moves aside with sin ψ.
    """
    eyes = (points[:, 1] - points[:, 0]).astype(np.float64)
    to_nose = points[:, 2] - (points[:, 0] + points[:, 1]) / 2
    squared = np.maximum(np.square(eyes).sum(axis=1), 1e-9)
    aside = (to_nose * eyes).sum(axis=1) / squared
    return np.asarray(np.degrees(np.arctan(aside * EYE_DISTANCE_PER_NOSE_DEPTH)))


def _describe(faces: FoundFaces, *, luma: NDArray[np.uint8]) -> NDArray[np.float32]:
    pictures = np.array([measure_face_picture(luma, box) for box in faces.boxes], np.float32).reshape(-1, 4)
    return np.column_stack(
        [
            faces.boxes,
            faces.scores,
            faces.points.reshape(-1, 10),
            find_tilt(faces.points),
            find_coarse_yaw(faces.points),
            pictures,
        ]
    ).astype(np.float32)
