"""Transformed views of a line: what is lettering in all of them is lettering, what is so in one only is chance."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]

_SEED_PERCENTILE = 15
"""Part of the pixels, in per cent, from which each of the two floods of the watershed starts."""


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
    """Black and white by floods from what is darkest and lightest around it, which meet on edges (Meyer 1992)."""
    levels = gray.astype(np.float32)
    stands_out = levels - cv2.GaussianBlur(levels, (0, 0), max(min(gray.shape) / 3, 1.0))
    low, high = np.percentile(stands_out, (_SEED_PERCENTILE, 100 - _SEED_PERCENTILE))
    if high <= low:
        return np.zeros_like(gray)
    seeds = np.zeros(gray.shape, dtype=np.int32)
    seeds[stands_out <= low], seeds[stands_out >= high] = 1, 2
    slope = cv2.morphologyEx(gray, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    flooded = cv2.watershed(cv2.merge((slope, slope, slope)), seeds)
    return np.asarray(np.where(flooded == 2, 255, 0), dtype=np.uint8)


VIEWS: Mapping[str, Callable[[Gray], Gray]] = MappingProxyType(
    {
        "global threshold": threshold_globally,
        "local threshold": threshold_locally,
        "watershed": split_by_watershed,
    }
)
"""Every view by name: ``uint8 (H, W)`` of one straightened line to the same shape. Top-hats and evened contrast were
tried as well and told chance from lettering no better."""
