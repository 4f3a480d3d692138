"""Flashes of cameras and lightning."""

import numpy as np

from ava.annotate.linear_light import to_linear
from qc.defects.defect import RgbFrames
from qc.defects.light import to_levels


class Flash:
    """The picture, or its lower part as a rolling shutter shows it, brighter by 1–4 stops in one frame."""

    name = "flash"

    def add(self, frames: RgbFrames, rng: np.random.Generator) -> RgbFrames:
        """Give a copy with one flash in every 24 frames, one at least."""
        shown = frames.copy()
        length, height = frames.shape[:2]
        for _ in range(1 + length // 24):
            time, gain = int(rng.integers(length)), 2 ** rng.uniform(1, 4)
            top = 0 if rng.random() < 0.5 else int(rng.integers(height))
            lit = to_levels(gain * to_linear(np.arange(256.0)))
            shown[time, top:] = np.round(lit).astype(np.uint8)[shown[time, top:]]
        return shown
