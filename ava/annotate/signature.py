"""Signature: a tiny picture of the frame in numbers, so that frames any distance apart can be compared later."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import AnnotationTable, RgbFrames
from ava.media.colour import to_gray

LUMA_CELLS = 8
COLOUR_CELLS = 2

LUMA_COLUMNS = tuple(f"luma_{row}{column}" for row in range(LUMA_CELLS) for column in range(LUMA_CELLS))
COLOUR_COLUMNS = tuple(
    f"{axis}_{row}{column}"
    for axis in ("red_green", "yellow_blue")
    for row in range(COLOUR_CELLS)
    for column in range(COLOUR_CELLS)
)


class Signature:
    """Mean luma of 8 × 8 cells, 0–1, and of 2 × 2 cells the opponent colours red–green (R − G) and yellow–blue
    ((R + G) / 2 − B), −1 to 1; row by row from the top left, whatever the picture's shape.

    Every number is linear in the pixels, so a dissolve moves a film's signature along a straight line.
    """

    name = "signature"
    version = 2
    columns: tuple[str, ...] = LUMA_COLUMNS + COLOUR_COLUMNS
    max_side_px = 160
    halo = 0

    def load(self) -> None:
        """Nothing to load."""

    def annotate(self, frames: RgbFrames, *, frame_index: NDArray[np.int64]) -> AnnotationTable:
        """Measure ``uint8 (T, H, W, 3)``; see the class for units and ranges."""
        values = np.empty((len(frames), len(self.columns)), dtype=np.float32)
        for row, (rgb, luma) in enumerate(zip(frames, to_gray(frames), strict=True)):
            red, green, blue = np.moveaxis(_cell_means(rgb, COLOUR_CELLS), 2, 0)
            colours = (red - green, (red + green) / 2 - blue)
            values[row] = np.concatenate(
                [cells.ravel() for cells in (_cell_means(luma, LUMA_CELLS), *colours)]
            )
        return AnnotationTable(frame_index, values)


def _cell_means(pixels: NDArray[np.uint8], cells: int) -> NDArray[np.float32]:
    """Means of ``cells`` × ``cells`` equal parts of a picture, 0–1; a picture with fewer pixels repeats them."""
    height, width = pixels.shape[:2]
    if min(height, width) < cells:
        enlarged = (max(width, cells), max(height, cells))
        pixels = np.asarray(cv2.resize(pixels, enlarged, interpolation=cv2.INTER_NEAREST), dtype=np.uint8)
    means = cv2.resize(pixels.astype(np.float32), (cells, cells), interpolation=cv2.INTER_AREA)
    return np.asarray(means / 255, dtype=np.float32)
