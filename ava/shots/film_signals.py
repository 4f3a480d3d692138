"""The signals that shot detection reads, as arrays without gaps."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import Signals

SURROUNDINGS_FRAMES = 500
"""A cell's mean over this many frames on either side is what the film usually shows there (a desk, a black
bar); only what departs from it tells shots apart."""

LUMA_NOISE = 3 / 255

BLOCK_FRAMES = 4096
"""Frames that are worked on at once: what long films need beside their signals does not grow with them."""


class FilmSignals(NamedTuple):
    """Per-frame measurements of N frames, as far as the film has been measured.

    ``luma`` and ``departure`` ``float32 (N, cells)``: mean luma of cells, 0–1, as seen and less the mean of
    the surroundings. ``colour`` ``float32 (N, cells)``: opponent colours, −1 to 1. ``measured`` bool
    ``(N,)``: false where a frame repeats the one before because it was not measured. The others ``float32
    (N,)``, as their annotators describe them.
    """

    luma: NDArray[np.float32]
    departure: NDArray[np.float32]
    colour: NDArray[np.float32]
    structure_change: NDArray[np.float32]
    residual: NDArray[np.float32]
    contrast: NDArray[np.float32]
    measured: NDArray[np.bool_]

    @property
    def frame_count(self) -> int:
        """Frames up to the last one that has been measured."""
        return len(self.residual)


def correlate(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float32]:
    """Correlation of rows ``(M, cells)`` with rows ``(M, cells)``; rows flatter than noise count as alike."""
    first = first - first.mean(axis=1, keepdims=True)
    second = second - second.mean(axis=1, keepdims=True)
    noise = LUMA_NOISE**2
    spread = np.sqrt((np.square(first).mean(axis=1) + noise) * (np.square(second).mean(axis=1) + noise))
    return np.asarray(((first * second).mean(axis=1) + noise) / spread, dtype=np.float32)


def read_film_signals(signals: Signals) -> FilmSignals:
    """Take what shot detection needs from a film's signals.

    Frames that were not measured (NaN) after the last measured one are left off; inside the film they
    repeat the frame before, as if nothing happened there.
    """
    residual = signals["motion.residual"]
    luma_names = [name for name in signals if name.startswith("signature.luma_")]
    colour_names = [
        name for name in signals if name.startswith(("signature.red_green_", "signature.yellow_blue_"))
    ]
    measured = ~np.isnan(signals[luma_names[0]])
    frame_count = int(np.flatnonzero(measured)[-1]) + 1 if measured.any() else 0
    held = _last_measured(signals[luma_names[0]][:frame_count])
    luma = _side_by_side(signals, luma_names, held)
    return FilmSignals(
        luma=luma,
        departure=_less_surroundings(luma, reach=SURROUNDINGS_FRAMES),
        colour=_side_by_side(signals, colour_names, held),
        structure_change=np.nan_to_num(signals["motion.structure_change"][:frame_count]),
        residual=np.nan_to_num(residual[:frame_count]),
        contrast=signals["exposure.contrast"][held],
        measured=measured[:frame_count],
    )


def _last_measured(signal: NDArray[np.float32]) -> NDArray[np.intp]:
    """For each frame the number of the last measured one up to it, or of the first measured one."""
    known = ~np.isnan(signal)
    latest = np.maximum.accumulate(np.where(known, np.arange(len(signal)), -1))
    return np.where(latest < 0, int(np.argmax(known)) if len(signal) else 0, latest)


def _side_by_side(signals: Signals, names: Sequence[str], frames: NDArray[np.intp]) -> NDArray[np.float32]:
    """``(frames, names)``, without a second copy of them all."""
    columns = np.empty((len(frames), len(names)), dtype=np.float32)
    for column, name in enumerate(names):
        columns[:, column] = signals[name][frames]
    return columns


def _less_surroundings(values: NDArray[np.float32], *, reach: int) -> NDArray[np.float32]:
    """Rows ``(N, columns)`` less the mean of those up to ``reach`` away, from running sums of one block at a time."""
    frame_count = len(values)
    departure = np.empty_like(values)
    sums, first_sum = np.zeros((1, values.shape[1])), 0
    for start in range(0, frame_count, BLOCK_FRAMES):
        frames = np.arange(start, min(start + BLOCK_FRAMES, frame_count))
        first, end = np.clip(frames - reach, 0, None), np.clip(frames + reach + 1, None, frame_count)
        following = values[first_sum + len(sums) - 1 : end[-1]]
        # The sum so far goes first, so that every sum is that of the film's frames in their order.
        more = np.cumsum(np.concatenate([sums[-1:], following]), axis=0, dtype=np.float64)
        sums, first_sum = np.concatenate([sums[first[0] - first_sum : -1], more]), int(first[0])
        mean = (sums[end - first_sum] - sums[first - first_sum]) / (end - first)[:, None]
        departure[frames] = values[frames] - mean.astype(np.float32)
    return departure
