"""Titles that roll or crawl."""

import cv2
import numpy as np
from numpy.typing import NDArray

from qc.defects.defect import RgbFrames

_SIGNS = np.array([*"ABCDEFGHIKLMNOPRSTUVWabcdefghiklmnoprstuvwxyz0123456789.,:&-"])
_FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_COMPLEX)
_LETTER_PX = 22.0
_FINER = 2


class Titles:
    """Lines of letters, even and sharp at the edges, that roll up or crawl to the left at 0.3–16 px a frame.

    They go over what moves by itself or stands still, so that nothing around a letter tells how far it went.
    """

    name = "rolling titles"

    def add(self, frames: RgbFrames, rng: np.random.Generator) -> RgbFrames:
        """Give a copy that is full of them, light or, seldom, dark."""
        length, height, width = frames.shape[:3]
        speed = float(np.exp(rng.uniform(np.log(0.3), np.log(16.0))))
        dx, dy = (-speed, 0.0) if rng.random() < 0.3 else (0.0, -speed)
        reach = int(np.ceil(speed * (length - 1))) + 1
        sheet = _draw_lines(height + (reach if dy else 0), width + (reach if dx else 0), rng=rng)
        low, high = (5, 60) if rng.random() < 0.15 else (120, 256)
        ink = (rng.uniform(low, high) + rng.uniform(-15, 15, 3)).astype(np.float32)
        shown = np.empty_like(frames)
        for time, rgb in enumerate(frames):
            moved = np.array([[1, 0, dx * time], [0, 1, dy * time]], dtype=np.float64)
            cover = cv2.warpAffine(sheet, moved, (width, height))[..., None]
            shown[time] = np.clip(rgb * (1 - cover) + ink * cover + np.float32(0.5), 0, 255).astype(np.uint8)
        return shown


def _draw_lines(height: int, width: int, *, rng: np.random.Generator) -> NDArray[np.float32]:
    """Cover 0–1 ``(H, W)`` of lines under one another, drawn finer and averaged, as letters of a font are."""
    sheet = np.zeros((_FINER * height, _FINER * width), dtype=np.uint8)
    size, font = float(np.exp(rng.uniform(np.log(0.4), np.log(2.5)))), _FONTS[int(rng.integers(len(_FONTS)))]
    thickness = max(1, round(_FINER * size * rng.uniform(0.8, 2.2)))
    baseline = rng.uniform(0, _LETTER_PX * size)
    while baseline < height + _LETTER_PX * size:
        text = "".join(rng.choice(_SIGNS, 2 + int(width / (_LETTER_PX * size / 2)), replace=True))
        for start in np.flatnonzero(rng.random(len(text)) < 0.2):
            text = f"{text[:start]} {text[start + 1 :]}"
        place = (round(_FINER * rng.uniform(-_LETTER_PX, 0.5 * width)), round(_FINER * baseline))
        cv2.putText(sheet, text, place, font, _FINER * size * 0.7, 255, thickness, cv2.LINE_AA)
        baseline += _LETTER_PX * size * rng.uniform(1.1, 3.0)
    fine = cv2.resize(sheet, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    return np.asarray(fine, dtype=np.float32)
