"""Noise: how strong the grain or sensor noise of a frame is."""

import math
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import AnnotationTable, RgbFrames
from ava.media.colour import to_gray

TILE_PX = 16
CALM_PERCENTILE = 20
"""The calm tiles that stand for noise: their second differences hold least of edges and texture."""

CALM_BIAS = 0.94
"""What that percentile of tiles of pure Gaussian noise is of its sigma, measured on 640 × 360 pixels."""

DARK_LUMA, BRIGHT_LUMA = 8, 247
"""Tiles with a mean luma outside these are left out: noise is cut off at the ends of the scale."""

LEAST_USABLE = 0.1
"""Where fewer tiles are left, as on a title card, they are all lettering, and every tile counts."""

MOST_SIGMA = 0.5
"""Half the scale: no values spread further."""

_Pixels = TypeVar("_Pixels", NDArray[np.int16], NDArray[np.uint8])


class Noise:
    """``sigma``: standard deviation of the luma noise in levels / 255, 0–0.5, of the frame as it is measured, at a
    longer side of at most 640 px (scaling down averages noise away). Texture counts when no part of a frame is
    calm. 0 for plain frames and where everything is crushed or blown.

    Immerkær's (1996) Laplacian-like mask, which is blind to even gradients, tile by tile of 16 px; a low
    percentile of the tiles, as in block-based estimation (Rank, Lendl & Unbehauen 1999).
    """

    name = "noise"
    version = 1
    columns: tuple[str, ...] = ("sigma",)
    max_side_px = 640
    halo = 0

    def load(self) -> None:
        """Nothing to load."""

    def annotate(self, frames: RgbFrames, *, frame_index: NDArray[np.int64]) -> AnnotationTable:
        """Measure ``uint8 (T, H, W, 3)``; see the class for units and ranges."""
        values = np.array([[estimate_noise(luma)] for luma in to_gray(frames)], dtype=np.float32)
        return AnnotationTable(frame_index, values.reshape(-1, 1))


def estimate_noise(luma: NDArray[np.uint8]) -> float:
    """Sigma of the noise in luma ``uint8 (H, W)`` in levels / 255; see ``Noise``."""
    height, width = luma.shape
    if min(height, width) < 3:
        return 0.0
    mask = np.array([1, -2, 1], dtype=np.float32)
    second = np.asarray(cv2.sepFilter2D(luma, cv2.CV_16S, mask, mask), dtype=np.int16)[1:-1, 1:-1]
    magnitude = _mean_tiles(np.abs(_half_of_tiles(second)).astype(np.float32))
    level = _mean_tiles(_half_of_tiles(luma[1:-1, 1:-1]))
    usable = (level >= DARK_LUMA) & (level <= BRIGHT_LUMA)
    if usable.mean() >= LEAST_USABLE:
        magnitude = magnitude[usable]
    # The mask's weights have a norm of 6; the mean of |normal| is √(2/π) sigma.
    sigma = float(np.percentile(magnitude, CALM_PERCENTILE)) * math.sqrt(math.pi / 2) / 6 / CALM_BIAS
    return min(sigma / 255, MOST_SIGMA)


def _half_of_tiles(values: _Pixels) -> _Pixels:
    """Every other row of whole tiles ``(rows, tile height, width)``: half the work, and as many tiles as a percentile
    needs."""
    height, width = values.shape
    rows, columns = max(height // TILE_PX, 1), max(width // TILE_PX, 1)
    tall, wide = min(height, TILE_PX), min(width, columns * TILE_PX)
    return values[: rows * tall, :wide].reshape(rows, tall, wide)[::2]


def _mean_tiles(bands: NDArray[np.float32] | NDArray[np.uint8]) -> NDArray[np.float64]:
    """Means of the tiles of rows of them ``(rows, tile height, width)``."""
    rows, _, width = bands.shape
    size = (max(width // TILE_PX, 1), rows)
    return np.asarray(cv2.resize(bands.reshape(-1, width), size, interpolation=cv2.INTER_AREA), dtype=np.float64)
