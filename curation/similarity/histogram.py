"""The colour-histogram part of the similarity index."""

import cv2
import numpy as np
from numpy.typing import NDArray

from curation.similarity.grading import Graded

LUMA_BINS = 16
CHROMA_BINS = 8
REACH = 2.5
"""Histograms end at this many times the usual spread; what lies beyond goes into the last bin."""
CHROMA_WEIGHT = 0.5


def compare_histograms(first: Graded, second: Graded) -> float:
    """1 minus the Hellinger distance of the colour histograms, 0–1: half luma (16 bins), half chroma (8 × 8).

    Hellinger's distance (Nikulin, 2001) after smoothing by a bin, so that a value on a bin's border counts for both
    sides. Pictures without colour are compared by luma alone.
    """
    luma = 1 - _hellinger(_luma_histogram(first), _luma_histogram(second))
    if not first.chroma.any():
        return luma
    chroma = 1 - _hellinger(_chroma_histogram(first), _chroma_histogram(second))
    return (1 - CHROMA_WEIGHT) * luma + CHROMA_WEIGHT * chroma


def _bins(values: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    return np.clip(((values / REACH + 1) / 2 * count).astype(np.int64), 0, count - 1)


def _luma_histogram(picture: Graded) -> NDArray[np.float64]:
    counts = np.bincount(_bins(picture.luma, LUMA_BINS), minlength=LUMA_BINS).astype(np.float64)
    return _smooth(counts[None, :])


def _chroma_histogram(picture: Graded) -> NDArray[np.float64]:
    cells = _bins(picture.chroma.real, CHROMA_BINS) * CHROMA_BINS + _bins(picture.chroma.imag, CHROMA_BINS)
    counts = np.bincount(cells, minlength=CHROMA_BINS**2).astype(np.float64)
    return _smooth(counts.reshape(CHROMA_BINS, CHROMA_BINS))


def _smooth(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    smooth = np.asarray(cv2.GaussianBlur(counts, (0, 0), 0.7, borderType=cv2.BORDER_REFLECT), dtype=np.float64)
    return np.asarray(smooth / smooth.sum(), dtype=np.float64)


def _hellinger(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    return float(np.sqrt(max(1 - np.sqrt(first * second).sum(), 0.0)))
