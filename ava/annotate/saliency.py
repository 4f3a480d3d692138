"""Saliency: where a look at a still goes first, and how much calm ground is left around it."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.annotate.barrier_distance import measure_barrier_distance
from ava.annotate.base import Detections, RgbFrames
from ava.annotate.clutter import measure_calm, measure_complexity
from ava.media.colour import to_lab

WORKING_SIDE_PX = 160
SPECTRAL_SIDE_PX = 64
"""The size at which the spectral residual was made to work: larger ones pick out texture."""

SPECTRAL_BLUR_PX = 2.5
SPECTRAL_WEIGHT = 0.5
LEAST_RANGE = 12
"""Lab levels that some channel must spread over; below, there is only noise and compression to see."""

STANDS_OUT = 64
"""Lab levels, summed over the channels, by which the hundredth part of a picture that stands out most must do so for
a full peak."""

BLUR_SIGMA_UNIT = 0.015
CENTRE_SIGMA_UNIT = 0.3
CENTRE_WEIGHT = 0.7
"""The centre prior: people who film put their subject near the middle."""

FACE_WEIGHT = 0.7
HALF_MASS = 0.5
SALIENT = 0.4
X0, Y0, X1, Y1, X, Y = range(6)
"""Columns of the detector's rows."""


class Region(NamedTuple):
    """A half-open box and the centroid of what lies in it, in pixels."""

    x0: float
    y0: float
    x1: float
    y1: float
    x: float
    y: float


class Saliency:
    """One row a frame: ``x0, y0, x1, y1`` box of the subject region and ``x, y`` its centroid, in pixels;
    ``strength`` how far the region stands out from the rest, 0–1; ``negative_space`` share of calm ground, 0–1;
    ``complexity`` 0–1 (see ``measure_complexity``). Faces, where they were looked for and found, count as
    salient. A frame without anything to see has the whole frame for its region and strength 0.
    """

    name = "saliency"
    version = 1
    columns: tuple[str, ...] = ("x0", "y0", "x1", "y1", "x", "y", "strength", "negative_space", "complexity")
    x_columns: tuple[str, ...] = ("x0", "x1", "x")
    y_columns: tuple[str, ...] = ("y0", "y1", "y")
    frame_columns: tuple[str, ...] = ("subject_area", "strength", "negative_space", "complexity")
    max_side_px = 320
    weights: tuple[str, ...] = ()
    after: tuple[str, ...] = ("faces",)

    def load(self, files: Mapping[str, Path]) -> None:
        """Nothing to load."""

    def detect(
        self, frames: RgbFrames, *, frame_index: NDArray[np.int64], found: Mapping[str, Detections]
    ) -> Detections:
        """Look at frames ``uint8 (T, H, W, 3)``; one row a frame."""
        values = np.empty((len(frames), len(self.columns)), dtype=np.float32)
        for row, (rgb, index) in enumerate(zip(frames, frame_index, strict=True)):
            saliency = lift_faces(saliency_map(rgb), faces=faces_of(found, index))
            region = find_subject(saliency)
            values[row] = (
                *region,
                measure_strength(saliency, region=region),
                measure_negative_space(saliency, calm=measure_calm(rgb)),
                measure_complexity(rgb),
            )
        return Detections(frame_index, values)

    def summarise(
        self, found: Detections, *, frame_index: NDArray[np.int64], size: tuple[int, int]
    ) -> NDArray[np.float32]:
        """The subject box's share of the frame, strength, negative space and complexity of each frame; NaN where a
        frame has no row."""
        signals = np.full((len(frame_index), len(self.frame_columns)), np.nan, dtype=np.float32)
        rows = np.searchsorted(frame_index, found.frame_index)
        box = found.values[:, X0 : Y1 + 1]
        signals[rows, 0] = (box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1]) / (size[0] * size[1])
        signals[rows, 1:] = found.values[:, Y + 1 :]
        return signals


def faces_of(found: Mapping[str, Detections], index: np.int64) -> NDArray[np.float32]:
    """Boxes and scores ``float32 (N, 5)`` of the faces found in one frame: x0, y0, x1, y1, score."""
    faces = found.get("faces")
    if faces is None:
        return np.empty((0, 5), dtype=np.float32)
    return faces.values_at(index)[:, :5]


def saliency_map(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How much each pixel of RGB ``uint8 (H, W, 3)`` draws the eye: ``float32 (H, W)`` from 0 to 1.

    Minimum barrier distance from the rim over the Lab channels (Zhang et al. 2015), which finds what stands out as a
    whole, plus half the spectral residual (Hou & Zhang 2007), which finds what is unusual in detail, times a centre
    prior. The peak is 1 where something stands out by 64 Lab levels and accordingly lower in pictures without such
    a thing; one without any contrast is 0 everywhere.
    """
    height, width = rgb.shape[:2]
    scale = min(WORKING_SIDE_PX / max(height, width), 1.0)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    lab = to_lab(np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8))
    if np.ptp(lab, axis=(0, 1)).max() < LEAST_RANGE:
        return np.zeros((height, width), dtype=np.float32)
    distance = measure_barrier_distance(lab)
    peak = min(float(np.percentile(distance, 99)) / STANDS_OUT, 1.0)
    residual = _normalise(measure_spectral_residual(lab))
    mixed = (_normalise(distance) + SPECTRAL_WEIGHT * residual) * _centre_prior(size)
    smooth = cv2.GaussianBlur(mixed, (0, 0), max(BLUR_SIGMA_UNIT * max(size), 0.5))
    enlarged = cv2.resize(_normalise(np.asarray(smooth)), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip(enlarged, 0, 1) * np.float32(peak), dtype=np.float32)


def measure_spectral_residual(lab: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What of each channel of ``uint8 (H, W, C)`` the smooth course of its own spectrum does not foretell, squared and
    summed: ``float32 (H, W)`` (Hou & Zhang 2007, at 64 × 64 px)."""
    small = cv2.resize(lab, (SPECTRAL_SIDE_PX, SPECTRAL_SIDE_PX), interpolation=cv2.INTER_AREA)
    total = np.zeros(small.shape[:2], dtype=np.float64)
    for channel in np.moveaxis(small.astype(np.float64), 2, 0):
        spectrum = np.fft.fft2(channel)
        logarithm = np.log(np.abs(spectrum) + 1e-3)
        residual = logarithm - cv2.blur(logarithm, (3, 3))
        total += np.square(np.abs(np.fft.ifft2(np.exp(residual + 1j * np.angle(spectrum)))))
    smooth = cv2.GaussianBlur(total.astype(np.float32), (0, 0), SPECTRAL_BLUR_PX)
    return np.asarray(cv2.resize(smooth, lab.shape[1::-1], interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def _centre_prior(size: tuple[int, int]) -> NDArray[np.float32]:
    across, down = (np.square((np.arange(side) + 0.5) / side - 0.5) for side in size)
    falling = np.exp(-(down[:, None] + across[None]) / (2 * CENTRE_SIGMA_UNIT**2))
    return (1 - CENTRE_WEIGHT + CENTRE_WEIGHT * falling).astype(np.float32)


def _normalise(values: NDArray[np.float32]) -> NDArray[np.float32]:
    low, high = float(values.min()), float(values.max())
    return (values - np.float32(low)) / np.float32(high - low) if high > low else np.zeros_like(values)


def lift_faces(saliency: NDArray[np.float32], *, faces: NDArray[np.float32]) -> NDArray[np.float32]:
    """Raise a map ``float32 (H, W)`` at faces ``(N, 5)`` (x0, y0, x1, y1, score): nothing draws the eye like them
    (Cerf, Frady & Koch 2009)."""
    if not len(faces):
        return saliency
    lifted = saliency * np.float32(1 - FACE_WEIGHT)
    rows, columns = np.indices(saliency.shape, dtype=np.float32)
    for x0, y0, x1, y1, score in faces:
        across = (columns + 0.5 - (x0 + x1) / 2) / max((x1 - x0) / 2, 1)
        down = (rows + 0.5 - (y0 + y1) / 2) / max((y1 - y0) / 2, 1)
        distance = np.square(across) + np.square(down)
        lifted = np.maximum(lifted, np.clip(score, 0, 1) * np.exp(-distance / 2))
    return np.asarray(_normalise(lifted), dtype=np.float32)


def find_subject(saliency: NDArray[np.float32]) -> Region:
    """The region that holds the most saliency: threshold (Otsu 1979), then the connected part of largest mass and
    those at least half as heavy. The whole frame where a map is 0."""
    height, width = saliency.shape
    levels = np.round(saliency * 255).astype(np.uint8)
    if not levels.any():
        return Region(0, 0, width, height, width / 2, height / 2)
    _, bright = cv2.threshold(levels, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    _, labels = cv2.connectedComponents(bright, connectivity=8)
    mass = np.bincount(labels.ravel(), weights=saliency.ravel())
    mass[0] = 0
    chosen = np.isin(labels, np.flatnonzero(mass >= HALF_MASS * mass.max()))
    rows, columns = np.flatnonzero(chosen.any(axis=1)), np.flatnonzero(chosen.any(axis=0))
    weights = np.where(chosen, saliency, 0).astype(np.float64)
    x = float((weights.sum(axis=0) * (np.arange(width) + 0.5)).sum() / weights.sum())
    y = float((weights.sum(axis=1) * (np.arange(height) + 0.5)).sum() / weights.sum())
    return Region(float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1), x, y)


def measure_strength(saliency: NDArray[np.float32], *, region: Region) -> float:
    """Mean saliency inside the region less that outside, 0–1; 0 when the region is the whole frame."""
    inside = np.zeros(saliency.shape, dtype=bool)
    inside[int(region.y0) : int(region.y1), int(region.x0) : int(region.x1)] = True
    if inside.all():
        return 0.0
    return max(float(saliency[inside].mean(dtype=np.float64) - saliency[~inside].mean(dtype=np.float64)), 0.0)


def measure_negative_space(saliency: NDArray[np.float32], *, calm: NDArray[np.bool_]) -> float:
    """Share 0–1 of the frame that is calm, ``bool (H, W)``, and not salient, ``float32 (H, W)``: room for lettering."""
    return float((calm & (saliency < SALIENT)).mean())
