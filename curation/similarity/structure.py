"""The structural part of the similarity index."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.media.colour import to_gray
from curation.similarity.alignment import Aligned
from curation.similarity.grading import LEAST_LUMA_LEVELS
from curation.similarity.local_difference import find_local_difference

SIGMA_PX = 1.5
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
MIDDLE = 128.0
EVEN_SPREAD = 50.0
"""Standard deviation, in levels, to which both pictures are brought, so that SSIM's constants mean the same in all."""


LOCAL_WEIGHT = 0.75
"""Of the greatest local difference against the mean similarity."""


def compare_structure(aligned: Aligned) -> float:
    """Structural similarity of what two aligned pictures share less their greatest local difference, 0–1.

    SSIM (Wang, Bovik, Sheikh & Simoncelli, 2004; Gaussian window of 1.5 px, K1 0.01, K2 0.03) of the luma brought
    to one mean and spread, negative values counting as 0, averaged; less 3/4 of the greatest local
    difference (see ``find_local_difference``): in another moment of one shot nearly everything agrees but a hand.
    Lettering is left out. Two pictures without light and shade keep their levels.
    """
    first, second = _even_lumas(aligned)
    weight = aligned.counts.astype(np.float64)
    mean = float(np.clip(_map_structure(first, second, weight=weight)[aligned.counts], 0, 1).mean())
    lumas = (first - MIDDLE) / EVEN_SPREAD, (second - MIDDLE) / EVEN_SPREAD
    return max(mean - LOCAL_WEIGHT * find_local_difference(aligned, lumas=lumas), 0.0)


def _map_structure(
    first: NDArray[np.float64], second: NDArray[np.float64], *, weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """SSIM around every pixel, −1 to 1, ``float64 (h, w)``; pixels of no weight take no part in windows."""
    norm = np.maximum(_blur(weight), 1e-6)
    mean_first, mean_second = _blur(first * weight) / norm, _blur(second * weight) / norm
    square_first = np.maximum(_blur(first * first * weight) / norm - mean_first**2, 0)
    square_second = np.maximum(_blur(second * second * weight) / norm - mean_second**2, 0)
    product = _blur(first * second * weight) / norm - mean_first * mean_second
    light = (2 * mean_first * mean_second + C1) / (mean_first**2 + mean_second**2 + C1)
    return np.asarray(light * (2 * product + C2) / (square_first + square_second + C2), dtype=np.float64)


def _blur(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), SIGMA_PX, borderType=cv2.BORDER_REFLECT), dtype=np.float64)


def _even_lumas(aligned: Aligned) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both lumas around 128 with a spread of 50 levels, ``float64 (h, w)``; see ``LEAST_LUMA_LEVELS``."""
    lumas = [to_gray(rgb).astype(np.float64) for rgb in (aligned.first, aligned.second)]
    counted = [luma[aligned.counts] for luma in lumas]
    plain = max(values.std() for values in counted) < LEAST_LUMA_LEVELS
    middle = np.mean([values.mean() for values in counted])
    first, second = (
        MIDDLE + (luma - (middle if plain else values.mean())) * EVEN_SPREAD / max(values.std(), LEAST_LUMA_LEVELS)
        for luma, values in zip(lumas, counted, strict=True)
    )
    return first, second
