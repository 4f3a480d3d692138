"""Clips made of photographs: one slides behind a cut-out of another, as fast as cameras and people move.

Films at hand hold little fast movement, and what moves fast looks most like an error that lasts one frame.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from qc.defects.defect import RgbFrames

CLIP_FRAMES = 7
WIDTH_PX, HEIGHT_PX = 320, 224
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp"})
_FASTEST_PX = 40.0
_SHUTTER_STEPS = 4
_STILL_SHARE = 0.15

Picture = NDArray[np.uint8]


def still_clips(folder: Path, *, seed: int, clips_a_still: int = 2) -> list[RgbFrames]:
    """Clips ``uint8 (7, 224, 320, 3)`` of every photograph below a folder; files that are none are left out.

    Speeds are drawn evenly on a logarithmic scale up to 40 px a frame, some things stand still; half of the clips are
    blurred along the movement over a shutter of half a frame. Equal arguments give equal clips.
    """
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    read = (cv2.imread(str(path), cv2.IMREAD_COLOR_RGB) for path in paths)
    stills = [_fit(np.asarray(still, dtype=np.uint8)) for still in read if still is not None]
    clips = []
    for number in range(len(stills)):
        for clip in range(clips_a_still):
            rng = np.random.default_rng([seed, number, clip])
            before = stills[int(rng.integers(len(stills)))]
            clips.append(move_stills(stills[number], before, rng=rng))
    return clips


def move_stills(behind: Picture, before: Picture, *, rng: np.random.Generator) -> RgbFrames:
    """Seven frames of one photograph moving behind a rounded cut-out of another that moves by itself."""
    blurred = bool(rng.random() < 0.5)
    layers = [_slide(still, rng=rng, blurred=blurred) for still in (behind, before)]
    mask = np.zeros((HEIGHT_PX, WIDTH_PX, 3), dtype=np.uint8)
    for _ in range(int(rng.integers(1, 4))):
        middle = (int(rng.integers(WIDTH_PX)), int(rng.integers(HEIGHT_PX)))
        axes = (int(rng.integers(4, 90)), int(rng.integers(4, 90)))
        cv2.ellipse(mask, middle, axes, float(rng.uniform(0, 180)), 0, 360, (255, 255, 255), -1, cv2.LINE_AA)
    covers = _slide(mask, rng=rng, blurred=blurred).astype(np.float32) / 255
    return np.round(layers[0] * (1 - covers) + layers[1] * covers).astype(np.uint8)


def _fit(still: Picture) -> Picture:
    """Scaled to twice a clip's sides or a little more, so that there is room to move."""
    scale = max(2 * WIDTH_PX / still.shape[1], 2 * HEIGHT_PX / still.shape[0])
    size = (round(still.shape[1] * scale), round(still.shape[0] * scale))
    return np.asarray(cv2.resize(still, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _slide(picture: Picture, *, rng: np.random.Generator, blurred: bool) -> NDArray[np.uint8]:
    """Seven views of a picture that turns, grows and moves evenly: ``uint8 (7, H, W, 3)``."""
    speed_px = 0.0 if rng.random() < _STILL_SHARE else float(np.exp(rng.uniform(np.log(0.2), np.log(_FASTEST_PX))))
    direction = rng.uniform(0, 2 * np.pi)
    velocity = speed_px * np.array([np.cos(direction), np.sin(direction)])
    turn_deg, growth = (rng.normal(0, scale) * (speed_px > 0) for scale in (0.5, 0.005))
    middle = np.array(picture.shape[1::-1]) / 2
    steps = np.arange(_SHUTTER_STEPS) / (2 * _SHUTTER_STEPS) if blurred else np.zeros(1)
    frames = []
    for frame in range(CLIP_FRAMES):
        views = []
        for time in frame - CLIP_FRAMES // 2 + steps:
            matrix = cv2.getRotationMatrix2D(tuple(middle), turn_deg * time, (1 + growth) ** time)
            matrix[:, 2] += velocity * time - middle + np.array([WIDTH_PX, HEIGHT_PX]) / 2
            views.append(
                cv2.warpAffine(picture, matrix, (WIDTH_PX, HEIGHT_PX), borderMode=cv2.BORDER_REFLECT)
            )
        frames.append(np.mean(views, axis=0))
    return np.round(np.stack(frames)).astype(np.uint8)
