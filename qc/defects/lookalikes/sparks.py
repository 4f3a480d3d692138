"""Sparks."""

import numpy as np

from qc.defects.defect import RgbFrames
from qc.defects.lookalikes.optics import Light, how_many, show_light

_FALL_PX = 0.6


class Sparks:
    """Glowing bits from one place: 2–15 px a frame, falling, cooling from white to red within 3–14 frames.

    A spark's last frame may hold as little light as a weak error; that it comes from a spark of the frame before tells
    it apart. One that glows in a single frame and hardly moves looks just as an error does; none is made here.
    """

    name = "sparks"

    def add(self, frames: RgbFrames, rng: np.random.Generator) -> RgbFrames:
        """Give a copy with sparks from one place that lies in the picture."""
        shown = frames.copy()
        length, height, width = frames.shape[:3]
        source = rng.uniform(0, width), rng.uniform(0, height)
        for _ in range(how_many(rng, size=(height, width), each=0.5) * (1 + length // 8)):
            born, life = int(rng.integers(-6, length)), int(rng.integers(3, 15))
            speed, heading = rng.uniform(2, 15), rng.uniform(0, 2 * np.pi)
            sigma, peak = rng.uniform(0.7, 1.2), rng.uniform(0.5, 4.0)
            dx, start_dy = speed * np.cos(heading), speed * np.sin(heading)
            for time in range(max(0, born), min(length, born + life)):
                age = time - born
                heat, dy = 1 - age / life, start_dy + _FALL_PX * age
                x, y = source[0] + dx * age, source[1] + start_dy * age + _FALL_PX * age**2 / 2
                colour = (1.0, 0.25 + 0.65 * heat, 0.05 + 0.6 * heat**2)
                show_light(shown[time], Light(x, y, peak * heat, sigma, dx, dy, colour))
        return shown
