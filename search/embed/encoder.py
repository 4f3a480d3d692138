"""What every encoder is: words or pictures in, vectors of length 1 out."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""``float32 (N, D)``, every row of length 1."""
RgbPicture = NDArray[np.uint8]
"""``uint8 (H, W, 3)``, RGB."""


class UnusableEncoder(ValueError):
    """An encoder's file is missing, does not fit or has another dimension; the sentence says which and what to do."""


class TextEncoder(Protocol):
    """Turns words into vectors. The same words give the same vector, whatever else is in the batch."""

    dimension: int

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Encode any number of texts (none gives ``(0, D)``); longer ones are cut at the encoder's limit."""


class ImageEncoder(Protocol):
    """Turns pictures into vectors of the same space as a text encoder's of the same name."""

    dimension: int
    side_px: int

    def encode_pictures(self, pictures: Sequence[RgbPicture]) -> Vectors:
        """Encode pictures of any sizes; shrinking, cropping and normalising is the encoder's own affair."""
