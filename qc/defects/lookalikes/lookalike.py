"""What looks like a pixel error and is none: something bright and small that a lens has seen.

A lens and an optical low-pass filter blur whatever they show to a sigma of about a pixel, light moves on or stays, and
a shutter smears what moves. A sensor's error is sharper, and is there in one frame alone. Where a lookalike is small
and lasts for one frame, too, nothing tells the two apart; the kinds that can do so say it.
"""

from typing import Protocol

import numpy as np

from qc.defects.defect import RgbFrames


class Lookalike(Protocol):
    """A kind of hard negative. ``name`` names it; ``add`` puts it into frames, which stay clean of errors."""

    name: str

    def add(self, frames: RgbFrames, rng: np.random.Generator) -> RgbFrames:
        """Give a copy of frames ``uint8 (T, H, W, 3)``, one at least of any size, with it in them."""
