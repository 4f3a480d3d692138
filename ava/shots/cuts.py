"""Hard cuts: how likely a new shot begins at each frame, from how far the picture breaks with those
before."""

import numpy as np
from numpy.typing import NDArray

from ava.shots.film_signals import FilmSignals, correlate

NEIGHBOUR_FRAMES = 6
BEFORE_FRAMES, AFTER_FRAMES = 4, 5
"""A picture that is back within these frames of a break was hidden by a flash or an object, not cut away."""

WITHIN_FRAMES = 3

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


def score_cuts(film: FilmSignals) -> NDArray[np.float64]:
    """Log-odds, ``float64 (frame_count,)``, that each frame is the first of a new shot after a hard cut."""
    return np.asarray(describe_breaks(film) @ np.array(WEIGHTS) + BIAS)


def describe_breaks(film: FilmSignals) -> NDArray[np.float64]:
    """Describe the break between each frame and the one before by the logarithms named in ``FEATURES``.

    Returns ``float64 (frame_count, 12)``. Ratios to neighbours adapt to a film's own restlessness; the
    frames before and after are compared at several distances and the most alike pair counts, so a flash
    does not look like a cut.
    """
    contrast = np.minimum(film.contrast, np.concatenate([film.contrast[:1], film.contrast[:-1]]))
    return np.stack(
        [
            *_describe_peak(film.structure_change, floor=0.04),
            *_describe_peak(film.residual, floor=0.006),
            *_describe_sides(film),
            np.log(contrast + 0.01),
            _describe_spread(film),
        ],
        axis=1,
    )


def _describe_peak(signal: NDArray[np.float32], *, floor: float) -> list[NDArray[np.float64]]:
    """Logarithms of a signal and of its ratios to the highest and second highest of its neighbours."""
    padded = np.pad(signal.astype(np.float64), NEIGHBOUR_FRAMES)
    neighbours = np.stack(
        [
            padded[NEIGHBOUR_FRAMES + lag : NEIGHBOUR_FRAMES + lag + len(signal)]
            for lag in range(-NEIGHBOUR_FRAMES, NEIGHBOUR_FRAMES + 1)
            if lag
        ]
    )
    second, highest = np.sort(neighbours, axis=0)[-2:]
    level = np.log(signal + floor)
    return [level, level - np.log(highest + floor), level - np.log(second + floor)]


def _describe_sides(film: FilmSignals) -> list[NDArray[np.float64]]:
    """Logarithms of unlikeness and distance across the break, and of their ratios to those on either side."""
    frame_count = film.frame_count
    frames = np.arange(frame_count)

    def compare(first: NDArray[np.intp], second: NDArray[np.intp]) -> NDArray[np.float64]:
        first, second = (np.clip(numbers, 0, frame_count - 1) for numbers in (first, second))
        unlike = np.maximum(1 - correlate(film.departure[first], film.departure[second]), 0)
        luma = np.abs(film.luma[first] - film.luma[second]).mean(axis=1)
        colour = np.abs(film.colour[first] - film.colour[second]).mean(axis=1)
        return np.stack([unlike, (luma + 2 * colour) / 3])

    across = np.full((2, frame_count), np.inf)
    for before in range(1, BEFORE_FRAMES + 1):
        for after in range(AFTER_FRAMES):
            across = np.minimum(across, compare(frames - before, frames + after))
    steps = compare(frames - 1, frames)
    within = np.zeros((2, frame_count))
    for lag in range(1, WITHIN_FRAMES + 1):
        within = np.maximum(within, np.where(frames >= lag, np.roll(steps, lag, axis=1), 0))
        within = np.maximum(within, np.where(frames < frame_count - lag, np.roll(steps, -lag, axis=1), 0))
    described = []
    for crossing, step, floor in zip(across, within, (0.02, 0.008), strict=True):
        described += [np.log(crossing + floor), np.log(crossing + floor) - np.log(step + floor)]
    return described


def _describe_spread(film: FilmSignals) -> NDArray[np.float64]:
    """Logarithm of the median over the mean change of lit cells: a caption changes few of them, a cut
    most."""
    frame_count, cells = film.luma.shape
    frames = np.arange(frame_count)
    median, mean = np.full(frame_count, np.inf), np.full(frame_count, np.inf)
    for before in range(1, BEFORE_FRAMES + 1):
        for after in range(AFTER_FRAMES):
            first = film.luma[np.maximum(frames - before, 0)]
            second = film.luma[np.minimum(frames + after, frame_count - 1)]
            lit = np.maximum(first, second) > LIT_LUMA
            count = lit.sum(axis=1)
            # Unlit cells sort to the front, where the median of the others does not reach them.
            change = np.sort(np.where(lit, np.abs(first - second), -1), axis=1)
            place = np.minimum(cells - count + count // 2, cells - 1)
            median = np.minimum(median, np.maximum(change[frames, place], 0))
            mean = np.minimum(mean, np.maximum(change, 0).sum(axis=1) / np.maximum(count, 1))
    return np.asarray(np.log(median + 0.003) - np.log(mean + 0.003))
