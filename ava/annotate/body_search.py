"""Bodies found by their outline alone, in pictures of people who turn their backs or stand far away."""

from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.annotate.face_boxes import Boxes, keep_best

OUTLINE_SIDE_PX, UPPER_SIDE_PX = 480, 320
OUTLINE_SCALE, UPPER_SCALE = 1.1, 1.1
LEAST_OUTLINE_MARGIN = 0.8
"""Distance from the classifier's boundary; measured on photographs without people."""

LEAST_UPPER_NEIGHBOURS = 4
WINDOW_PX = (64, 128)
UPPER_WINDOW_PX = (22, 18)
BODY_SHARE = 0.125
"""The outline's window has this share of air on each side of the body."""

SAME_BODY_OVERLAP = 0.4


class FoundBodies(NamedTuple):
    """``boxes`` ``float32 (N, 4)`` in the picture's pixels, ``scores`` ``float32 (N,)`` 0–1."""

    boxes: Boxes
    scores: NDArray[np.float32]


class BodySearch:
    """OpenCV's shipped detectors: the outline of standing people (Dalal & Triggs 2005, "Histograms of oriented
    gradients for human detection") and head with shoulders (Kruppa, Castrillón-Santana & Schiele 2003).

    Its cascade of full bodies is left out: on photographs it found nobody whom the outline had missed, and fired on
    trees and masts.
    """

    def __init__(self) -> None:
        cv2.setNumThreads(1)
        self._outline = cv2.HOGDescriptor()
        self._outline.setSVMDetector(np.asarray(cv2.HOGDescriptor.getDefaultPeopleDetector(), dtype=np.float32))
        self._upper = cv2.CascadeClassifier(str(Path(cv2.__file__).parent / "data" / "haarcascade_upperbody.xml"))

    def find_standing(self, luma: NDArray[np.uint8]) -> FoundBodies:
        """Whole standing bodies of a luma picture ``uint8 (H, W)``, the surest first."""
        small, scale = _shrink(luma, side_px=OUTLINE_SIDE_PX)
        if small.shape[1] < WINDOW_PX[0] or small.shape[0] < WINDOW_PX[1]:
            return _nobody()
        windows, margins = self._outline.detectMultiScale(
            small, hitThreshold=LEAST_OUTLINE_MARGIN, winStride=(8, 8), padding=(8, 8), scale=OUTLINE_SCALE
        )
        if not len(windows):
            return _nobody()
        x, y, width, height = np.asarray(windows, dtype=np.float32).T / scale
        air = width * BODY_SHARE
        boxes = np.stack([x + air, y + air / 2, x + width - air, y + height - air], axis=1)
        scores = 1 / (1 + np.exp(-np.ravel(margins).astype(np.float64)))
        return _distinct(boxes, scores, size=(luma.shape[1], luma.shape[0]))

    def find_upper(self, luma: NDArray[np.uint8]) -> FoundBodies:
        """Heads with shoulders of a luma picture ``uint8 (H, W)``; many are none: believe those about a face."""
        small, scale = _shrink(luma, side_px=UPPER_SIDE_PX)
        if small.shape[1] < UPPER_WINDOW_PX[0] or small.shape[0] < UPPER_WINDOW_PX[1]:
            return _nobody()
        windows = self._upper.detectMultiScale(
            small, scaleFactor=UPPER_SCALE, minNeighbors=LEAST_UPPER_NEIGHBOURS, minSize=UPPER_WINDOW_PX
        )
        if not len(windows):
            return _nobody()
        x, y, width, height = np.asarray(windows, dtype=np.float32).T / scale
        boxes = np.stack([x, y, x + width, y + height], axis=1)
        return _distinct(boxes, np.full(len(boxes), 0.5), size=(luma.shape[1], luma.shape[0]))


def _shrink(luma: NDArray[np.uint8], *, side_px: int) -> tuple[NDArray[np.uint8], np.float32]:
    scale = min(side_px / max(luma.shape), 1.0)
    if scale == 1.0:
        return luma, np.float32(1)
    size = (max(round(luma.shape[1] * scale), 1), max(round(luma.shape[0] * scale), 1))
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), dtype=np.uint8), np.float32(scale)


def _distinct(boxes: NDArray[np.float32], scores: NDArray[np.float64], *, size: tuple[int, int]) -> FoundBodies:
    keep = keep_best(boxes, scores, overlap=SAME_BODY_OVERLAP)
    within: Boxes = np.clip(boxes[keep], 0, [*size, *size]).astype(np.float32)
    return FoundBodies(within, scores[keep].astype(np.float32))


def _nobody() -> FoundBodies:
    return FoundBodies(np.empty((0, 4), np.float32), np.empty(0, np.float32))
