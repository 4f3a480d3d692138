"""From the tables of the detectors "faces" and "face_mesh" to what was measured of each face."""

import numpy as np
from numpy.typing import NDArray

from ava.annotate.face_mesh import CONTOUR_COLUMNS, FaceMesh
from ava.annotate.faces import Faces
from curation.people.film_faces import FaceLooks

_OF_MESH = ("mesh_score", "yaw_deg", "pitch_deg", "roll_deg", "eyes_open", "mouth_open", "smile", "brows_raised")
_OF_FACES = ("score", "sharpness", "brightness", "contrast", "clipped", "coarse_yaw_deg")


def join_looks(faces: NDArray[np.float32], *, mesh: NDArray[np.float32]) -> FaceLooks:
    """Name the columns of faces: rows of "faces" ``(N, C)`` and those of "face_mesh" ``(N, M)`` for the same faces.

    Rows of NaN stand for what is not known.
    """
    measured = {name: faces[:, Faces.columns.index(name)] for name in _OF_FACES}
    measured |= {name: mesh[:, FaceMesh.columns.index(name)] for name in _OF_MESH}
    points = mesh[:, [FaceMesh.columns.index(name) for name in CONTOUR_COLUMNS]]
    return FaceLooks(**measured, landmarks=points.reshape(len(mesh), len(CONTOUR_COLUMNS) // 2, 2))
