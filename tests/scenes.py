"""Moving scenes drawn in memory for tests of measuring and shot detection, and their signals without a file."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.annotate.exposure import Exposure
from ava.annotate.motion import Motion
from ava.annotate.run import collect_signals
from ava.annotate.signature import Signature

WIDTH, HEIGHT = 160, 90

Frames = NDArray[np.uint8]


def draw_scene(
    number: int, *, frames: int, pan_px: float = 0.3, width: int = WIDTH, height: int = HEIGHT
) -> Frames:
    """A view over a painted backdrop, uint8 (frames, height, width, 3); each number is another place.

    ``pan_px`` is how far the camera moves in a frame.
    """
    rng = np.random.default_rng(number)
    wide = int(width + abs(pan_px) * frames) + 4
    backdrop = np.full((height, wide, 3), rng.uniform(40, 200, 3), dtype=np.float32)
    for _ in range(60 * wide // width):
        centre = (int(rng.integers(0, wide)), int(rng.integers(0, height)))
        size = (int(rng.integers(4, 40)), int(rng.integers(4, 30)))
        cv2.ellipse(
            backdrop, centre, size, float(rng.uniform(0, 180)), 0, 360, rng.uniform(10, 245, 3).tolist(), -1
        )
    views = []
    for frame in range(frames):
        shift = pan_px * frame if pan_px >= 0 else wide - width + pan_px * frame
        move = np.array([[1, 0, -shift], [0, 1, 0]], dtype=np.float32)
        views.append(cv2.warpAffine(backdrop, move, (width, height), borderMode=cv2.BORDER_REPLICATE))
    return np.clip(views, 0, 255).astype(np.uint8)


def join(*parts: Frames) -> Frames:
    """Scenes one after the other, with hard cuts."""
    return np.concatenate(parts)


def mix(first: Frames, second: Frames) -> Frames:
    """The mixed frames of a dissolve between two stretches of one length; neither end is pure."""
    share = ((np.arange(len(first)) + 1) / (len(first) + 1))[:, None, None, None]
    return np.round(first * (1 - share) + second * share).astype(np.uint8)


def fade(frames: Frames, *, strengths: Sequence[float] | NDArray[np.float64], tone: int = 0) -> Frames:
    """Frames mixed with a flat tone; strength 1 is the picture and 0 the tone."""
    share = np.asarray(strengths)[:, None, None, None]
    return np.round(frames * share + tone * (1 - share)).astype(np.uint8)


def flat(frames: int, *, tone: int = 0) -> Frames:
    """Frames of one grey tone."""
    return np.full((frames, HEIGHT, WIDTH, 3), tone, dtype=np.uint8)


def measure(frames: Frames) -> dict[str, NDArray[np.float32]]:
    """The signals that shot detection reads, straight from frames."""
    annotators = [Exposure(), Motion(), Signature()]
    numbers = np.arange(len(frames))
    tables = {}
    for annotator in annotators:
        annotator.load()
        tables[annotator.name] = [annotator.annotate(frames, frame_index=numbers)]
    return dict(collect_signals(tables, annotators=annotators, frame_count=len(frames)))
