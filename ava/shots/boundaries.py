"""Shot boundaries of a whole film from its stitched per-frame signals."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import Signals
from ava.shots.shot_list import Boundary, Shot, ShotList, Transition, list_shots

__all__ = ["Look", "Shot", "ShotList", "Transition", "find_shots"]

Look = Callable[[int, int], NDArray[np.uint8]]
"""Gives the frames ``start_frame``..``end_frame`` of the film, small, as RGB ``uint8 (T, H, W, 3)``."""

NEIGHBOUR_FRAMES = 4


def find_shots(signals: Signals, *, fps: Fraction, look: Look | None = None) -> ShotList:
    """Find the shots of a film, or of the part of it that has been measured.

    ``signals`` are the stitched signals of ``ava.annotate``, each ``float32 (frame_count,)``, NaN where not
    measured. A shot begins where the picture changes far more than in the frames around it.
    """
    residual = np.nan_to_num(signals["motion.residual"])
    frame_count = len(residual)
    around = np.zeros(frame_count, dtype=np.float32)
    for lag in range(1, NEIGHBOUR_FRAMES + 1):
        around[lag:] = np.maximum(around[lag:], residual[:-lag])
        around[:-lag] = np.maximum(around[:-lag], residual[lag:])
    starts = np.flatnonzero((residual > 0.03) & (residual > 2 * around))
    return list_shots([Boundary(int(start), "cut") for start in starts], frame_count=frame_count)
