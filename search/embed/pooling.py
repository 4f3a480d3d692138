"""A shot's vector from the vectors of its frames."""

import numpy as np
from numpy.typing import NDArray

_SHORTEST = 1e-6


def mean_pool(vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    """Pool frames to a shot: the mean of their vectors, each brought to length 1 first, and itself afterwards.

    ``vectors``: ``(F, D)``; gives ``float32 (D,)``. Frames without a direction (zeros, NaN) do not count. Where none
    is left, or they cancel each other out, the outcome is zeros: a shot that nothing is known of.
    Raises ValueError for other shapes.
    Source: mean pooling over frames as in Luo and others, CLIP4Clip (2021), "meanP".
    """
    if vectors.ndim != 2:
        raise ValueError(f"Vectors of frames come as (F, D), not {vectors.shape}.")
    exact = vectors.astype(np.float64)
    exact = exact[np.isfinite(exact).all(axis=1)]
    lengths = np.linalg.norm(exact, axis=1, keepdims=True)
    sound = lengths[:, 0] > 0
    mean = (exact[sound] / lengths[sound]).sum(axis=0) / max(int(sound.sum()), 1)
    length = float(np.linalg.norm(mean))
    pooled = mean / length if length > _SHORTEST else np.zeros_like(mean)
    return np.asarray(pooled, dtype=np.float32)
