"""Exposure: how bright a frame is, how far its tones spread, and how much of it is crushed or blown out."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import AnnotationTable, RgbFrames
from ava.media.colour import to_gray

CLIPPED_LOW = 6
CLIPPED_HIGH = 250
"""Luma at or beyond which detail is taken for lost: the levels that compression smears around 0 and 255."""


class Exposure:
    """``brightness`` mean luma 0–1; ``contrast`` RMS contrast, the standard deviation of luma, 0–0.5 (Peli
    1990); ``clipped_low`` and ``clipped_high`` shares of pixels, 0–1, at the ends of the scale."""

    name = "exposure"
    version = 2
    columns: tuple[str, ...] = ("brightness", "contrast", "clipped_low", "clipped_high")
    max_side_px = 320
    halo = 0

    def load(self) -> None:
        """Nothing to load."""

    def annotate(self, frames: RgbFrames, *, frame_index: NDArray[np.int64]) -> AnnotationTable:
        """Measure ``uint8 (T, H, W, 3)``; see the class for units and ranges."""
        values = np.array([_measure(luma) for luma in to_gray(frames)], dtype=np.float32)
        return AnnotationTable(frame_index, values.reshape(-1, len(self.columns)))


def _measure(luma: NDArray[np.uint8]) -> tuple[float, float, float, float]:
    # Whole numbers make the sums exact, so the result cannot depend on the order of summation.
    counts = cv2.calcHist([luma], [0], None, [256], [0, 256])[:, 0].astype(np.int64)
    levels = np.arange(256)
    total = luma.size
    mean = int((counts * levels).sum()) / total
    variance = int((counts * levels**2).sum()) / total - mean**2
    low, high = int(counts[: CLIPPED_LOW + 1].sum()), int(counts[CLIPPED_HIGH:].sum())
    return mean / 255, max(variance, 0.0) ** 0.5 / 255, low / total, high / total
