"""How sure a supposed logo is: whether the picture under it looks like it, and how many features agree."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

_RIM_PX = 5
_SOFTENED_PX = 1.5
"""Blur of both before they are compared: places are known to a pixel or two."""

# Fitted to 600 supposed logos on photographs with and without planted ones, then made stricter: a false alarm costs
# more than a logo missed.
_CONSTANT, _PER_DOUBLING, _PER_EXPLAINED = -10.0, 1.5, 12.0


def explain_patch(
    luma: NDArray[np.uint8], affine: NDArray[np.float32], *, logo: NDArray[np.float32], alpha: NDArray[np.float32]
) -> float:
    """Share 0–1 of a patch's variance that the logo explains, whatever its contrast and its ground.

    ``luma`` ``uint8 (H, W)`` is the frame, ``affine`` ``(2, 3)`` leads from the logo's pixels to the frame's; ``logo``
    and ``alpha`` ``float32 (h, w)`` are its luma and opacity 0–1. Within the logo and a thin rim around it, the patch
    is regressed on ink, opacity and a constant; 0 where the patch is flat.
    """
    height, width = logo.shape
    factor = min(112 / max(height, width), 1.0)
    size = (max(round(width * factor), 4) + 2 * _RIM_PX, max(round(height * factor), 4) + 2 * _RIM_PX)
    back = np.array([[1 / factor, 0, -_RIM_PX / factor], [0, 1 / factor, -_RIM_PX / factor]], dtype=np.float32)
    whole = np.vstack([affine, [0, 0, 1]]) @ np.vstack([back, [0, 0, 1]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    warped = cv2.warpAffine(luma, whole[:2], size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    patch = cv2.GaussianBlur(warped.astype(np.float64), (0, 0), _SOFTENED_PX)
    ink, cover = (
        cv2.warpAffine(layer, back, size, flags=cv2.INTER_AREA | cv2.WARP_INVERSE_MAP, borderValue=(0,)).astype(float)
        for layer in (logo * alpha, alpha)
    )
    ink, cover = cv2.GaussianBlur(ink, (0, 0), _SOFTENED_PX), cv2.GaussianBlur(cover, (0, 0), _SOFTENED_PX)
    within = cv2.dilate((cover > 0.3).astype(np.uint8), np.ones((2 * _RIM_PX + 1, 2 * _RIM_PX + 1), np.uint8)) > 0
    if not within.any():
        return 0.0
    seen = patch[within]
    spread = float(((seen - seen.mean()) ** 2).sum())
    if spread < 9.0 * len(seen):
        return 0.0
    layers = np.stack([ink[within], cover[within], np.ones(len(seen))], axis=1)
    left = seen - layers @ np.linalg.lstsq(layers, seen, rcond=None)[0]
    return float(np.clip(1 - (left**2).sum() / spread, 0, 1))


def judge_match(inliers: int, *, explained: float) -> float:
    """Probability 0–1 that a consensus of features is the logo, from its size and from what the logo explains."""
    odds = _CONSTANT + _PER_DOUBLING * math.log2(max(inliers, 1)) + _PER_EXPLAINED * explained
    return 1 / (1 + math.exp(-odds))
