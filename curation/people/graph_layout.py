"""Where the interaction graph draws everyone: steady between visits, main characters towards the middle."""

import numpy as np
from numpy.typing import NDArray

GOLDEN_ANGLE_RAD = np.pi * (3 - np.sqrt(5))


def place_nodes(
    size: NDArray[np.float64], weights: NDArray[np.float64], *, former: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Place the nodes of a graph in the unit square: ``float64 (C, 2)``.

    ``size`` ``(C,)`` prominences 0–1, ``weights`` ``(C, C)`` symmetric and not negative, ``former`` ``(C, 2)`` where
    nodes were drawn before, NaN for new ones.
    """
    rank = np.empty(len(size), dtype=np.int64)
    rank[np.argsort(-size, kind="stable")] = np.arange(len(size))
    radius = 0.46 * np.sqrt(rank / max(len(size) - 1, 1))
    angle = rank * GOLDEN_ANGLE_RAD
    spiral = 0.5 + radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return np.where(np.isnan(former), spiral, former)
