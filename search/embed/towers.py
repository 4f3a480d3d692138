"""A loaded encoder: its tower for words, the one for pictures where it has one, and how frames become a shot."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.embed.encoder import ImageEncoder, TextEncoder, Vectors
from search.embed.pooling import mean_pool


def pool_by_mean(shots: Sequence[NDArray[np.floating]]) -> Vectors:
    """Each shot's vectors of frames ``(F, D)`` to its mean pool: ``float32 (N, D)``; none gives ``(0, 0)``."""
    return np.stack([mean_pool(frames) for frames in shots]) if len(shots) else np.zeros((0, 0), np.float32)


class Towers(NamedTuple):
    """What an encoder can do: words it always can, pictures where ``image`` is there.

    ``pool``: shots, each the vectors of its frames, or of its description, ``(F, D)``, to ``(N, D)`` of length 1.
    """

    text: TextEncoder
    image: ImageEncoder | None
    pool: Callable[[Sequence[NDArray[np.floating]]], Vectors] = pool_by_mean
