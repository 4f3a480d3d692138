"""Grading: exposure, contrast and colour of plates and frames, the lens's vignette and the film's grain."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.render.plate import Plate, Rgb

LookUp = NDArray[np.uint8]
"""``uint8 (256, 1, 3)``: new level of each channel for every old level."""


@dataclass(frozen=True, slots=True)
class Grade:
    """A look.

    ``exposure_stops`` doubles light per stop; ``contrast`` turns about middle grey (1 changes nothing);
    ``saturation`` 0 is grey; ``shadows`` and ``highlights`` are R, G, B added at black and white, -1 to 1.
    """

    exposure_stops: float = 0.0
    contrast: float = 1.0
    saturation: float = 1.0
    shadows: tuple[float, float, float] = (0.0, 0.0, 0.0)
    highlights: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def look_up(self, *, exposure_stops: float = 0.0) -> LookUp:
        """Tabulate everything but saturation, with a further exposure on top."""
        level = np.linspace(0.0, 1.0, 256)
        # Light adds up in linear values; 2.2 is close enough to sRGB for a look.
        exposed = (level**2.2 * 2.0 ** (self.exposure_stops + exposure_stops)) ** (1 / 2.2)
        rolled = np.where(exposed > 0.8, 0.8 + 0.2 * np.tanh((exposed - 0.8) / 0.2), exposed)
        turned = 0.45 + (rolled - 0.45) * self.contrast
        tint = (1 - level[:, None]) ** 2 * np.array(self.shadows) + level[:, None] ** 2 * np.array(self.highlights)
        return np.asarray(np.round(np.clip(turned[:, None] + tint, 0, 1) * 255), np.uint8).reshape(256, 1, 3)


def grade_rgb(rgb: Rgb, *, grade: Grade) -> Rgb:
    """Apply a whole grade to a picture."""
    if grade.saturation != 1.0:
        grey = rgb.astype(np.float32) @ np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
        mixed = grey[..., None] + (rgb - grey[..., None]) * grade.saturation
        rgb = np.asarray(np.clip(mixed, 0, 255), dtype=np.uint8)
    return np.asarray(cv2.LUT(rgb, grade.look_up()), dtype=np.uint8)


def grade_plate(plate: Plate, *, grade: Grade) -> Plate:
    """Apply a grade to a plate; its matte stays."""
    return replace(plate, rgb=grade_rgb(plate.rgb, grade=grade))


def make_vignette(*, width: int, height: int, strength_unit: float) -> Rgb:
    """Draw the fall-off towards the corners as a multiplier, 255 = unchanged: ``uint8 (H, W, 3)``."""
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None] * height / width
    radius = np.sqrt(x**2 + y**2) / np.sqrt(1 + (height / width) ** 2)
    keep = 1 - strength_unit * np.clip((radius - 0.25) / 0.75, 0, 1) ** 2
    return np.repeat(np.asarray(np.round(keep * 255), dtype=np.uint8)[..., None], 3, axis=2)


class Grain:
    """Film grain from a few ready-made tiles, another for each frame."""

    def __init__(self, *, width: int, height: int, strength: float, rng: np.random.Generator) -> None:
        """``strength`` is the standard deviation in levels of 255."""
        self._lighter: list[Rgb] = []
        self._darker: list[Rgb] = []
        for _ in range(5 if strength > 0 else 0):
            white = rng.normal(0, 1, (height, width)).astype(np.float32)
            soft = cv2.GaussianBlur(white, (0, 0), 0.7)
            noise = soft * (strength / float(soft.std()))
            for tiles, part in ((self._lighter, noise), (self._darker, -noise)):
                level = np.asarray(np.round(np.maximum(part, 0)), dtype=np.uint8)
                tiles.append(np.repeat(level[..., None], 3, axis=2))

    def apply(self, frame: Rgb, *, frame_index: int) -> Rgb:
        """Return the frame with grain."""
        if not self._lighter:
            return frame
        tile = (frame_index * 7) % len(self._lighter)
        lighter = cv2.add(frame, self._lighter[tile])
        return np.asarray(cv2.subtract(lighter, self._darker[tile]), dtype=np.uint8)
