"""How sure the network is of a spot: its peak and the spot's size, calibrated on footage kept back from training."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy.typing import NDArray

Calibration = tuple[float, float, float]
"""Factors of the peak's logit and of the logarithm of the area in pixels, and an offset (Platt 1999)."""
UNCALIBRATED: Calibration = (1.0, 0.0, 0.0)
_CLOSEST = 1e-6
_PULL = 0.1


def confidence(peak: float, *, area_px: int, calibration: Calibration) -> float:
    """Probability 0–1 that a spot with this highest probability and size is an error."""
    logit = sum(weight * value for weight, value in zip(calibration, _features(peak, area_px=area_px), strict=True))
    return 1 / (1 + math.exp(-min(max(logit, -50.0), 50.0)))


def fit_calibration(peaks: Sequence[float], areas_px: Sequence[int], truths: Sequence[bool]) -> Calibration:
    """Logistic regression of whether flags were errors (Platt 1999, with his targets that keep off 0 and 1).

    Newton's method with a slight pull towards ``UNCALIBRATED``, which is what comes of flags all alike or of none.
    """
    import numpy as np

    rows = [_features(peak, area_px=area) for peak, area in zip(peaks, areas_px, strict=True)]
    inputs = np.array(rows, dtype=np.float64).reshape(-1, len(UNCALIBRATED))
    errors = np.array(truths, dtype=bool)
    count = int(errors.sum())
    if not 0 < count < len(errors):
        return UNCALIBRATED
    wanted = np.where(errors, (count + 1) / (count + 2), 1 / (len(errors) - count + 2))
    start = np.array(UNCALIBRATED)

    def loss_of(weights: NDArray[np.float64]) -> float:
        odds = inputs @ weights
        return float(np.sum(np.logaddexp(0, odds) - wanted * odds) + _PULL / 2 * np.sum((weights - start) ** 2))

    weights = start.copy()
    for _ in range(50):
        given = 1 / (1 + np.exp(-np.clip(inputs @ weights, -50, 50)))
        slope = inputs.T @ (given - wanted) + _PULL * (weights - start)
        curve = (inputs * (given * (1 - given))[:, None]).T @ inputs + _PULL * np.eye(len(start))
        step = np.linalg.solve(curve, slope)
        # A whole step can overshoot where nearly all is told apart, and never come back.
        while loss_of(weights - step) > loss_of(weights) and np.abs(step).max() > _CLOSEST:
            step = step / 2
        weights = weights - step
    scale, by_area, offset = (float(value) for value in weights)
    return scale, by_area, offset


def _features(peak: float, *, area_px: int) -> tuple[float, float, float]:
    peak = min(max(peak, _CLOSEST), 1 - _CLOSEST)
    return math.log(peak / (1 - peak)), math.log(max(area_px, 1)), 1.0
