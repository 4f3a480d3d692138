"""Stars, still or drifting with the camera."""

import numpy as np

from qc.defects.defect import RgbFrames
from qc.defects.lookalikes.optics import Light, how_many, show_light, warm_or_cold


class Stars:
    """Points that twinkle by up to a third from frame to frame; in half of the cases the camera drifts, up to 3 px."""

    name = "stars"

    def add(self, frames: RgbFrames, rng: np.random.Generator) -> RgbFrames:
        """Give a copy with about three in 64 x 64 px."""
        shown = frames.copy()
        length, height, width = frames.shape[:3]
        dx, dy = rng.uniform(-3, 3, 2) * int(rng.integers(2))
        sigma = rng.uniform(0.7, 1.1)
        for _ in range(how_many(rng, size=(height, width), each=2.0)):
            x, y = rng.uniform(0, width), rng.uniform(0, height)
            peak, colour, unrest = min(1.5, 0.02 + 0.05 * rng.pareto(1.2)), warm_or_cold(rng), rng.uniform(0, 0.33)
            for time, rgb in enumerate(shown):
                now, since = peak * (1 - unrest * rng.random()), time - length / 2
                show_light(rgb, Light(x + dx * since, y + dy * since, now, sigma, dx, dy, colour))
        return shown
