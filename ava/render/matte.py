"""Cutting people and things out of pictures, and filling the hole that they leave."""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from ava.render.plate import Matte, Plate, Rgb

Outline = Sequence[tuple[float, float]]
"""Corners of a polygon in pixels of the plate."""
_WORK_SCALE = 0.5
_ITERATIONS = 4


def cut_out(
    plate: Plate, *, surely: Outline, at_most: Outline, feather_px: float = 1.2, draw_in_unit: float = 0.43
) -> Plate:
    """Give a plate a soft matte around its subject.

    ``surely`` lies inside the subject, ``at_most`` around it; between the two GrabCut (Rother, Kolmogorov and
    Blake 2004) decides by colour, at half the size. The largest connected part is kept. ``draw_in_unit``
    moves its edge inwards (0.5 leaves it) where the old background shines through at the rim.
    """
    small = cv2.resize(plate.rgb, None, fx=_WORK_SCALE, fy=_WORK_SCALE, interpolation=cv2.INTER_AREA)
    labels = np.full(small.shape[:2], cv2.GC_BGD, dtype=np.uint8)
    cv2.fillPoly(labels, [_corners(at_most)], cv2.GC_PR_FGD)
    cv2.fillPoly(labels, [_corners(surely)], cv2.GC_FGD)
    # GrabCut starts its colour clusters at random: a fixed seed makes the same picture give the same matte.
    cv2.setRNGSeed(7)
    cv2.grabCut(small, labels, None, np.zeros((1, 65)), np.zeros((1, 65)), _ITERATIONS, cv2.GC_INIT_WITH_MASK)  # type: ignore[call-overload]
    inside = np.where((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD), 255, 0).astype(np.uint8)
    matte = cv2.resize(_largest_part(inside), (plate.width, plate.height), interpolation=cv2.INTER_LINEAR)
    return replace(plate, matte=_soften(matte, feather_px=feather_px, draw_in_unit=draw_in_unit))


def _corners(outline: Outline) -> NDArray[np.int32]:
    return np.asarray(np.round(np.asarray(outline) * _WORK_SCALE), dtype=np.int32)


def _largest_part(inside: Matte) -> Matte:
    clean = cv2.morphologyEx(inside, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    clean = cv2.morphologyEx(clean, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(clean)
    if count < 2:
        return inside
    largest = 1 + int(np.argmax(statistics[1:, cv2.CC_STAT_AREA]))
    return np.where(labels == largest, 255, 0).astype(np.uint8)


def _soften(matte: MatLike, *, feather_px: float, draw_in_unit: float) -> Matte:
    """Round off the staircase of the small matte, move its edge, and feather it."""
    smooth = cv2.GaussianBlur(matte, (0, 0), 3.0).astype(np.float32)
    tight = np.clip((smooth - 255 * draw_in_unit) * 2.1, 0, 255)
    return np.asarray(np.round(cv2.GaussianBlur(tight, (0, 0), feather_px)), dtype=np.uint8)


def fill_hole(rgb: Rgb, *, hole: Matte) -> Rgb:
    """Fill ``hole`` (where not 0) smoothly from its surroundings by pull-push pyramids (Gortler et al. 1996).

    Meant for backgrounds that are then put out of focus or covered: it invents no texture.
    """
    weight = (hole == 0).astype(np.float32)
    filled = _pull_push(rgb.astype(np.float32) * weight[..., None], weight)
    return np.where(weight[..., None] > 0, rgb, np.clip(filled, 0, 255)).astype(np.uint8)


def _pull_push(weighted: MatLike, weight: MatLike) -> NDArray[np.float32]:
    height, width = weight.shape
    mean = weighted / np.maximum(weight, 1e-6)[..., None]
    if min(height, width) <= 2:
        total = max(float(weight.sum()), 1e-6)
        return np.where(weight[..., None] > 1e-6, mean, weighted.sum(axis=(0, 1)) / total)
    half = ((width + 1) // 2, (height + 1) // 2)
    coarse = _pull_push(
        cv2.resize(weighted, half, interpolation=cv2.INTER_AREA),
        cv2.resize(weight, half, interpolation=cv2.INTER_AREA),
    )
    wide = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    share = np.minimum(weight, 1.0)[..., None]
    return np.asarray(mean * share + wide * (1 - share), dtype=np.float32)
