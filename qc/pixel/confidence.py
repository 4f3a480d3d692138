"""How sure a flag is: the network's peak and the spot's size, calibrated on footage kept back from training."""

import math

Calibration = tuple[float, float, float]
"""Factors of the peak's logit and of the logarithm of the area in pixels, and an offset (Platt 1999)."""
UNCALIBRATED: Calibration = (1.0, 0.0, 0.0)
_CLOSEST = 1e-6


def confidence(peak: float, *, area_px: int, calibration: Calibration) -> float:
    """Probability 0–1 that a spot with this highest probability and size is an error."""
    peak = min(max(peak, _CLOSEST), 1 - _CLOSEST)
    scale, by_area, offset = calibration
    logit = scale * math.log(peak / (1 - peak)) + by_area * math.log(max(area_px, 1)) + offset
    return 1 / (1 + math.exp(-min(max(logit, -50.0), 50.0)))
