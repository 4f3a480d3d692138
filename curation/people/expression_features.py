"""What a classifier of expressions looks at: one row of numbers a face, the same for every film."""

import numpy as np
from numpy.typing import NDArray

from ava.annotate.face_mesh import CONTOURS
from curation.people.expression import (
    FACTORS,
    box_heights_px,
    explain_expressions,
    eye_gaps,
    known_or_nan,
    mouth_gaps_mm,
    rate_expressions,
)
from curation.people.film_faces import FaceLooks

LANDMARKS = sum(CONTOURS.values())
AMOUNTS = 14
GEOMETRY = 0
"""The column of the untrained score."""

_EYE_POINTS = CONTOURS["left_eye"]
_FARTHEST = 6.0
"""Landmarks beyond so many distances of the eyes from their middle are no face's and are not believed."""


def describe_expressions(
    looks: FaceLooks, *, boxes: NDArray[np.float32], vectors: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Lay out the features of faces: ``float32 (N, F)``, NaN where something is not known of a face.

    F depends on the vectors' dimensions alone. Columns: the untrained score (``GEOMETRY``); its factors; gaps of eyes
    and lips, smile, brows; pose with its amounts regardless of side; sharpness, light and size; landmarks on one
    another's (``align_landmarks``); the vector; then two flags, whether landmarks and vector are known. ``boxes``
    ``(N, 4)`` in film pixels, ``vectors`` ``(N, D)`` of one encoder, D = 0 for none. The columns come in the blocks
    of ``block_columns``.
    """
    looks = FaceLooks(*(known_or_nan(column) for column in looks))
    height_px = np.maximum(box_heights_px(boxes), 1)
    points = align_landmarks(looks.landmarks)
    factors = explain_expressions(looks, boxes=boxes)
    amounts: list[NDArray[np.floating]] = [
        eye_gaps(looks.eyes_open), mouth_gaps_mm(looks.mouth_open), looks.smile, looks.brows_raised,
        looks.yaw_deg, np.abs(looks.yaw_deg), looks.pitch_deg, np.abs(looks.pitch_deg), np.abs(looks.roll_deg),
        looks.sharpness, looks.brightness, looks.contrast, looks.clipped, np.log2(height_px),
    ]  # fmt: skip
    has_vector = np.isfinite(vectors).all(axis=1) & (vectors.shape[1] > 0)
    known = np.stack([np.isfinite(looks.eyes_open), has_vector], axis=1)
    columns: list[NDArray[np.floating]] = [rate_expressions(looks, boxes=boxes), *factors.values(), *amounts]
    rows = np.column_stack([*columns, points.reshape(len(boxes), 2 * LANDMARKS), vectors, known]).astype(np.float32)
    rows[~np.isfinite(rows)] = np.nan
    return rows


def block_columns(columns: int) -> tuple[int, ...]:
    """How many of so many features are measures, landmarks, vector and flags."""
    measures = 1 + len(FACTORS) + AMOUNTS
    return measures, 2 * LANDMARKS, columns - measures - 2 * LANDMARKS - 2, 2


def align_landmarks(landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
    """Lay faces on one another by their eyes: ``float32 (N, L, 2)`` in any pixels gives the same in eye distances.

    The middle between the eyes comes to 0, 0 and the picture's right eye to 0.5, 0, so that place, size and tilt are
    gone. NaN for a face without landmarks or whose eyes fall together.
    """
    points = landmarks.astype(np.float64)
    eyes = [points[:, first : first + _EYE_POINTS].mean(axis=1) for first in (0, _EYE_POINTS)]
    middle, along = (eyes[0] + eyes[1]) / 2, eyes[1] - eyes[0]
    squared = np.square(along).sum(axis=1)
    squared = np.where(squared > 1e-6, squared, np.nan)
    centred = points - middle[:, None]
    x = (centred * along[:, None]).sum(axis=2) / squared[:, None]
    y = (centred[..., 1] * along[:, None, 0] - centred[..., 0] * along[:, None, 1]) / squared[:, None]
    aligned = np.stack([x, y], axis=2)
    aligned[~(np.abs(aligned).max(axis=(1, 2), initial=0) < _FARTHEST)] = np.nan
    return aligned.astype(np.float32)
