"""How well a person can be recognised by one look at a face."""

import numpy as np
from numpy.typing import NDArray

from curation.people.film_faces import FaceLooks

HEIGHT_PX = 40.0
"""A face of this height tells two thirds of what a large one would."""

LEAST_SCORE = 0.85
SOFT, SHARP = 0.25, 0.6
YAW_DEG, PITCH_DEG = 40.0, 35.0
"""Turns at which a face tells 0.6 of what it tells from the front."""

MESH_FROM_PX, MESH_SURE_PX = 20.0, 50.0
"""Landmarks that are not found say nothing of a face below the first height and that it is none from the second."""


def rate_quality(looks: FaceLooks, *, boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rate N faces with ``boxes`` ``float32 (N, 4)`` in film pixels: ``float32 (N,)`` 0–1, 1 for large, sharp, frontal.

    A product of height, sharpness, turn, the detector's score, what exposure has left, and whether landmarks lie on
    the face; what was not measured takes nothing away. The constants are chosen, not fitted.
    """
    height_px = np.maximum(np.nan_to_num(boxes[:, 3] - boxes[:, 1]), 0)
    yaw_deg = np.where(np.isfinite(looks.yaw_deg), looks.yaw_deg, looks.coarse_yaw_deg)
    trust = np.clip((height_px - MESH_FROM_PX) / (MESH_SURE_PX - MESH_FROM_PX), 0, 1)
    parts = (
        1 - np.exp(-height_px / HEIGHT_PX),
        _between(looks.sharpness, low=SOFT, high=SHARP),
        _facing(yaw_deg, half_deg=YAW_DEG),
        _facing(looks.pitch_deg, half_deg=PITCH_DEG),
        _between(looks.score, low=LEAST_SCORE, high=1.0),
        1 - np.nan_to_num(looks.clipped),
        1 - trust * (1 - np.nan_to_num(looks.mesh_score, nan=1.0)),
    )
    return np.asarray(np.clip(np.prod(parts, axis=0), 0, 1), dtype=np.float32)


def _between(values: NDArray[np.float32], *, low: float, high: float) -> NDArray[np.float32]:
    """0.2 up to ``low``, 1 from ``high``; 1 where nothing is known."""
    return np.asarray(0.2 + 0.8 * np.clip((np.nan_to_num(values, nan=high) - low) / (high - low), 0, 1), np.float32)


def _facing(angle_deg: NDArray[np.float32], *, half_deg: float) -> NDArray[np.float32]:
    """A bell over the angle, 0.6 at ``half_deg``; 1 where nothing is known."""
    return np.asarray(np.exp(-0.5 * np.square(np.nan_to_num(angle_deg) / half_deg)), np.float32)
