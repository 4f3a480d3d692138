"""Snow."""

import numpy as np

from qc.defects.defect import RgbFrames
from qc.defects.lookalikes.optics import Light, how_many, show_light


class Snow:
    """Flakes that sway as they fall: near ones large, blurred and fast (to 14 px a frame), far ones small and slow."""

    name = "snow"

    def add(self, frames: RgbFrames, rng: np.random.Generator) -> RgbFrames:
        """Give a copy with about three in 64 x 64 px."""
        shown = frames.copy()
        length, height, width = frames.shape[:3]
        wind = rng.uniform(-3, 3)
        for _ in range(how_many(rng, size=(height, width), each=2.0)):
            nearness = rng.uniform(0.3, 1.0) ** 2
            sigma, fall, drift = 0.8 + 2.0 * nearness, 2 + 12 * nearness, wind * nearness
            peak, phase = rng.uniform(0.1, 0.6), rng.uniform(0, 2 * np.pi)
            meets, x, y = rng.uniform(0, length), rng.uniform(0, width), rng.uniform(0, height)
            for time, rgb in enumerate(shown):
                sway = 1.5 * np.sin(phase + 0.4 * time)
                at_x, at_y = x + drift * (time - meets) + sway, y + fall * (time - meets)
                show_light(rgb, Light(at_x, at_y, peak, sigma, drift, fall))
        return shown
