"""What detectors have in common that turn each face into a vector."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import Detections, RgbFrames
from ava.annotate.compute_device import Device
from ava.annotate.face_alignment import ChipTemplate, cut_chip, fit_chip
from ava.annotate.faces import POINT_COLUMNS, Faces

LEAST_HEIGHT_PX = 16.0
"""Smaller faces get no vector: too few pixels are left to tell anybody by."""

_FIRST_POINT = Faces.columns.index(POINT_COLUMNS[0])


class FaceNetwork(Protocol):
    """A network of faces."""

    def encode(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Vectors ``float32 (N, D)`` of aligned faces ``uint8 (N, S, S, 3)``."""


class FaceEmbedding:
    """A detector, but for its name and its network: one row for each row of ``faces``, in the same order.

    A vector points the way of the mean of those of the aligned face and of its mirror image, so that mirrored shots
    and both profiles of a person are near to one another, and is ``length`` long: what a network makes of length tells
    of sharpness and light more than of people. NaN where a face is too small or its five points do not say how it lies.
    """

    version = 1
    columns: tuple[str, ...]
    x_columns: tuple[str, ...] = ()
    y_columns: tuple[str, ...] = ()
    frame_columns: tuple[str, ...] = ()
    max_side_px = 960
    after: tuple[str, ...] = ("faces",)

    length = 1.0
    template: ChipTemplate
    network: FaceNetwork

    def __init__(self, device: Device = "cpu") -> None:
        self.device = device

    def detect(
        self, frames: RgbFrames, *, frame_index: NDArray[np.int64], found: Mapping[str, Detections]
    ) -> Detections:
        """Embed the faces of ``uint8 (T, H, W, 3)``; see the class for the columns.

        Faces of one frame are encoded at once and never with those of another, as the last bits depend on what is.
        """
        none = Detections(np.empty(0, np.int64), np.empty((0, len(Faces.columns)), np.float32))
        faces = found.get("faces", none)
        values = np.full((len(faces.values), len(self.columns)), np.nan, dtype=np.float32)
        for index, rgb in zip(frame_index.tolist(), frames, strict=True):
            rows, chips = self._cut_faces(rgb, faces, frame=index)
            if chips:
                both = np.stack([view for chip in chips for view in (chip, chip[:, ::-1])])
                means = self.network.encode(both).reshape(len(rows), 2, -1).mean(axis=1)
                lengths = np.linalg.norm(means, axis=1, keepdims=True)
                values[rows] = means * (self.length / np.maximum(lengths, 1e-6))
        return Detections(faces.frame_index, values)

    def summarise(
        self, found: Detections, *, frame_index: NDArray[np.int64], size: tuple[int, int]
    ) -> NDArray[np.float32]:
        """No signals, ``float32 (F, 0)``: a vector says nothing without another."""
        return np.empty((len(frame_index), 0), dtype=np.float32)

    def _cut_faces(
        self, rgb: NDArray[np.uint8], faces: Detections, *, frame: int
    ) -> tuple[list[int], list[NDArray[np.uint8]]]:
        """The rows of one frame's faces that can be aligned, and the aligned faces."""
        rows, chips = [], []
        for row in np.flatnonzero(faces.frame_index == frame).tolist():
            face = faces.values[row]
            points = face[_FIRST_POINT : _FIRST_POINT + len(POINT_COLUMNS)].reshape(-1, 2)
            to_chip = fit_chip(points, template=self.template)
            if to_chip is not None and face[3] - face[1] >= LEAST_HEIGHT_PX:
                rows.append(row)
                chips.append(cut_chip(rgb, to_chip, side_px=self.template.side_px))
        return rows, chips
