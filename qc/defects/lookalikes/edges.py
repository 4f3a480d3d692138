"""Bright edges that sparkle while the camera pans."""

import numpy as np

from qc.defects.defect import RgbFrames
from qc.defects.lookalikes.optics import Light, how_many, show_light


class Edges:
    """Thin wires, rims and blades, rows of points 1.5–4 px apart that glitter as the camera goes by 0.3–4 px a frame.

    They are sharper than other lookalikes (sigma 0.5–0.8 px), so that their pixels flicker as they pass over them.
    """

    name = "specular edges"

    def add(self, frames: RgbFrames, rng: np.random.Generator) -> RgbFrames:
        """Give a copy with about one edge in 64 x 64 px, all going the same way."""
        shown = frames.copy()
        length, height, width = frames.shape[:3]
        dx, dy = rng.uniform(0.3, 4) * rng.choice((-1, 1)), rng.uniform(-0.5, 0.5)
        for _ in range(how_many(rng, size=(height, width), each=0.4)):
            x, y, angle = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(0, np.pi)
            points, gap, sigma = int(rng.integers(4, 16)), rng.uniform(1.5, 4), rng.uniform(0.5, 0.8)
            peaks, phases = rng.uniform(0.05, 0.6, points), rng.uniform(0, 2 * np.pi, points)
            for time, rgb in enumerate(shown):
                start_x, start_y = x + dx * (time - length / 2), y + dy * (time - length / 2)
                facing = (0.5 + 0.5 * np.sin(phases + 0.8 * time)) ** 2
                for number in range(points):
                    at_x = start_x + number * gap * np.cos(angle)
                    at_y = start_y + number * gap * np.sin(angle)
                    show_light(rgb, Light(at_x, at_y, float(peaks[number] * facing[number]), sigma, dx, dy))
        return shown
