"""Rain."""

import numpy as np

from qc.defects.defect import RgbFrames
from qc.defects.lookalikes.optics import Light, how_many, show_light


class Rain:
    """Drops that fall so fast that each is a pale stroke of 10–40 px in one frame, all nearly parallel.

    Each stroke is there for one frame alone, as an error is: only its length and softness, and the others beside it,
    tell it from a streak.
    """

    name = "rain"

    def add(self, frames: RgbFrames, rng: np.random.Generator) -> RgbFrames:
        """Give a copy with about two strokes in 64 x 64 px of every frame."""
        shown = frames.copy()
        height, width = frames.shape[1:3]
        slant, speed, weight = rng.uniform(-0.3, 0.3), rng.uniform(24, 80), rng.uniform(0.3, 2.0)
        for rgb in shown:
            for _ in range(how_many(rng, size=(height, width), each=weight)):
                fall = speed * rng.uniform(0.7, 1.3)
                x, y = rng.uniform(0, width), rng.uniform(-fall / 2, height)
                sigma, peak = rng.uniform(0.8, 1.4), rng.uniform(0.03, 0.2) * fall / 12
                show_light(rgb, Light(x, y, peak, sigma, slant * fall, fall))
        return shown
