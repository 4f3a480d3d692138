"""A second look at doubtful places: small frames of them go through a network that has seen many films."""

from collections.abc import Callable, Iterable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ava.shots.transnet import MARGIN_FRAMES, WINDOW_FRAMES

Look = Callable[[int, int], NDArray[np.uint8]]
"""Gives the frames ``start_frame``..``end_frame`` of the film, small, as RGB ``uint8 (T, H, W, 3)``."""

CORE_FRAMES = WINDOW_FRAMES - 2 * MARGIN_FRAMES
BAR_LEVEL = 40
"""Rows and columns along the edges that never get brighter than this are letterbox or pillarbox bars."""


class TransitionNetwork(Protocol):
    """Judges a window of consecutive frames, as ``ava.shots.transnet.TransNet`` does."""

    def predict_window(self, frames: NDArray[np.uint8]) -> NDArray[np.float32]:
        """``uint8 (100, H, W, 3)`` to probabilities ``float32 (100, 2)`` of a transition's middle and of
        being in one."""


def predict_around(
    places: Iterable[tuple[int, int]], *, look: Look, network: TransitionNetwork, frame_count: int
) -> NDArray[np.float32]:
    """Predict transitions at the spans ``places`` (half-open), in as few windows as cover them.

    Returns ``float32 (frame_count, 2)``, NaN where nobody looked or the frames could not be decoded.
    Windows that reach beyond the film are filled with copies of its end frames. Bars around the picture are
    cut off first: the network sees 48 × 27 pixels, and a pillarboxed picture would get half of them.
    """
    predictions = np.full((frame_count, 2), np.nan, dtype=np.float32)
    for core_start in _cover(places, frame_count=frame_count):
        start, end = core_start - MARGIN_FRAMES, core_start - MARGIN_FRAMES + WINDOW_FRAMES
        frames = look(max(start, 0), min(end, frame_count))
        if len(frames) != min(end, frame_count) - max(start, 0):
            continue
        missing = (max(-start, 0), max(end - frame_count, 0))
        window = np.pad(cut_bars(frames), (missing, (0, 0), (0, 0), (0, 0)), mode="edge")
        core = slice(core_start, min(core_start + CORE_FRAMES, frame_count))
        predicted = network.predict_window(window)[MARGIN_FRAMES : MARGIN_FRAMES + CORE_FRAMES]
        predictions[core] = predicted[: core.stop - core.start]
    return predictions


def cut_bars(frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Frames ``uint8 (T, H, W, 3)`` without the rows and columns along the edges that stay black in all of
    them.

    Frames that are black all over are returned whole.
    """
    brightest = frames.max(axis=(0, 3))
    rows = np.flatnonzero(brightest.max(axis=1) > BAR_LEVEL)
    columns = np.flatnonzero(brightest.max(axis=0) > BAR_LEVEL)
    if not len(rows) or not len(columns):
        return frames
    return frames[:, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _cover(places: Iterable[tuple[int, int]], *, frame_count: int) -> list[int]:
    """First frames of the 50-frame cores that cover all places, each as early as the places ask."""
    starts: list[int] = []
    covered = 0
    for start, end in sorted(places):
        start = max(start, covered if starts else 0, 0)
        while start < min(end, frame_count):
            # A place that fits is put in the middle, where the network has seen most on both sides.
            slack = max(CORE_FRAMES - (end - start), 0) // 2
            core = max(start - slack, covered if starts else 0, 0)
            starts.append(core)
            covered = core + CORE_FRAMES
            start = covered
    return starts
