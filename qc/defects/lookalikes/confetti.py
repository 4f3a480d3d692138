"""Confetti."""

import numpy as np

from qc.defects.defect import RgbFrames
from qc.defects.lookalikes.optics import Light, how_many, show_light


class Confetti:
    """Bits of foil that fall and turn: dull, and flashing for a frame or two when they face the lamp."""

    name = "confetti"

    def add(self, frames: RgbFrames, rng: np.random.Generator) -> RgbFrames:
        """Give a copy with about two in 64 x 64 px."""
        shown = frames.copy()
        length, height, width = frames.shape[:3]
        for _ in range(how_many(rng, size=(height, width), each=1.0)):
            colour = tuple(float(each) for each in rng.uniform(0.2, 1.0, 3))
            dull, flash, sigma = rng.uniform(0.02, 0.1), rng.uniform(0.3, 2.0), rng.uniform(0.8, 2.0)
            turn, phase, fall = rng.uniform(0.3, 1.5), rng.uniform(0, 2 * np.pi), rng.uniform(1, 6)
            drift, meets = rng.uniform(-2, 2), rng.uniform(0, length)
            x, y = rng.uniform(0, width), rng.uniform(0, height)
            for time, rgb in enumerate(shown):
                facing = max(0.0, np.cos(phase + turn * time)) ** 12
                at_x, at_y = x + drift * (time - meets), y + fall * (time - meets)
                tone = (colour[0], colour[1], colour[2])
                show_light(rgb, Light(at_x, at_y, dull + flash * facing, sigma, drift, fall, tone))
        return shown
