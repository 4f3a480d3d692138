"""What every synthetic defect is: frames and randomness in, frames with it and its mask out."""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

RgbFrames = NDArray[np.uint8]
"""``uint8 (T, H, W, 3)``."""


class Spot(NamedTuple):
    """One planted defect: where it is (centroid, in pixels; 0.0 the middle of the first), its kind and strength.

    ``amplitude``: how much its brightest pixel's luma was raised, in 8-bit levels, before any compression.
    """

    frame: int
    x: float
    y: float
    kind: str
    amplitude: float


class Planted(NamedTuple):
    """Frames with defects ``uint8 (T, H, W, 3)``, where they are ``bool (T, H, W)``, and a list of them."""

    frames: RgbFrames
    mask: NDArray[np.bool_]
    spots: tuple[Spot, ...] = ()


class Defect(Protocol):
    """A kind of defect that lights pixels of one frame.

    ``name`` is its kind. ``draw`` gives the shape as weights 0–1 ``float32 (h, w, 3)`` (colour included, full peak in
    one channel at least), its middle being the middle of the array.
    """

    name: str

    def draw(self, rng: np.random.Generator) -> NDArray[np.float32]:
        """Draw one defect of this kind."""
