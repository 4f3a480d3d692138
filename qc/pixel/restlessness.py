"""How much the ground around a place changes from frame to frame beyond what a movement explains.

An error upon ground that changes unpredictably by more than its own light is not seen (temporal masking): nobody can
tell it from its surroundings, and no network should be asked to.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from qc.pixel.found import HALO_FRAMES

AROUND_PX = 5
SHIFT_PX = 3
MASKING_UNIT = 3.0
"""An error is hidden unless it has so many times the light by which its ground changes."""

Lumas = NDArray[np.uint8]


def restlessness(lumas: Lumas, *, x: float, y: float, hole_px: int = -1) -> float:
    """Levels by which the ground of the middle one of five lumas ``uint8 (5, H, W)`` differs from its neighbours'.

    The mean absolute difference of 11 x 11 px from the frame before or the one after, whichever is nearer to it, after
    the best shift of up to 3 px either way. ``hole_px``: what is nearer than this to the place is left out, since the
    spot itself is no ground (-1: nothing is).
    """
    size, far = 2 * AROUND_PX + 1, AROUND_PX + SHIFT_PX
    row, column = (min(max(round(at), 0), side - 1) for at, side in zip((y, x), lumas.shape[1:], strict=True))
    rows = np.clip(np.arange(row - far, row + far + 1), 0, lumas.shape[1] - 1)
    columns = np.clip(np.arange(column - far, column + far + 1), 0, lumas.shape[2] - 1)
    part = lumas[HALO_FRAMES - 1 : HALO_FRAMES + 2][:, rows[:, None], columns].astype(np.int16)
    here = part[1, SHIFT_PX:-SHIFT_PX, SHIFT_PX:-SHIFT_PX]
    axis = np.abs(np.arange(-AROUND_PX, AROUND_PX + 1))
    ground = np.maximum(axis[:, None], axis) > hole_px
    if not ground.any():
        return 0.0
    shifted = sliding_window_view(part[::2], (size, size), axis=(1, 2))
    return float(np.abs(shifted - here)[..., ground].mean(axis=-1).min())


def is_masked(lumas: Lumas, *, x: float, y: float, levels: float) -> bool:
    """Whether an error of so many levels is hidden by how its ground, in five clean lumas, changes."""
    return levels < MASKING_UNIT * restlessness(lumas, x=x, y=y)
