"""Tracks that follow the picture of a face, as on a poster, and not a face."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from curation.people.film_faces import FilmFaces

LEAST_LOOKS = 3
LEAST_LENGTH_S = 1.5
LARGEST_CHANGE_UNIT = 0.01
"""Landmarks of printed faces come back within 0.6 % of the face's size, those of the calmest people that were seen
for one and a half seconds move by 1.5 %."""

LEAST_HEIGHT_PX = 32.0
PORTRAIT_UNIT = 0.2
"""A motionless face from this share of the picture's height on is what the shot shows, unless others live in it."""


def find_static(
    faces: FilmFaces, *, spans: Sequence[tuple[int, int, int]], height_unit: NDArray[np.float32], fps: float
) -> NDArray[np.bool_]:
    """Tell which tracks show a face that never changes: ``bool (T,)``.

    ``spans`` are each track's shot, first and end frame, ``height_unit`` ``float32 (T,)`` shares of the picture's
    height. A track is judged that is looked at ``LEAST_LOOKS`` times over ``LEAST_LENGTH_S``; its landmarks are laid
    on one another (Gower 1975, generalised Procrustes: moved, turned and scaled as a camera does to a flat picture),
    and none may differ by more than ``LARGEST_CHANGE_UNIT`` of the face's size. A large motionless face with nobody
    alive beside it is the subject of a still photograph and counts as a person.
    """
    change = np.array([_find_change(faces, track) for track in range(len(spans))], dtype=np.float64)
    shots = np.array([shot for shot, _, _ in spans], dtype=np.int64)
    is_long = np.array([end - start >= LEAST_LENGTH_S * fps for _, start, end in spans], dtype=np.bool_)
    is_still = is_long & (change <= LARGEST_CHANGE_UNIT)
    lively = np.unique(shots[change > LARGEST_CHANGE_UNIT])
    return np.asarray(is_still & ((height_unit < PORTRAIT_UNIT) | np.isin(shots, lively)))


def _find_change(faces: FilmFaces, track: int) -> float:
    """Largest root mean square difference of a track's landmarks from their mean shape, in sizes of the face.

    NaN where too few looks have landmarks or they are too small to tell.
    """
    landmarks = faces.looks.landmarks[faces.track == track].astype(np.float64)
    landmarks = landmarks[np.isfinite(landmarks).all(axis=(1, 2))]
    if len(landmarks) < LEAST_LOOKS or np.median(np.ptp(landmarks[..., 1], axis=1)) < LEAST_HEIGHT_PX * 0.75:
        return float("nan")
    points = landmarks[..., 0] + 1j * landmarks[..., 1]
    points -= points.mean(axis=1, keepdims=True)
    points /= np.maximum(np.sqrt(np.mean(np.abs(points) ** 2, axis=1, keepdims=True)), 1e-9)
    shape = points[0]
    for _ in range(3):
        points *= np.exp(-1j * np.angle((points * np.conj(shape)).sum(axis=1, keepdims=True)))
        shape = points.mean(axis=0)
    return float(np.sqrt(np.mean(np.abs(points - shape) ** 2, axis=1)).max())
