"""Sharpness: how much fine detail a frame keeps, where it is sharpest, and whether movement took it away."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import AnnotationTable, RgbFrames
from ava.media.colour import to_gray

TILE_PX = 20
REBLUR_SIGMA_PX = 2.0
LEAST_ENERGY = 1.5
"""Mean squared slope of the re-blurred picture, in grey levels² a pixel, below which a tile holds no structure."""

LEAST_OF_NOISE = 0.15
"""Slopes that survive re-blurring must reach this part of the noise's own, or the noise hides whether the tile is
sharp."""

SHARPEST_SHARE = 0.15
"""The sharpest part of the structured tiles that stands for the subject."""

NOISE_PERCENTILE = 10


class Sharpness:
    """All 0–1. ``sharpness``: of the whole picture; 0 where nothing has structure. ``subject_sharpness``: of the
    sharpest 15 % of the structured tiles, so that a portrait before a soft ground counts as sharp.
    ``motion_blur``: how much more detail is missing along one axis than along the other; defocus takes from
    both alike and gives about 0. ``defocus``: how soft the sharpest part is even along its sharper axis, which
    movement along the other one spares; 0 where nothing has structure. Movement at 45° takes from both axes alike and
    shows in neither.

    A sharp picture loses most of its slopes when it is blurred once more, a soft one hardly any: the measure is
    the lost share (after Crete, Dolmiere, Ladret & Nicolas 2007, "The blur effect"), on squared slopes, tile by
    tile of 20 px, with the slopes of noise (those of the flattest tiles) taken off first. It does not depend on
    contrast.
    """

    name = "sharpness"
    version = 2
    columns: tuple[str, ...] = ("sharpness", "subject_sharpness", "motion_blur", "defocus")
    max_side_px = 640
    halo = 0

    def load(self) -> None:
        """Nothing to load."""

    def annotate(self, frames: RgbFrames, *, frame_index: NDArray[np.int64]) -> AnnotationTable:
        """Measure ``uint8 (T, H, W, 3)``; see the class for units and ranges."""
        values = np.array([_measure(luma) for luma in to_gray(frames)], dtype=np.float32)
        return AnnotationTable(frame_index, values.reshape(-1, len(self.columns)))


def _measure(luma: NDArray[np.uint8]) -> tuple[float, float, float, float]:
    if min(luma.shape) < 3:
        return 0.0, 0.0, 0.0, 0.0
    reblurred = np.asarray(cv2.GaussianBlur(luma, (0, 0), REBLUR_SIGMA_PX), dtype=np.uint8)
    own = _slope_energy(luma)
    left = _slope_energy(reblurred)
    lost = np.sort((own - left).reshape(2, -1), axis=1)
    noise = lost[:, round((lost.shape[1] - 1) * NOISE_PERCENTILE / 100), None, None]
    own = np.maximum(own - np.maximum(noise, 0), left)
    by_axis = [_lost_share(own[axis], left[axis]) for axis in (0, 1)]
    structured = left.sum(axis=0) >= max(LEAST_ENERGY, LEAST_OF_NOISE * float(noise.sum()))
    if not structured.any():
        return 0.0, 0.0, 0.0, 0.0
    tiles = 1 - left.sum(axis=0)[structured] / own.sum(axis=0)[structured]
    whole = 1 - float(left[:, structured].sum() / own[:, structured].sum())
    defocus = _defocus(own[:, structured], left[:, structured])
    return whole, _mean_of_sharpest(tiles), _directional_loss(*by_axis), defocus


def _mean_of_sharpest(tiles: NDArray[np.float64]) -> float:
    return float(np.sort(tiles)[-max(1, round(len(tiles) * SHARPEST_SHARE)) :].mean())


def _defocus(own: NDArray[np.float64], left: NDArray[np.float64]) -> float:
    """One minus the share of slopes that re-blurring takes along the sharper axis of each tile ``(2, N)``, in the
    sharpest tiles; an axis without structure says nothing of a tile."""
    lost = np.where(left >= LEAST_ENERGY / 2, 1 - left / np.maximum(own, 1e-9), 0)
    return 1 - _mean_of_sharpest(lost.max(axis=0))


def _slope_energy(luma: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Mean squared slope along x and along y of each tile: ``(2, rows, columns)``, grey levels² a pixel."""
    columns, rows = (max((side - 1) // TILE_PX, 1) for side in luma.shape[::-1])
    # Whole tiles only: averaging by an exact divisor is several times as fast.
    width, height = min(columns * TILE_PX, luma.shape[1] - 1), min(rows * TILE_PX, luma.shape[0] - 1)
    core = luma[:height, :width]
    energies = []
    for beside in (luma[:height, 1 : width + 1], luma[1 : height + 1, :width]):
        slope = cv2.absdiff(core, beside)
        squared = cv2.multiply(slope, slope, dtype=cv2.CV_32F)
        energies.append(cv2.resize(squared, (columns, rows), interpolation=cv2.INTER_AREA))
    return np.asarray(energies, dtype=np.float64)


def _lost_share(own: NDArray[np.float64], left: NDArray[np.float64]) -> float | None:
    """Share of the slopes along one axis that re-blurring takes; None where that axis has no structure."""
    structured = left >= LEAST_ENERGY / 2
    return 1 - float(left[structured].sum() / own[structured].sum()) if structured.any() else None


def _directional_loss(along_x: float | None, along_y: float | None) -> float:
    """0 when both axes are equally sharp, towards 1 when one has kept its detail and the other has lost it."""
    if along_x is None or along_y is None:
        return 0.0
    sharper = max(along_x, along_y)
    return (sharper - min(along_x, along_y)) / sharper if sharper > 0 else 0.0
