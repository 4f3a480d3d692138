"""The dense landmarks of a face: 468 points with depth, and the lids of both eyes seen closer."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.annotate.picture_square import Square, apply_map, cut_square, map_to_picture

MESH_SIDE_PX, EYE_SIDE_PX = 192, 64
MESH_POINTS, EYE_POINTS = 468, 16
MESH_OUTPUTS, EYE_OUTPUTS = ["conv2d_31", "conv2d_21"], ["output_eyes_contours_and_brows"]
MESH_MARGIN, EYE_MARGIN = 1.5, 2.3
PASSES = 2
"""The second look is placed by what the first has found."""

LEFT_EYE_CORNERS, RIGHT_EYE_CORNERS = (33, 133), (263, 362)
"""Outer and inner corner of the eye on the picture's left and right side."""


class FaceLandmarks(NamedTuple):
    """``mesh`` ``float32 (468, 3)``: x, y in pixels of the picture, z of the same scale, smaller towards the viewer.
    ``lids`` ``float32 (2, 16, 2)``: picture's left eye, then right: outer corner, 7 points of the lower lid, inner
    corner, 7 of the upper lid, each from the outer side. ``score`` 0–1 that this is a face."""

    mesh: NDArray[np.float32]
    lids: NDArray[np.float32]
    score: float


class LandmarkNetworks:
    """MediaPipe's face mesh (Kartynnik and others 2019) and eye landmarks (Ablavatski and others 2020).

    ``files`` are the paths of the weights ``face-landmarks`` and ``eye-landmarks``.
    """

    def __init__(self, files: Mapping[str, Path]) -> None:
        cv2.setNumThreads(1)
        self._mesh, self._eyes = (
            cv2.dnn.readNetFromTFLite(str(files[name])) for name in ("face-landmarks", "eye-landmarks")
        )

    def find(self, rgb: NDArray[np.uint8], *, points: NDArray[np.float32]) -> FaceLandmarks:
        """Find the landmarks of one face of a picture ``uint8 (H, W, 3)`` from its five points ``(5, 2)``."""
        place = _place_by_five_points(points)
        for _ in range(PASSES):
            mesh, score = self._look_at_mesh(rgb, place)
            place = _place_by_mesh(mesh)
        lids = np.stack(
            [
                self._look_at_eye(rgb, mesh, corners=LEFT_EYE_CORNERS, is_mirrored=True),
                self._look_at_eye(rgb, mesh, corners=RIGHT_EYE_CORNERS, is_mirrored=False),
            ]
        )
        return FaceLandmarks(mesh, lids, score)

    def _look_at_mesh(self, rgb: NDArray[np.uint8], place: Square) -> tuple[NDArray[np.float32], float]:
        to_picture = map_to_picture(place, side_px=MESH_SIDE_PX)
        self._mesh.setInput(cut_square(rgb, to_picture, side_px=MESH_SIDE_PX))
        logit, flat = self._mesh.forward(MESH_OUTPUTS)
        inside = flat.reshape(MESH_POINTS, 3).astype(np.float64)
        mesh = np.column_stack([apply_map(to_picture, inside[:, :2]), inside[:, 2] * place.side_px / MESH_SIDE_PX])
        return mesh.astype(np.float32), float(1 / (1 + np.exp(-np.clip(float(logit.ravel()[0]), -50, 50))))

    def _look_at_eye(
        self, rgb: NDArray[np.uint8], mesh: NDArray[np.float32], *, corners: tuple[int, int], is_mirrored: bool
    ) -> NDArray[np.float32]:
        outer, inner = mesh[list(corners), :2].astype(np.float64)
        # The network knows the right one of the picture's eyes: from its inner to its outer corner is to the right.
        along = inner - outer if is_mirrored else outer - inner
        place = Square((outer + inner) / 2, float(np.hypot(*along)) * EYE_MARGIN, float(np.arctan2(along[1], along[0])))
        to_picture = map_to_picture(place, side_px=EYE_SIDE_PX, is_mirrored=is_mirrored)
        self._eyes.setInput(cut_square(rgb, to_picture, side_px=EYE_SIDE_PX))
        (flat,) = self._eyes.forward(EYE_OUTPUTS)
        return apply_map(to_picture, flat.reshape(-1, 3)[:EYE_POINTS, :2].astype(np.float64)).astype(np.float32)


def _place_by_five_points(points: NDArray[np.float32]) -> Square:
    """A square around a face whose chin and brow are not known yet."""
    eyes, mouth = (points[rows].astype(np.float64).mean(axis=0) for rows in (slice(0, 2), slice(3, 5)))
    down = mouth - eyes
    across = (points[1] - points[0]).astype(np.float64)
    side_px = max(float(np.hypot(*down)), 0.9 * float(np.hypot(*across)), 1.0)
    turn = float(np.arctan2(-down[0], down[1]))
    # A face reaches about one such step above the eyes and 1.7 below them.
    return Square(eyes + down * 0.45, 2.6 * MESH_MARGIN * side_px * 0.95, turn)


def _place_by_mesh(mesh: NDArray[np.float32]) -> Square:
    """A square around the points, upright to the outer corners of the eyes."""
    across = mesh[RIGHT_EYE_CORNERS[0], :2].astype(np.float64) - mesh[LEFT_EYE_CORNERS[0], :2]
    turn = float(np.arctan2(across[1], across[0]))
    axes = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    upright = mesh[:, :2] @ axes.T
    low, high = upright.min(axis=0), upright.max(axis=0)
    return Square((low + high) / 2 @ axes, max(float((high - low).max()), 1.0) * MESH_MARGIN, turn)
