"""Curves that turn measured signals into judgements between 0 and 1."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def rise(values: ArrayLike, *, low: float, high: float) -> NDArray[np.float64]:
    """Go smoothly from 0 at ``low`` to 1 at ``high`` (cubic); stays at both beyond. NaN stays NaN."""
    share = np.clip((np.asarray(values, dtype=np.float64) - low) / (high - low), 0.0, 1.0)
    return np.asarray(share * share * (3 - 2 * share), dtype=np.float64)


def fall(values: ArrayLike, *, low: float, high: float) -> NDArray[np.float64]:
    """Go smoothly from 1 at ``low`` to 0 at ``high``; stays at both beyond. NaN stays NaN."""
    return 1 - rise(values, low=low, high=high)


def plateau(values: ArrayLike, *, low: float, good_from: float, good_to: float, high: float) -> NDArray[np.float64]:
    """Rise from ``low`` to 1 at ``good_from``, stay there until ``good_to``, and fall to 0 at ``high``."""
    return rise(values, low=low, high=good_from) * fall(values, low=good_to, high=high)
