"""Clips made of photographs: one slides behind a cut-out of another, as fast as cameras and people move.

Films at hand hold little fast movement, and what moves fast looks most like an error that lasts one frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from qc.pixel.footage import PHOTOGRAPH_SUFFIXES, Source, is_kept_back

if TYPE_CHECKING:
    from qc.defects.defect import RgbFrames

CLIP_FRAMES = 7
WIDTH_PX, HEIGHT_PX = 320, 224
_FASTEST_PX = 40.0
_SHUTTER_STEPS = 4
_STILL_SHARE = 0.15
_SHAKEN_SHARE = 0.25
_STRONGEST_SHAKE_PX = 4.0
_FINE_BITS = 4
_FINE = 1 << _FINE_BITS

Picture = NDArray[np.uint8]


def still_clips(
    source: Source | Path, *, seed: int, clips_a_still: int = 2, kept_back: bool | None = None
) -> Iterator[RgbFrames]:
    """Clips ``uint8 (7, 224, 320, 3)`` of every photograph below a folder; files that are none are left out.

    Speeds are drawn evenly on a logarithmic scale up to 40 px a frame, some things stand still; half of the clips are
    blurred along the movement over a shutter of half a frame, some shake. Equal arguments give equal clips.
    ``kept_back``: only clips of photographs that nothing is learnt from, or (False) only of the others.
    """
    files = (source if isinstance(source, Source) else Source(source)).files()
    paths = [path for path in files if path.suffix.lower() in PHOTOGRAPH_SUFFIXES]
    read = [
        (number, cv2.imread(str(path), cv2.IMREAD_COLOR_RGB))
        for number, path in enumerate(paths)
        if kept_back in (None, is_kept_back(number))
    ]
    stills = [(number, _fit(np.asarray(still, dtype=np.uint8))) for number, still in read if still is not None]
    for number, behind in stills:
        for clip in range(clips_a_still):
            rng = np.random.default_rng([seed, number, clip])
            before = stills[int(rng.integers(len(stills)))][1]
            yield move_stills(_sprinkle(behind, rng=rng), _sprinkle(before, rng=rng), rng=rng)


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


def _sprinkle(picture: Picture, *, rng: np.random.Generator) -> Picture:
    """Half of the pictures get what is small and sharp and moves with them: lights, scratches, letters."""
    drawn = picture.copy()
    if rng.random() < 0.5:
        return drawn
    size = np.array(drawn.shape[1::-1])
    for _ in range(int(np.exp(rng.uniform(np.log(10), np.log(400))))):
        start = rng.uniform(0, size)
        colour = [int(level) for level in np.clip(rng.normal(rng.uniform(60, 255), 25, 3), 0, 255)]
        ends = [[round(float(at) * _FINE) for at in place] for place in (start, start + rng.normal(0, 2.5, 2))]
        kind = rng.random()
        if kind < 0.5:
            radius = round(float(rng.uniform(0.4, 2.2)) * _FINE)
            cv2.circle(drawn, ends[0], radius, colour, -1, cv2.LINE_AA, _FINE_BITS)
        elif kind < 0.85:
            cv2.line(drawn, ends[0], ends[1], colour, 1, cv2.LINE_AA, _FINE_BITS)
        else:
            letter, place = chr(int(rng.integers(33, 127))), [int(at) for at in start]
            cv2.putText(drawn, letter, place, cv2.FONT_HERSHEY_SIMPLEX, float(rng.uniform(0.25, 0.8)), colour, 1,
                        cv2.LINE_AA)  # fmt: skip
    return drawn


def _slide(picture: Picture, *, rng: np.random.Generator, blurred: bool) -> NDArray[np.uint8]:
    """Seven views of a picture that turns, grows and moves evenly, and shakes at times: ``uint8 (7, H, W, 3)``."""
    speed_px = 0.0 if rng.random() < _STILL_SHARE else float(np.exp(rng.uniform(np.log(0.2), np.log(_FASTEST_PX))))
    direction = rng.uniform(0, 2 * np.pi)
    velocity = speed_px * np.array([np.cos(direction), np.sin(direction)])
    turn_deg, growth = (rng.normal(0, scale) * (speed_px > 0) for scale in (0.5, 0.005))
    middle = np.array(picture.shape[1::-1]) / 2
    shakes_px = rng.normal(0, rng.uniform(0, _STRONGEST_SHAKE_PX), (CLIP_FRAMES, 2)) * (rng.random() < _SHAKEN_SHARE)
    steps = np.arange(_SHUTTER_STEPS) / (2 * _SHUTTER_STEPS) if blurred else np.zeros(1)
    frames = []
    for frame in range(CLIP_FRAMES):
        views = []
        for time in frame - CLIP_FRAMES // 2 + steps:
            matrix = cv2.getRotationMatrix2D(tuple(middle), turn_deg * time, (1 + growth) ** time)
            matrix[:, 2] += velocity * time + shakes_px[frame] - middle + np.array([WIDTH_PX, HEIGHT_PX]) / 2
            views.append(
                cv2.warpAffine(picture, matrix, (WIDTH_PX, HEIGHT_PX), borderMode=cv2.BORDER_REFLECT)
            )
        frames.append(np.mean(views, axis=0))
    return np.round(np.stack(frames)).astype(np.uint8)
