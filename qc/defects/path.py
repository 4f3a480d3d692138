"""Thin lit paths, drawn smoothly: what streaks, arcs, L shapes and worms are made of."""

import numpy as np
from numpy.typing import NDArray


def draw_path(points: NDArray[np.float64], *, sigma_px: float, fall: float = 0.0) -> NDArray[np.float64]:
    """Draw a path through points ``(N, 2)`` of x and y, no more than about half a pixel apart: ``float64 (h, w)`` 0–1.

    ``sigma_px``: of the fall-off across the path. ``fall``: share of the light that is lost on the way to its end.
    The array is just as large as the path and three sigmas need.
    """
    centred = points - (points.min(axis=0) + points.max(axis=0)) / 2
    reach_x, reach_y = np.ceil(np.abs(centred).max(axis=0) + 3 * sigma_px).astype(int)
    x, y = np.arange(-reach_x, reach_x + 1), np.arange(-reach_y, reach_y + 1)
    across = (x[None, None, :] - centred[:, 0, None, None]) ** 2 + (y[None, :, None] - centred[:, 1, None, None]) ** 2
    strength = np.linspace(1.0, 1.0 - fall, len(points))
    weights = np.asarray((strength[:, None, None] * np.exp(-across / (2 * sigma_px**2))).max(axis=0), dtype=np.float64)
    weights[weights < 0.02] = 0
    weights /= weights.max()
    return weights


def steps(length_px: float) -> NDArray[np.float64]:
    """Points 0–1 along a path of a length, half a pixel apart."""
    return np.linspace(0.0, 1.0, max(2, int(np.ceil(2 * length_px)) + 1))
