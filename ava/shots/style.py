"""Scale and camera of shots, from what was measured in all of their frames and found in some."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ava.annotate.base import Detections, Signals
from ava.annotate.framing import read_scales
from ava.shots.camera_move import CameraKind, Span, describe_camera
from ava.shots.shot_scale import Evidence, ScaleKind, scale_of_shot


class ShotStyle(NamedTuple):
    """How a shot is taken; None where it cannot be said, confidences 0–1."""

    camera: CameraKind | None
    camera_confidence: float
    scale: ScaleKind | None
    scale_by: Evidence | None
    scale_confidence: float


def describe_style(
    signals: Signals, *, framing: Detections, shots: Sequence[Span], fps: float
) -> list[ShotStyle]:
    """Say of each shot how near it is and how the camera moves.

    ``signals`` are per frame (``motion.*`` is read); ``framing`` is the table of the detector of that name.
    """
    moves = describe_camera(signals, shots=shots, fps=fps)
    styles = []
    for shot, move in zip(shots, moves, strict=True):
        first, end = np.searchsorted(framing.frame_index, (shot.start_frame, shot.end_frame))
        scale = scale_of_shot(read_scales(framing.values[first:end]))
        styles.append(ShotStyle(move.kind, move.confidence, scale.kind, scale.by, scale.confidence))
    return styles
