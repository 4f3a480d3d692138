"""The structural part of the similarity index."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.media.colour import to_gray
from curation.similarity.alignment import Aligned
from curation.similarity.grading import LEAST_LUMA_LEVELS

SIGMA_PX = 1.5
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
EVEN_SPREAD = 50.0
"""Standard deviation, in levels, to which both pictures are brought, so that SSIM's constants mean the same in all."""


def compare_structure(aligned: Aligned) -> float:
    """Mean structural similarity of what two aligned pictures share, 0–1, lettering left out.

    SSIM (Wang, Bovik, Sheikh & Simoncelli, 2004; Gaussian window of 1.5 px, K1 0.01, K2 0.03) of the luma brought
    to one mean and spread, negative values counting as 0. Two pictures without light and shade keep their levels.
    """
    return float(np.clip(map_structure(aligned)[aligned.counts], 0, 1).mean())


def map_structure(aligned: Aligned) -> NDArray[np.float64]:
    """SSIM around every pixel, −1 to 1, ``float64 (h, w)``; pixels that do not count take no part in windows."""
    first, second = _even_lumas(aligned)
    weight = aligned.counts.astype(np.float64)
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
        128 + (luma - (middle if plain else values.mean())) * EVEN_SPREAD / max(values.std(), LEAST_LUMA_LEVELS)
        for luma, values in zip(lumas, counted, strict=True)
    )
    return first, second
