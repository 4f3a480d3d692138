"""The faces of a film as recognition sees them: one row a looked-at face, and the tracks they belong to."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class FaceLooks(NamedTuple):
    """What was measured of each face, all ``float32 (N,)`` and NaN where it is not known.

    ``score`` to ``coarse_yaw_deg`` are columns of the detector "faces", the others of "face_mesh"; ``landmarks`` are
    the points of its contours in film pixels, ``float32 (N, L, 2)``.
    """

    score: NDArray[np.float32]
    sharpness: NDArray[np.float32]
    brightness: NDArray[np.float32]
    contrast: NDArray[np.float32]
    clipped: NDArray[np.float32]
    coarse_yaw_deg: NDArray[np.float32]
    mesh_score: NDArray[np.float32]
    yaw_deg: NDArray[np.float32]
    pitch_deg: NDArray[np.float32]
    roll_deg: NDArray[np.float32]
    eyes_open: NDArray[np.float32]
    mouth_open: NDArray[np.float32]
    smile: NDArray[np.float32]
    brows_raised: NDArray[np.float32]
    landmarks: NDArray[np.float32]


class FilmFaces(NamedTuple):
    """One row a looked-at face, in the order of the film.

    ``frame_index`` ``int64 (N,)``; ``row`` ``int64 (N,)`` counts the faces of one frame as the detector "faces" gave
    them; ``boxes`` ``float32 (N, 4)`` x0, y0, x1, y1 in film pixels, half-open; ``track`` ``int64 (N,)`` is an index
    into the film's tracks, −1 for a face that no track goes through; ``vectors`` ``float32 (N, D)`` of one encoder,
    NaN where a face was not embedded; ``quality`` ``float32 (N,)`` 0–1: how far its vector can be trusted, 0 where it
    has none.
    """

    frame_index: NDArray[np.int64]
    row: NDArray[np.int64]
    boxes: NDArray[np.float32]
    track: NDArray[np.int64]
    vectors: NDArray[np.float32]
    quality: NDArray[np.float32]
    looks: FaceLooks


class FaceTrack(NamedTuple):
    """One person through one shot, as far as they were followed; frames are half-open.

    ``height_unit`` median height of the face as a share of the picture's; ``centrality_unit`` 1 in the middle of the
    picture, 0 at its corners; ``sharpness_unit`` median of its looked-at faces, NaN without one; ``is_static`` True
    where the face does not move against what is around it nor change, as on a poster.
    """

    shot: int
    start_frame: int
    end_frame: int
    height_unit: float
    centrality_unit: float
    sharpness_unit: float
    is_static: bool
