"""Which stills no released model is ever trained on: a fixed share, told by what they are and not by when."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

HELD_BACK_SHARE = 0.2
BLOCK_S = 10.0
"""A shot is known by the film and the stretch of so many seconds that it begins in: a cut that is found a frame
further on in the next analysis changes nothing for nearly all."""


def shot_key(*, film: str, start_s: float) -> str:
    """What a shot is known by: ``film`` is a digest of the film's file."""
    return f"{film}:{int(start_s // BLOCK_S)}"


def is_held_back(keys: Sequence[str]) -> NDArray[np.bool_]:
    """True for the keys that are held back for good, ``bool (N,)``: one in five, drawn by their SHA-256."""
    limit = int(HELD_BACK_SHARE * 2**32)
    return np.array(
        [int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big") < limit for key in keys], dtype=np.bool_
    )
