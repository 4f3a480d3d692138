"""Dissolves: passages in which one picture turns into another along a straight line."""

import numpy as np
from numpy.typing import NDArray

from ava.shots.film_signals import FilmSignals
from ava.shots.passages import (
    WEAKEST,
    Fits,
    Passage,
    Way,
    choose_passages,
    end_distance,
    find_ends,
    fit_film,
    sample_offsets,
    scaled_lengths,
)

HALF_LENGTHS_FRAMES = (2, 3, 4, 6, 8, 11, 15, 20, 27, 36)
"""Half lengths that are tried, at 25 frames a second."""

BEND_SCALE = 0.03

FEATURES = (
    "bend",
    "unlikeness of the ends",
    "drift before",
    "drift after",
    "distance",
    "contrast dip",
    "spread",
)
FLOORS = (0.002, 0.05, 0.05, 0.05, 0.01, 0.05, 0.05)
WEIGHTS = (-0.881, 0.705, -0.32, -0.468, 1.263, -6.946, 1.582)
BIAS = -1.251
"""Logistic regression of the features' logarithms on hand-checked films and on rendered ones."""


def find_dissolves(film: FilmSignals, *, fps: float, taken: NDArray[np.bool_]) -> list[Passage]:
    """Find stretches that may be dissolves, strongest first in any neighbourhood, in order of time.

    A dissolve mixes two pictures linearly, so the film's signature runs straight from one to the other and
    rests before and after; a camera move bends. ``taken`` bool ``(frame_count,)`` marks frames that are
    explained already; no stretch reaches into them. Each is described by the logarithms named in
    ``FEATURES``.
    """
    halves = scaled_lengths(HALF_LENGTHS_FRAMES, fps=fps)
    return choose_passages(film, fit_film(film, _fit_lines, halves=halves, weakest=WEAKEST), taken=taken)


def score_dissolve(passage: Passage) -> float:
    """Log-odds that a stretch is a dissolve."""
    return float(passage.description @ np.array(WEIGHTS) + BIAS)


def _fit_lines(way: Way, half: int) -> Fits:
    """Fit straight lines from the picture before to the picture after."""
    ends = find_ends(way, half=half)
    reach = end_distance(half)
    start = way.smooth[ends.middle - reach]
    change = way.smooth[ends.middle + reach] - start
    bend = np.zeros(len(ends.middle), dtype=np.float32)
    offsets = sample_offsets(half)
    for offset in offsets:
        share = np.float32((offset + half + 1) / (2 * half + 2))
        bend += np.square(way.cells[ends.middle + offset] - start - share * change).sum(axis=1) / ends.length
    bend /= np.float32(len(offsets))
    pure = (way.smooth_contrast[ends.middle - reach] + way.smooth_contrast[ends.middle + reach]) / 2
    distance = np.sqrt(ends.length / change.shape[1])
    features = (
        bend,
        ends.unlikeness,
        ends.drift_before,
        ends.drift_after,
        distance,
        way.contrast[ends.middle] / (pure + 0.01),
        np.median(np.abs(change), axis=1) / distance,
    )
    description = [np.log(values + floor) for values, floor in zip(features, FLOORS, strict=True)]
    return Fits(
        half,
        ends.middle + way.first_frame,
        np.asarray(ends.strength * np.exp(-bend / BEND_SCALE), dtype=np.float32),
        np.stack(description, axis=1, dtype=np.float64),
    )
