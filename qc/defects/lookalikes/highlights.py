"""Moving highlights."""

import numpy as np

from qc.defects.defect import RgbFrames
from qc.defects.lookalikes.optics import Light, how_many, show_light, warm_or_cold


class Highlights:
    """Reflections on things that move: bright for the whole time, at an even 0–8 px a frame, brighter and darker."""

    name = "moving highlights"

    def add(self, frames: RgbFrames, rng: np.random.Generator) -> RgbFrames:
        """Give a copy with about two in 64 x 64 px."""
        shown = frames.copy()
        length, height, width = frames.shape[:3]
        for _ in range(how_many(rng, size=(height, width), each=1.0)):
            colour, sigma, peak = warm_or_cold(rng), rng.uniform(0.8, 1.8), rng.uniform(0.2, 1.5)
            speed, heading, phase = rng.uniform(0, 8), rng.uniform(0, 2 * np.pi), rng.uniform(0, 2 * np.pi)
            dx, dy = speed * np.cos(heading), speed * np.sin(heading)
            meets, x, y = rng.uniform(0, length), rng.uniform(0, width), rng.uniform(0, height)
            for time, rgb in enumerate(shown):
                now = peak * (0.75 + 0.25 * np.sin(phase + 0.9 * time))
                show_light(rgb, Light(x + dx * (time - meets), y + dy * (time - meets), now, sigma, dx, dy, colour))
        return shown
