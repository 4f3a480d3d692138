"""Palette: how colourful a frame is and which few colours it is made of."""

import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import AnnotationTable, RgbFrames
from ava.media.colour import to_hsv, to_lab

COLOURS = 5
LEVEL_BITS = 4
"""Colours are counted in 16 levels a channel: 4,096 cells, each standing for the mean of its pixels."""

MERGE_DISTANCE = 20.0
"""CIE76 difference up to which cells count as one colour: a clearly visible step, below a change of name."""

EXTREMELY_COLOURFUL = 109.0
"""Hasler & Süsstrunk's measure at which people call a picture "extremely colourful"."""


class Palette:
    """``colourfulness``: Hasler & Süsstrunk (2003) divided by 109, so that 0 is grey and 1 "extremely colourful".
    ``saturation``: mean HSV saturation, 0–1. Then the five dominant colours, largest first: ``red_1``,
    ``green_1``, ``blue_1`` (sRGB 0–1) and ``share_1``, the part of the picture within a visible step of it, 0–1;
    ``red_2`` and so on. A picture with fewer colours has shares of 0.
    """

    name = "palette"
    version = 2
    columns: tuple[str, ...] = (
        "colourfulness",
        "saturation",
        *(f"{part}_{rank}" for rank in range(1, COLOURS + 1) for part in ("red", "green", "blue", "share")),
    )
    max_side_px = 80
    halo = 0

    def load(self) -> None:
        """Nothing to load."""

    def annotate(self, frames: RgbFrames, *, frame_index: NDArray[np.int64]) -> AnnotationTable:
        """Measure ``uint8 (T, H, W, 3)``; see the class for units and ranges."""
        values = np.empty((len(frames), len(self.columns)), dtype=np.float32)
        saturation = to_hsv(frames)[..., 1]
        for row, rgb in enumerate(frames):
            values[row, 0] = measure_colourfulness(rgb)
            values[row, 1] = int(saturation[row].sum(dtype=np.int64)) / saturation[row].size / 255
            values[row, 2:] = find_dominant_colours(rgb).ravel()
        return AnnotationTable(frame_index, values)


def measure_colourfulness(rgb: NDArray[np.uint8]) -> float:
    """Colourfulness of RGB ``uint8 (H, W, 3)``: 0 for greys, about 1 for extremely colourful pictures.

    Source: Hasler & Süsstrunk 2003, "Measuring colourfulness in natural images", divided by 109.
    """
    red, green, blue = (rgb[..., channel].astype(np.int32) for channel in range(3))
    red_green = red - green
    yellow_blue = (red + green) - 2 * blue  # twice (R + G) / 2 − B, in whole numbers
    spread = red_green.var() + yellow_blue.var() / 4
    centre = red_green.mean() ** 2 + yellow_blue.mean() ** 2 / 4
    return float(spread**0.5 + 0.3 * centre**0.5) / EXTREMELY_COLOURFUL


def find_dominant_colours(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The five dominant colours of RGB ``uint8 (H, W, 3)``: ``float32 (5, 4)`` of red, green, blue and share, 0–1.

    Cells of a coarse colour histogram are merged around the fullest one within a visible step in CIE L*a*b*,
    then around the fullest of the rest, and so on: the same picture always gives the same palette.
    """
    pixels = rgb.reshape(-1, 3)
    means, counts = _count_cells(pixels)
    lab = to_lab(means.round().astype(np.uint8)[None])[0].astype(np.float32)
    lab[:, 0] *= 100 / 255
    found = np.zeros((COLOURS, 4), dtype=np.float32)
    free = np.ones(len(counts), dtype=bool)
    for row in found:
        if not free.any():
            break
        fullest = int(np.argmax(np.where(free, counts, -1)))
        near = free & (np.square(lab - lab[fullest]).sum(axis=1) <= MERGE_DISTANCE**2)
        weights = counts[near]
        row[:3] = (means[near] * weights[:, None]).sum(axis=0) / weights.sum() / 255
        row[3] = weights.sum() / len(pixels)
        free &= ~near
    return found[np.argsort(-found[:, 3], kind="stable")]


def _count_cells(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Mean colour ``(K, 3)`` and pixel count ``(K,)`` of the occupied cells."""
    levels = (pixels >> (8 - LEVEL_BITS)).astype(np.int32)
    cell = (levels[:, 0] << 2 * LEVEL_BITS) | (levels[:, 1] << LEVEL_BITS) | levels[:, 2]
    size = 1 << 3 * LEVEL_BITS
    counts = np.bincount(cell, minlength=size)
    occupied = np.flatnonzero(counts)
    sums = [np.bincount(cell, weights=pixels[:, channel], minlength=size)[occupied] for channel in range(3)]
    return np.stack(sums, axis=1) / counts[occupied, None], counts[occupied]
