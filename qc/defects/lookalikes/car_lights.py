"""Lights of distant cars."""

import numpy as np

from qc.defects.defect import RgbFrames
from qc.defects.lookalikes.optics import Light, how_many, show_light


class CarLights:
    """Pairs of white or red lights with a halo, 0–3 px a frame, hidden for some frames by what stands before them."""

    name = "car lights"

    def add(self, frames: RgbFrames, rng: np.random.Generator) -> RgbFrames:
        """Give a copy with about one pair in 64 x 64 px."""
        shown = frames.copy()
        length, height, width = frames.shape[:3]
        for _ in range(how_many(rng, size=(height, width), each=0.4)):
            colour = (1.0, 0.93, 0.75) if rng.random() < 0.6 else (1.0, 0.08, 0.05)
            x, y, apart = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(3, 16)
            meets = rng.uniform(0, length)
            (dx, dy), sigma, peak = rng.uniform(-3, 3, 2) * (1.0, 0.2), rng.uniform(0.8, 1.6), rng.uniform(0.4, 3.0)
            hidden, hidden_length = int(rng.integers(-4, 3 * length)), int(rng.integers(2, 8))
            for time, rgb in enumerate(shown):
                if hidden <= time < hidden + hidden_length:
                    continue
                at_x, at_y = x + dx * (time - meets), y + dy * (time - meets)
                for lamp in (0.0, apart):
                    show_light(rgb, Light(at_x + lamp, at_y, peak, sigma, dx, dy, colour))
                    show_light(rgb, Light(at_x + lamp, at_y, 0.03 * peak, 5 * sigma, dx, dy, colour))
        return shown
