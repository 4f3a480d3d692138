"""Glints on water."""

import numpy as np

from qc.defects.defect import RgbFrames
from qc.defects.lookalikes.optics import Light, how_many, show_light


class Glints:
    """Reflections of the sun on waves: wider than high, each for 2–5 frames, swelling and going, many at once.

    Real ones of a single frame exist. They come in crowds and are as soft as the lens.
    """

    name = "water glints"

    def add(self, frames: RgbFrames, rng: np.random.Generator) -> RgbFrames:
        """Give a copy with about five in 64 x 64 px of every few frames, in a band of the picture."""
        shown = frames.copy()
        length, height, width = frames.shape[:3]
        top, bottom = np.sort(rng.uniform(0, height, 2))
        for _ in range(how_many(rng, size=(height, width), each=1.5) * (1 + length // 3)):
            x, y = rng.uniform(0, width), rng.uniform(top, bottom)
            life, born = float(rng.uniform(2, 5)), float(rng.uniform(-3, length))
            sigma, wide, peak = rng.uniform(0.7, 1.4), rng.uniform(1.0, 3.0), rng.uniform(0.2, 2.0)
            dx, dy = rng.normal(0, 0.6), rng.normal(0, 0.3)
            for time in range(max(0, int(np.ceil(born))), min(length, int(np.ceil(born + life)))):
                age = time - born
                now = peak * np.sin(np.pi * (age + 0.25) / (life + 0.5)) ** 2
                show_light(shown[time], Light(x + dx * age, y + dy * age, now, sigma, dx, dy, wide=wide))
        return shown
