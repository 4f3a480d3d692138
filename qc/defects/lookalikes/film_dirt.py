"""Dirt on film."""

import cv2
import numpy as np

from qc.defects.defect import RgbFrames
from qc.defects.lookalikes.optics import how_many


class FilmDirt:
    """Specks and hairs of one frame, white (dirt on the negative) or black, 4–25 px large, of ragged outline.

    Dirt is there for one frame alone, as an error is. Its size and the evenness inside tell it apart; a white speck of
    one or two pixels looks just as an error does; none is made here.
    """

    name = "film dirt"

    def add(self, frames: RgbFrames, rng: np.random.Generator) -> RgbFrames:
        """Give a copy with about one in ten frames' 64 x 64 px, one at least."""
        shown = frames.copy()
        length, height, width = frames.shape[:3]
        for _ in range(how_many(rng, size=(height, width), each=0.1 * length)):
            rgb = shown[int(rng.integers(length))]
            y, x = int(rng.integers(height)), int(rng.integers(width))
            opacity = _draw_speck(rng) * rng.uniform(0.4, 1.0)
            tone = rng.uniform(190, 250) if rng.random() < 0.5 else rng.uniform(5, 40)
            part = rgb[y : y + opacity.shape[0], x : x + opacity.shape[1]]
            covered = opacity[: part.shape[0], : part.shape[1], None]
            part[:] = np.round(part * (1 - covered) + tone * covered).astype(np.uint8)
        return shown


def _draw_speck(rng: np.random.Generator) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Opacity 0–1 of a ragged blob or a bent hair, in a square just as large as it needs."""
    size = int(rng.integers(4, 26))
    canvas = np.zeros((size + 6, size + 6), dtype=np.float32)
    if rng.random() < 0.7:
        angle = np.linspace(0, 2 * np.pi, 12, endpoint=False)
        radius = size / 2 * rng.uniform(0.5, 1.0, 12)
        points = np.stack([radius * np.cos(angle), rng.uniform(0.4, 1.0) * radius * np.sin(angle)], axis=1)
        cv2.fillPoly(canvas, [np.round(points + size / 2 + 3).astype(np.int32)], 1.0)
    else:
        points = np.cumsum(rng.normal(0, 1, (6, 2)) + rng.normal(0, 1, 2), axis=0)
        points = (points - points.min(axis=0)) / max(1e-6, float(np.ptp(points, axis=0).max())) * size + 3
        cv2.polylines(canvas, [np.round(points).astype(np.int32)], False, 1.0, thickness=2)
    return np.asarray(cv2.GaussianBlur(canvas, (0, 0), float(rng.uniform(0.6, 1.2))), dtype=np.float64)
