"""Hard cuts: how likely a new shot begins at each frame, from how far the picture breaks with those
before."""

import numpy as np
from numpy.typing import NDArray

from ava.shots.film_signals import FilmSignals, correlate

NEIGHBOUR_FRAMES = 6
BEFORE_FRAMES, AFTER_FRAMES = 4, 5
"""A picture that is back within these frames of a break was hidden by a flash or an object, not cut away."""

WITHIN_FRAMES = 3

_PAIRS = tuple((-before, after) for before in range(1, BEFORE_FRAMES + 1) for after in range(AFTER_FRAMES))
_STEPS = (*range(-WITHIN_FRAMES, 0), *range(1, WITHIN_FRAMES + 1))

LIT_LUMA = 0.06
"""Cells darker than this in both frames have nothing to show: bars, or the ground of a title card."""

FEATURES = (
    "structure change",
    "its ratio to the highest neighbour",
    "its ratio to the second highest neighbour",
    "residual",
    "its ratio to the highest neighbour",
    "its ratio to the second highest neighbour",
    "unlikeness of the frames before and after",
    "its ratio to unlikeness within either side",
    "distance of the frames before and after",
    "its ratio to distances within either side",
    "contrast",
    "how evenly the change is spread over the lit part of the picture",
)


WEIGHTS = (0.552, 0.438, 1.182, 0.229, 0.198, 0.465, 0.986, 0.293, 0.714, 0.304, -0.095, 0.835)
BIAS = 1.937
"""Logistic regression on hand-checked films and on rendered ones with known cuts; each film's errors were
counted with weights that had not seen it."""


LEAST_STRUCTURE_CHANGE = 0.12
PEAK_FRAMES = 3
"""Only where structure change or residual is highest within so many frames can a cut be; the rest, nine
tenths of a film, need no comparison over several frames."""


def score_cuts(film: FilmSignals) -> NDArray[np.float64]:
    """Log-odds, ``float64 (frame_count,)``, that each frame is the first of a new shot after a hard cut.

    −inf where nothing breaks.
    """
    odds = np.full(film.frame_count, -np.inf)
    frames = _find_breaks(film)
    odds[frames] = describe_breaks(film, frames) @ np.array(WEIGHTS) + BIAS
    return odds


def describe_breaks(film: FilmSignals, frames: NDArray[np.intp]) -> NDArray[np.float64]:
    """Describe the break between frames and those before them by the logarithms named in ``FEATURES``.

    ``frames`` ``(M,)``, each at least 1; returns ``float64 (M, 12)``. Ratios to neighbours adapt to a
    film's own restlessness; the frames before and after are compared at several distances and the most
    alike pair counts, so a flash does not look like a cut.
    """
    contrast = np.minimum(film.contrast[frames], film.contrast[frames - 1])
    return np.stack(
        [
            *_describe_peak(film.structure_change, frames, floor=0.04),
            *_describe_peak(film.residual, frames, floor=0.006),
            *_describe_sides(film, frames),
            np.log(contrast + 0.01),
            _describe_spread(film, frames),
        ],
        axis=1,
    )


def _find_breaks(film: FilmSignals) -> NDArray[np.intp]:
    """Frames at which a shot could begin."""
    is_peak = np.zeros(film.frame_count, dtype=np.bool_)
    for signal in (film.structure_change, film.residual):
        windows = np.lib.stride_tricks.sliding_window_view(np.pad(signal, PEAK_FRAMES), 2 * PEAK_FRAMES + 1)
        is_peak |= signal >= windows.max(axis=1)
    is_peak[:1] = False
    return np.flatnonzero(is_peak & (film.structure_change > LEAST_STRUCTURE_CHANGE))


def _describe_peak(
    signal: NDArray[np.float32], frames: NDArray[np.intp], *, floor: float
) -> list[NDArray[np.float64]]:
    """Logarithms of a signal and of its ratios to the highest and second highest of its neighbours."""
    padded = np.pad(signal.astype(np.float64), NEIGHBOUR_FRAMES)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * NEIGHBOUR_FRAMES + 1)[frames]
    second, highest = np.sort(np.delete(windows, NEIGHBOUR_FRAMES, axis=1), axis=1)[:, -2:].T
    level = np.log(signal[frames] + floor)
    return [level, level - np.log(highest + floor), level - np.log(second + floor)]


def _describe_sides(film: FilmSignals, frames: NDArray[np.intp]) -> list[NDArray[np.float64]]:
    """Logarithms of unlikeness and distance across the break, and of their ratios to those on either side."""
    last = film.frame_count - 1

    def compare(before: int, after: int) -> NDArray[np.float64]:
        first, second = (np.clip(frames + lag, 0, last) for lag in (before, after))
        unlike = np.maximum(1 - correlate(film.departure[first], film.departure[second]), 0)
        luma = np.abs(film.luma[first] - film.luma[second]).mean(axis=1)
        colour = np.abs(film.colour[first] - film.colour[second]).mean(axis=1)
        return np.stack([unlike, (luma + 2 * colour) / 3])

    across = np.min([compare(before, after) for before, after in _PAIRS], axis=0)
    within = np.max([compare(lag - 1, lag) for lag in _STEPS], axis=0)
    described = []
    for crossing, step, floor in zip(across, within, (0.02, 0.008), strict=True):
        described += [np.log(crossing + floor), np.log(crossing + floor) - np.log(step + floor)]
    return described


def _describe_spread(film: FilmSignals, frames: NDArray[np.intp]) -> NDArray[np.float64]:
    """Logarithm of the median over the mean change of lit cells: a caption changes few of them, a cut
    most."""
    cells = film.luma.shape[1]
    median, mean = np.full(len(frames), np.inf), np.full(len(frames), np.inf)
    for before, after in _PAIRS:
        first = film.luma[np.maximum(frames + before, 0)]
        second = film.luma[np.minimum(frames + after, film.frame_count - 1)]
        lit = np.maximum(first, second) > LIT_LUMA
        count = lit.sum(axis=1)
        # Unlit cells sort to the front, where the median of the others does not reach them.
        change = np.sort(np.where(lit, np.abs(first - second), -1), axis=1)
        place = np.minimum(cells - count + count // 2, cells - 1)
        median = np.minimum(median, np.maximum(change[np.arange(len(frames)), place], 0))
        mean = np.minimum(mean, np.maximum(change, 0).sum(axis=1) / np.maximum(count, 1))
    return np.asarray(np.log(median + 0.003) - np.log(mean + 0.003))
