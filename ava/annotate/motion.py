"""Motion: how much changes from the frame before, and how much of that movement explains."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import AnnotationTable, RgbFrames
from ava.media.colour import to_gray

SMALLEST_FLOW_SIDE_PX = 32
"""Dense inverse search looks for 8-pixel patches at a quarter of the size; smaller pictures are extended."""


class Motion:
    """``frame_difference`` mean absolute luma difference to the frame before, 0–1; ``flow_magnitude`` mean
    length of the optical flow, as a share of the longer side per frame; ``residual`` mean absolute luma
    difference, 0–1, that is left after the frame before has been moved along the flow.

    Flow: dense inverse search (Kroeger, Timofte, Dai & Van Gool 2016), "ultrafast" operating point. The
    film's first frame has 0 in every column; a frame whose predecessor could not be decoded has NaN.
    """

    name = "motion"
    version = 1
    columns: tuple[str, ...] = ("frame_difference", "flow_magnitude", "residual")
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

    def _compare(self, before: NDArray[np.uint8], now: NDArray[np.uint8]) -> tuple[float, float, float]:
        difference = _mean_difference(before, now)
        if not difference:
            return 0.0, 0.0, 0.0
        flow = self._find_flow(before, now)
        magnitude = float(np.sqrt(np.square(flow).sum(axis=2)).mean()) / max(now.shape)
        columns, rows = np.meshgrid(
            np.arange(now.shape[1], dtype=np.float32), np.arange(now.shape[0], dtype=np.float32)
        )
        moved = cv2.remap(
            before,
            columns + flow[..., 0],
            rows + flow[..., 1],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return (
            difference,
            magnitude,
            min(_mean_difference(np.asarray(moved, dtype=np.uint8), now), difference),
        )

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
