"""Motion: how much changes from the frame before, and how much of that movement explains."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import AnnotationTable, RgbFrames
from ava.annotate.global_motion import find_global_motion
from ava.media.colour import to_gray

SMALLEST_FLOW_SIDE_PX = 32
"""Dense inverse search looks for 8-pixel patches at a quarter of the size; smaller pictures are extended."""

COMPARED_SIDE_PX = 160
BLOCK_PX = 8
NOISE_VARIANCE = 4.0
"""Luma variance in a block that film grain and compression leave in flat areas."""


class _Pair(NamedTuple):
    """A frame's luma, the one before, and the flow between them, all at the smaller size they are compared at."""

    before: NDArray[np.uint8]
    now: NDArray[np.uint8]
    flow: NDArray[np.float32]


class Motion:
    """What has changed since the frame before.

    ``frame_difference``: mean absolute luma difference, 0–1. ``flow_magnitude``: mean length of the optical flow,
    as a share of the longer side. ``residual``: mean absolute luma difference that is left after the frame before
    has been moved along the flow, 0–1. ``structure_change``: how little of the picture's structure is found again
    after that move, 0–1; it is indifferent to brightness, so a flash changes it little and a cut much.

    What the camera did, from a robust fit to the flow (``ava.annotate.global_motion``). ``pan``: share of the
    picture's width, + when the camera turns right. ``tilt``: share of its height, + when it turns up. ``zoom``: natural
    logarithm of the picture's growth, + when it moves in. ``roll_deg``: + when the camera rolls clockwise.
    ``camera_fit``: share of the textured picture that follows the fit, 0–1. What moves on its own after that:
    ``subject_motion``, its mean flow over the whole picture as a share of the longer side, and ``subject_area``, its
    share of the picture, 0–1; ``held_area``: the share of the picture that stands still in it while the camera moves,
    as what a camera follows does. All are 0, ``camera_fit`` too, where there is nothing to go by: in flat pictures, at
    cuts, and where a frame repeats the one before (there ``frame_difference`` is 0).

    Flow: dense inverse search (Kroeger, Timofte, Dai & Van Gool 2016), "ultrafast" operating point. The film's
    first frame has 0 in every column; a frame whose predecessor could not be decoded has NaN.
    """

    name = "motion"
    version = 2
    columns: tuple[str, ...] = (
        "frame_difference",
        "flow_magnitude",
        "residual",
        "structure_change",
        "pan",
        "tilt",
        "zoom",
        "roll_deg",
        "camera_fit",
        "subject_motion",
        "subject_area",
        "held_area",
    )
    max_side_px = 320
    halo = 1

    def load(self) -> None:
        """Make the flow estimator."""
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)

    def annotate(self, frames: RgbFrames, *, frame_index: NDArray[np.int64]) -> AnnotationTable:
        """Measure ``uint8 (T, H, W, 3)``; see the class for units and ranges."""
        values = np.full((len(frames), len(self.columns)), np.nan, dtype=np.float32)
        luma = to_gray(frames)
        for row, index in enumerate(frame_index):
            if index == 0:
                values[row] = 0
            elif row and frame_index[row - 1] == index - 1:
                values[row] = self._compare(luma[row - 1], luma[row])
        return AnnotationTable(frame_index, values)

    def _compare(self, before: NDArray[np.uint8], now: NDArray[np.uint8]) -> tuple[float, ...]:
        difference = _mean_difference(before, now)
        if not difference:
            return (0.0,) * len(self.columns)
        flow = self._find_flow(before, now)
        # Not cv2.magnitude: its last bit depends on where in memory the flow happens to lie.
        length = np.sqrt(np.square(flow[..., 0]) + np.square(flow[..., 1]))
        magnitude = float(length.mean(dtype=np.float64)) / max(now.shape)
        small = _shrink_pair(before, now, flow=flow)
        moved = _move(small)
        residual = min(_mean_difference(moved, small.now), difference)
        camera = find_global_motion(small.flow, small.before, small.now)
        return difference, magnitude, residual, _structure_change(moved, small.now), *camera

    def _find_flow(self, before: NDArray[np.uint8], now: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Where each pixel of ``now`` was in ``before``: ``float32 (H, W, 2)``, x and y in pixels."""
        height, width = now.shape
        below, right = max(SMALLEST_FLOW_SIDE_PX - height, 0), max(SMALLEST_FLOW_SIDE_PX - width, 0)
        if below or right:
            before, now = (np.pad(luma, ((0, below), (0, right)), mode="edge") for luma in (before, now))
        flow = self._flow.calc(now, before, None)  # type: ignore[call-overload]
        return np.asarray(flow[:height, :width], dtype=np.float32)


def _mean_difference(before: NDArray[np.uint8], now: NDArray[np.uint8]) -> float:
    return float(cv2.norm(before, now, cv2.NORM_L1)) / now.size / 255


def _shrink_pair(before: NDArray[np.uint8], now: NDArray[np.uint8], *, flow: NDArray[np.float32]) -> _Pair:
    height, width = now.shape
    scale = min(COMPARED_SIDE_PX / max(height, width), 1.0)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    lumas = (cv2.resize(luma, size, interpolation=cv2.INTER_AREA) for luma in (before, now))
    small_before, small_now = (np.asarray(luma, dtype=np.uint8) for luma in lumas)
    small_flow = np.asarray(cv2.resize(flow, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
    return _Pair(small_before, small_now, small_flow * np.float32(scale))


def _move(pair: _Pair) -> NDArray[np.uint8]:
    """The frame before, moved along the flow."""
    rows, columns = np.indices(pair.now.shape, dtype=np.float32)
    moved = cv2.remap(
        pair.before,
        columns + pair.flow[..., 0],
        rows + pair.flow[..., 1],
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(moved, dtype=np.uint8)


def _structure_change(before: NDArray[np.uint8], now: NDArray[np.uint8]) -> float:
    """One minus the correlation of blocks of two lumas, averaged with more weight on blocks with more to see."""
    first, second = before.astype(np.float32), now.astype(np.float32)
    mean_first, mean_second = _block_means(first), _block_means(second)
    variance_first = _block_means(first * first) - mean_first * mean_first
    variance_second = _block_means(second * second) - mean_second * mean_second
    covariance = _block_means(first * second) - mean_first * mean_second
    spread = np.sqrt(
        (np.maximum(variance_first, 0) + NOISE_VARIANCE) * (np.maximum(variance_second, 0) + NOISE_VARIANCE)
    )
    weights = np.sqrt(np.sqrt(np.maximum(np.maximum(variance_first, variance_second), 0) + 1e-6))
    found = (np.clip(covariance / spread, 0, 1) * weights).sum(dtype=np.float64) / weights.sum(
        dtype=np.float64
    )
    return float(1 - found)


def _block_means(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Means of whole 8 × 8 blocks; a side shorter than a block is one block."""
    height, width = values.shape
    blocks = (max(width // BLOCK_PX, 1), max(height // BLOCK_PX, 1))
    whole = values[: max(blocks[1] * BLOCK_PX, 1), : max(blocks[0] * BLOCK_PX, 1)]
    return np.asarray(cv2.resize(whole, blocks, interpolation=cv2.INTER_AREA), dtype=np.float32)
