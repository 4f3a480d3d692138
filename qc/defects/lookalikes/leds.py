"""Blinking lamps of machines."""

import numpy as np

from qc.defects.defect import RgbFrames
from qc.defects.lookalikes.optics import Light, how_many, show_light

_COLOURS = ((1.0, 0.1, 0.05), (0.1, 1.0, 0.15), (0.15, 0.3, 1.0), (1.0, 0.55, 0.05), (0.9, 0.95, 1.0))


class Leds:
    """Small coloured lamps in one place that are lit for 2–12 frames and dark for as long, over and over.

    A lamp that is lit for a single frame would be told from an error by the lens's blur alone; none is made here.
    """

    name = "blinking LEDs"

    def add(self, frames: RgbFrames, rng: np.random.Generator) -> RgbFrames:
        """Give a copy with about two in 64 x 64 px."""
        shown = frames.copy()
        height, width = frames.shape[1:3]
        for _ in range(how_many(rng, size=(height, width), each=0.8)):
            x, y, colour = rng.uniform(0, width), rng.uniform(0, height), _COLOURS[int(rng.integers(len(_COLOURS)))]
            sigma, peak = rng.uniform(0.8, 1.5), rng.uniform(0.2, 1.5)
            lit, dark, phase = int(rng.integers(2, 13)), int(rng.integers(2, 13)), int(rng.integers(0, 24))
            for time, rgb in enumerate(shown):
                if (time + phase) % (lit + dark) < lit:
                    show_light(rgb, Light(x, y, peak, sigma, colour=colour))
        return shown
