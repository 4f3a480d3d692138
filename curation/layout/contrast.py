"""Contrast of lettering with what it stands on, as WCAG 2.2 reckons it."""

from __future__ import annotations

from typing import Literal, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Ink = Literal["light", "dark"]

LIGHT_INK_UNIT = 1.0
DARK_INK_UNIT = 0.0056
"""Relative luminances of white and of near black (#111111)."""

FLARE_UNIT = 0.05
"""What WCAG adds to both luminances for the light that a screen reflects."""

LEAST_LARGE = 3.0
"""Large lettering must reach this ratio (WCAG 2.2, 1.4.3 AA)."""

WORST_PERCENTILE = 10
"""Letters are read where they are hardest to read: the ratio is that of this worst part of the ground."""


class Reading(NamedTuple):
    """The ink that is read better, and its ratio 1–21 to the worst tenth of the ground."""

    ink: Ink
    contrast: float


def _linear_levels() -> NDArray[np.float32]:
    level = np.arange(256) / 255
    return np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4).astype(np.float32)


_LINEAR = _linear_levels()
_OF_CHANNELS = np.array([[0.2126, 0.7152, 0.0722]], dtype=np.float32)


def measure_luminance(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Relative luminance 0–1 of sRGB ``uint8 (H, W, 3)``: ``float32 (H, W)`` (WCAG 2.2, "relative luminance")."""
    return np.asarray(cv2.transform(cv2.LUT(rgb, _LINEAR), _OF_CHANNELS), dtype=np.float32).reshape(rgb.shape[:2])


def contrast_ratio(one: float, other: float) -> float:
    """Ratio 1–21 of two relative luminances 0–1 (WCAG 2.2, "contrast ratio")."""
    lighter, darker = max(one, other), min(one, other)
    return (lighter + FLARE_UNIT) / (darker + FLARE_UNIT)


def choose_ink(luminance: NDArray[np.float32]) -> Reading:
    """Choose light or dark lettering for a ground of relative luminances 0–1 of any shape; of none, light at 1.

    Light letters suffer from the lightest tenth of the ground and dark ones from the darkest: the mean would hide a
    bright window behind half a word.
    """
    if not luminance.size:
        return Reading("light", 1.0)
    worst = (luminance.size - 1) * WORST_PERCENTILE // 100
    ordered = np.partition(luminance, (worst, luminance.size - 1 - worst), axis=None)
    darkest, lightest = float(ordered[worst]), float(ordered[luminance.size - 1 - worst])
    light = (LIGHT_INK_UNIT + FLARE_UNIT) / (min(lightest, LIGHT_INK_UNIT) + FLARE_UNIT)
    dark = (max(darkest, DARK_INK_UNIT) + FLARE_UNIT) / (DARK_INK_UNIT + FLARE_UNIT)
    return Reading("light", light) if light >= dark else Reading("dark", dark)
