"""What eyes, mouth and brows do, from the landmarks of a face turned to the front, and the word for it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.annotate.face_landmarks import LEFT_EYE_CORNERS, RIGHT_EYE_CORNERS

UPPER_LIP, LOWER_LIP = 13, 14
MOUTH_CORNERS = (61, 291)
BROWS = (63, 105, 66, 293, 334, 296)

EYE_BOUNDARY, EYE_SPREAD = 0.19, 0.02
MOUTH_BOUNDARY_MM, MOUTH_SPREAD_MM = 4.0, 1.2
BROW_BOUNDARY_MM, BROW_SPREAD_MM = 20.5, 1.0
NEUTRAL_WIDTH_MM, WIDTH_SPREAD_MM = 55.0, 4.0
NEUTRAL_LIFT_MM, LIFT_SPREAD_MM = -2.5, 2.0
SMILE_BOUNDARY, SMILE_SPREAD = 0.8, 0.6
ONE_EYE_FROM_YAW_DEG = 30.0
"""From this yaw on only the nearer eye is judged: of the farther one too little is seen."""


class Expression(NamedTuple):
    """All 0–1, 0.5 is the boundary: ``eyes_open`` of both eyes (of a turned head the nearer one),
    ``left_eye_open`` and ``right_eye_open`` of the picture's left and right eye, ``mouth_open``, ``smile``,
    ``brows_raised``."""

    eyes_open: float
    left_eye_open: float
    right_eye_open: float
    mouth_open: float
    smile: float
    brows_raised: float


def measure_expression(
    frontal_mm: NDArray[np.floating], *, mesh: NDArray[np.floating], lids: NDArray[np.floating], yaw_deg: float
) -> Expression:
    """Measure a face from its landmarks turned to the front ``(468, 3)`` in mm (``head_pose.to_frontal``), the same as
    seen (``mesh``, pixels) and its ``lids`` ``(2, 16, 2)``.

    Eyes: gap of the lids over the eye's width in space (after Soukupová & Čech 2016, "Real-time eye blink detection
    using facial landmarks"; taking the width with its depth keeps a turned eye from looking wider open). Mouth: gap of
    the inner lips. Smile: width of the mouth and how high its corners are beside the upper lip. Brows: height above
    the root of the nose. Boundaries were set by eye on real faces; how well they hold is measured on others in
    ``tests/bench/accuracy_faces.py``.
    """
    left, right = (
        _level(_eye_gap(lid, mesh, corners=corners), EYE_BOUNDARY, EYE_SPREAD)
        for lid, corners in zip(lids, (LEFT_EYE_CORNERS, RIGHT_EYE_CORNERS), strict=True)
    )
    eyes = (left + right) / 2
    if abs(yaw_deg) >= ONE_EYE_FROM_YAW_DEG:
        # Turned to the picture's right, the eye on its left is the nearer one.
        eyes = left if yaw_deg > 0 else right
    gap = float(frontal_mm[LOWER_LIP, 1] - frontal_mm[UPPER_LIP, 1])
    corners = frontal_mm[list(MOUTH_CORNERS)]
    width = float(np.linalg.norm(corners[1] - corners[0]))
    lift = float(frontal_mm[UPPER_LIP, 1] - corners[:, 1].mean())
    smile = (width - NEUTRAL_WIDTH_MM) / WIDTH_SPREAD_MM + (lift - NEUTRAL_LIFT_MM) / LIFT_SPREAD_MM
    brows = -float(frontal_mm[list(BROWS), 1].mean())
    return Expression(
        eyes,
        left,
        right,
        _level(gap, MOUTH_BOUNDARY_MM, MOUTH_SPREAD_MM),
        _level(smile, SMILE_BOUNDARY, SMILE_SPREAD),
        _level(brows, BROW_BOUNDARY_MM, BROW_SPREAD_MM),
    )


def name_expression(*, eyes_open: float, mouth_open: float, smile: float, brows_raised: float) -> str:
    """The word for a face: "laughing", "smiling", "surprised", "eyes closed", "mouth open" or "neutral".

    Each value 0–1; "" when one of them is not known (NaN).
    """
    if np.isnan([eyes_open, mouth_open, smile, brows_raised]).any():
        return ""
    if smile >= 0.5:
        return "laughing" if mouth_open >= 0.5 else "smiling"
    if mouth_open >= 0.5 and brows_raised >= 0.5 and eyes_open >= 0.5:
        return "surprised"
    if eyes_open < 0.5:
        return "eyes closed"
    return "mouth open" if mouth_open >= 0.5 else "neutral"


def _eye_gap(lid: NDArray[np.floating], mesh: NDArray[np.floating], *, corners: tuple[int, int]) -> float:
    """Mean distance of the lids, without the outermost points, over the distance of the eye's corners in space."""
    outer, inner = mesh[list(corners)].astype(np.float64)
    gaps = np.linalg.norm(lid[10:15].astype(np.float64) - lid[2:7], axis=1)
    return float(gaps.mean() / max(float(np.linalg.norm(inner - outer)), 1e-9))


def _level(value: float, boundary: float, spread: float) -> float:
    """0–1 with 0.5 at the boundary (logistic)."""
    return float(1 / (1 + np.exp(-np.clip((value - boundary) / spread, -30, 30))))
