"""Focus: which parts of a picture are sharp, and whether a sharp subject stands before soft ground."""

import cv2
import numpy as np
from numpy.typing import NDArray

TILE_UNIT = 1 / 32
REBLUR_SIGMA_PX = 2.0
NOISE_PERCENTILE = 10
"""The flattest tiles, whose lost slopes are those of noise alone and are taken off all."""

LEAST_ENERGY = 0.5
"""Mean squared slope of the re-blurred picture, in grey levels² a pixel, below which a tile holds no structure."""

SOFT_LOSS, SHARP_LOSS = 0.45, 0.85
"""Share of slopes lost by re-blurring: soft and sharp parts of photographs lie beyond these."""

LEAST_TILES = 4
SUBJECT_PERCENTILE, SHARPEST_PERCENTILE = 80, 95
WITHOUT_SUBJECT = 0.8
LEAST_KNOWN_UNIT = 1 / 7


def measure_local_sharpness(luma: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Sharpness of each tile of luma ``uint8 (H, W)``: ``float64 (rows, columns)``, 0–1, NaN where a tile has no
    structure to judge by.

    Tiles are a 32nd of the longer side. As ``ava.annotate.sharpness``: the share of squared slopes that
    re-blurring takes away (after Crete et al. 2007).
    """
    if min(luma.shape) < 3:
        return np.full((1, 1), np.nan)
    reblurred = np.asarray(cv2.GaussianBlur(luma, (0, 0), REBLUR_SIGMA_PX), dtype=np.uint8)
    side = max(max(luma.shape) * TILE_UNIT, 1)
    size = (max(round(luma.shape[1] / side), 1), max(round(luma.shape[0] / side), 1))
    own, left = (_slope_energy(each, size=size) for each in (luma, reblurred))
    noise = float(np.percentile(own - left, NOISE_PERCENTILE))
    own = np.maximum(own - max(noise, 0), left)
    return np.where(left >= LEAST_ENERGY, np.clip(1 - left / np.maximum(own, 1e-9), 0, 1), np.nan)


def _slope_energy(luma: NDArray[np.uint8], *, size: tuple[int, int]) -> NDArray[np.float64]:
    level = luma.astype(np.float32)
    squared = np.square(level[:-1, 1:] - level[:-1, :-1]) + np.square(level[1:, :-1] - level[:-1, :-1])
    return np.asarray(cv2.resize(squared, size, interpolation=cv2.INTER_AREA), dtype=np.float64)


def measure_depth_of_field(sharpness: NDArray[np.float64], *, subject: NDArray[np.float64]) -> float:
    """How far something sharp stands before soft ground, 0 (all sharp or all soft) to 1.

    ``sharpness`` ``(rows, columns)`` is from ``measure_local_sharpness``, ``subject`` of the same shape the share of
    each tile that belongs to the subject. Compares the sharp part of the subject's tiles with the median of the
    others; as the subject may have been missed, the sharpest of all tiles before the median of all count too, for
    four fifths. Tiles without structure say nothing, so that a title on black has no ground to be soft: a seventh of
    the frame must have structure for the full value.
    """
    known = ~np.isnan(sharpness)
    inside, outside = sharpness[known & (subject > 0.5)], sharpness[known & (subject <= 0.5)]
    if min(len(inside), len(outside)) >= LEAST_TILES:
        stands_out = _contrast(np.percentile(inside, SUBJECT_PERCENTILE), np.median(outside))
    else:
        stands_out = 0.0
    evidence = min(float(known.mean()) / LEAST_KNOWN_UNIT, 1.0)
    if known.sum() < 2 * LEAST_TILES:
        return stands_out * evidence
    anywhere = _contrast(np.percentile(sharpness[known], SHARPEST_PERCENTILE), np.median(sharpness[known]))
    return max(stands_out, WITHOUT_SUBJECT * anywhere) * evidence


def _contrast(sharp: np.floating, soft: np.floating) -> float:
    return _rise(float(sharp)) * (1 - _rise(float(soft)))


def _rise(loss: float) -> float:
    return min(max((loss - SOFT_LOSS) / (SHARP_LOSS - SOFT_LOSS), 0.0), 1.0)
