"""Transformed views of a line: what is lettering in all of them is lettering, what is so in one only is chance."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]

_SEED_PERCENTILE = 15
"""The darkest and the lightest pixels from which the two floods of the watershed start."""

_STROKE_PART = 0.4
"""Widest stroke that the hat transforms keep, as a part of the line's height."""


def threshold_globally(gray: Gray) -> Gray:
    """Black and white at the level that parts a picture ``uint8 (H, W)`` best (Otsu 1979)."""
    return np.asarray(cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1], dtype=np.uint8)


def threshold_locally(gray: Gray) -> Gray:
    """Black and white around each pixel's own surroundings, one line height wide: letters over a changing ground."""
    side = max(min(gray.shape) | 1, 3)
    return np.asarray(
        cv2.adaptiveThreshold(gray, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY, side, 0), dtype=np.uint8
    )


def split_by_watershed(gray: Gray) -> Gray:
    """Black and white by floods from the darkest and the lightest pixels that meet on edges (Meyer 1992)."""
    low, high = np.percentile(gray, (_SEED_PERCENTILE, 100 - _SEED_PERCENTILE))
    if high <= low:
        return np.zeros_like(gray)
    seeds = np.zeros(gray.shape, dtype=np.int32)
    seeds[gray <= low], seeds[gray >= high] = 1, 2
    slope = cv2.morphologyEx(gray, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    flooded = cv2.watershed(cv2.merge((slope, slope, slope)), seeds)
    return np.asarray(np.where(flooded == 2, 255, 0), dtype=np.uint8)


def keep_strokes(gray: Gray) -> Gray:
    """Only what is thinner than a stroke can be: white or black top-hat, whichever holds more, stretched."""
    side = max(round(min(gray.shape) * _STROKE_PART) | 1, 3)
    box = np.ones((side, side), np.uint8)
    hats = [cv2.morphologyEx(gray, operation, box) for operation in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT)]
    return _stretch(max((np.asarray(hat, dtype=np.float32) for hat in hats), key=lambda hat: np.percentile(hat, 90)))


def even_out(gray: Gray) -> Gray:
    """Equal contrast everywhere: distance to the local mean in local standard deviations."""
    levels = gray.astype(np.float32)
    sigma = max(min(gray.shape) / 3, 1.0)
    mean = cv2.GaussianBlur(levels, (0, 0), sigma)
    spread = np.sqrt(cv2.GaussianBlur((levels - mean) ** 2, (0, 0), sigma) + 16)
    return _stretch(np.asarray((levels - mean) / spread, dtype=np.float32))


VIEWS: Mapping[str, Callable[[Gray], Gray]] = MappingProxyType(
    {
        "global threshold": threshold_globally,
        "local threshold": threshold_locally,
        "watershed": split_by_watershed,
        "strokes": keep_strokes,
        "even contrast": even_out,
    }
)
"""Every view by name: ``uint8 (H, W)`` of one straightened line to the same shape."""


def _stretch(levels: NDArray[np.float32]) -> Gray:
    low, high = np.percentile(levels, (2, 98))
    if high <= low:
        return np.zeros(levels.shape, dtype=np.uint8)
    return np.asarray(np.clip((levels - low) * (255 / (high - low)), 0, 255), dtype=np.uint8)
