"""Film grain and noise."""

import cv2
import numpy as np

from qc.defects.defect import RgbFrames


class Grain:
    """Noise of 2–14 levels, new in each frame, blurred by 0–0.9 px, partly the same in all colours.

    Now and then a grain is as bright and as sharp as a weak error; then nothing tells them apart.
    """

    name = "grain"

    def add(self, frames: RgbFrames, rng: np.random.Generator) -> RgbFrames:
        """Give a copy with it, strongest in the middle tones."""
        strength, sigma, common = rng.uniform(2, 14), rng.uniform(0, 0.9), rng.uniform(0.4, 1.0)
        shown = np.empty_like(frames)
        for time, rgb in enumerate(frames):
            noise = rng.standard_normal((*rgb.shape[:2], 4), dtype=np.float32)
            if sigma > 0.3:
                noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), sigma), dtype=np.float32)
            noise /= max(1e-6, float(noise.std()))
            mixed = common * noise[..., :1] + np.sqrt(1 - common**2) * noise[..., 1:]
            tone = 0.4 + 0.6 * np.sin(np.pi * rgb.astype(np.float32) / 255)
            shown[time] = np.clip(np.round(rgb + strength * tone * mixed), 0, 255).astype(np.uint8)
        return shown
