"""How alike two frames of one film look, from the signature that every frame has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import Signals
from ava.annotate.signature import Signature

LIKENESS_SCALE = 0.09
"""Root mean square distance of two signatures (luma cells and opponent colours, 0–1) at which likeness is 1/e."""


class Looks(NamedTuple):
    """Signatures of all frames, ``float32 (frame_count, D)``."""

    signatures: NDArray[np.float32]

    def likeness(self, frame: int, *, to: Sequence[int] | NDArray[np.int64]) -> NDArray[np.float32]:
        """Likeness of one frame to others, ``float32 (len(to),)``: 1 the same, towards 0 nothing in common."""
        difference = self.signatures[np.asarray(to, dtype=np.int64)] - self.signatures[frame]
        distance = np.square(difference).mean(axis=1)
        return np.asarray(np.exp(-distance / LIKENESS_SCALE**2), dtype=np.float32)


def describe_looks(signals: Signals) -> Looks:
    """Collect the signature's columns; a frame that was not measured has zeros."""
    columns = [signals[f"{Signature.name}.{column}"] for column in Signature.columns]
    return Looks(np.nan_to_num(np.stack(columns, axis=1)))
