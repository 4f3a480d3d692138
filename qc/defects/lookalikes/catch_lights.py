"""Catch lights in eyes."""

import numpy as np

from qc.defects.defect import RgbFrames
from qc.defects.lookalikes.optics import Light, how_many, show_light


class CatchLights:
    """Pairs of small lights that keep still, jump by up to 4 px as a glance does, and go for 3–5 frames in a blink."""

    name = "catch lights"

    def add(self, frames: RgbFrames, rng: np.random.Generator) -> RgbFrames:
        """Give a copy with about one pair in 64 x 64 px."""
        shown = frames.copy()
        length, height, width = frames.shape[:3]
        for _ in range(how_many(rng, size=(height, width), each=0.3)):
            x, y, apart = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(10, 60)
            sigma, peak = rng.uniform(0.8, 1.3), rng.uniform(0.15, 0.9)
            blink, blink_length = int(rng.integers(-5, 4 * length)), int(rng.integers(3, 6))
            for time, rgb in enumerate(shown):
                if rng.random() < 0.08:
                    x, y = x + rng.uniform(-4, 4), y + rng.uniform(-2, 2)
                if blink <= time < blink + blink_length:
                    continue
                drift_x, drift_y = rng.normal(0, 0.1, 2)
                for eye in (0.0, apart):
                    show_light(rgb, Light(x + eye + drift_x, y + drift_y, peak, sigma))
        return shown
