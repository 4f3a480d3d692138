"""Colour names: how much of a frame people would call red, blue, brown …"""

import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import AnnotationTable, RgbFrames
from ava.annotate.colour_terms import COLOUR_TERMS, TABLE_BITS, load_term_table


class ColourNames:
    """The share of the frame, 0–1, in each of the eleven basic colour terms of English (Berlin & Kay 1969); together
    they are 1. See ``choose_terms`` for the rule."""

    name = "colour_names"
    version = 1
    columns: tuple[str, ...] = COLOUR_TERMS
    max_side_px = 80
    halo = 0

    def load(self) -> None:
        """Make the table of terms."""
        self._table = load_term_table()

    def annotate(self, frames: RgbFrames, *, frame_index: NDArray[np.int64]) -> AnnotationTable:
        """Measure ``uint8 (T, H, W, 3)``; see the class for units and ranges."""
        values = np.empty((len(frames), len(self.columns)), dtype=np.float32)
        for row, rgb in enumerate(frames):
            levels = (rgb.reshape(-1, 3) >> (8 - TABLE_BITS)).astype(np.int32)
            cells = (levels[:, 0] << 2 * TABLE_BITS) | (levels[:, 1] << TABLE_BITS) | levels[:, 2]
            counts = np.bincount(self._table[cells], minlength=len(COLOUR_TERMS))
            values[row] = counts / len(cells)
        return AnnotationTable(frame_index, values)
