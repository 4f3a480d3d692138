"""Dissolves: stretches in which one picture turns into another along a straight line."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.shots.film_signals import LUMA_NOISE, FilmSignals

REFERENCE_FPS = 25
HALF_LENGTHS_FRAMES = (2, 3, 4, 6, 8, 11, 15, 20, 27, 36)
"""Half lengths that are tried, at 25 frames a second."""

END_FRAMES = 3
SAMPLES = 11
BEND_SCALE = 0.03
WEAKEST = 0.05

WEIGHTS = (-0.881, 0.705, -0.32, -0.468, 1.263, -6.946, 1.582)
BIAS = -1.251
"""Logistic regression on hand-checked films and on rendered ones with known dissolves."""

SPEED_FRAMES = 3
MOVING_SPEED = 0.5
"""A frame is mixed while the picture moves along the way at half of the dissolve's mean speed at least."""

FLOORS = (0.002, 0.05, 0.05, 0.05, 0.01, 0.05, 0.05)
FEATURES = (
    "bend",
    "unlikeness of the ends",
    "drift before",
    "drift after",
    "distance",
    "contrast dip",
    "spread",
)


class Dissolve(NamedTuple):
    """Mixed frames ``start_frame``..``end_frame`` (half-open) of what may be a dissolve.

    ``core`` is the stretch in which a straight line fits best, described by the logarithms named in
    ``FEATURES``.
    """

    start_frame: int
    end_frame: int
    core: tuple[int, int]
    description: NDArray[np.float64]

    @property
    def middle_frame(self) -> int:
        return (self.start_frame + self.end_frame) // 2


class _Way(NamedTuple):
    """The film's way through the space of signatures, of N frames.

    ``cells`` ``(N, cells)``: luma and colour. ``smooth``: their means over ``END_FRAMES`` frames around each.
    ``shape`` and ``power``: the smoothed departures from the surroundings, less their mean, and their
    variance.
    """

    cells: NDArray[np.float32]
    smooth: NDArray[np.float32]
    shape: NDArray[np.float32]
    power: NDArray[np.float32]


class _Fits(NamedTuple):
    """Straight lines of one half length fitted around M middle frames, each ``(M,)``."""

    middle: NDArray[np.intp]
    strength: NDArray[np.float32]
    """0–1: ends that differ, a straight way between them, and rest before and after."""
    description: NDArray[np.float64]


def find_dissolves(film: FilmSignals, *, fps: float, taken: NDArray[np.bool_]) -> list[Dissolve]:
    """Find stretches that may be dissolves, strongest first in any neighbourhood, in order of time.

    A dissolve mixes two pictures linearly, so the film's signature runs straight from one to the other and
    rests before and after; a camera move bends. ``taken`` bool ``(frame_count,)`` marks frames that are
    explained already; no stretch reaches into them.
    """
    way = _trace_way(film)
    halves = sorted({max(round(half * fps / REFERENCE_FPS), 2) for half in HALF_LENGTHS_FRAMES})
    fits = [_fit_lines(film, way, half=half) for half in halves]
    half_of = np.repeat(halves, [len(fit.middle) for fit in fits])
    middles, strengths = (
        np.concatenate(each) for each in zip(*((fit[0], fit[1]) for fit in fits), strict=True)
    )
    descriptions = np.concatenate([fit.description for fit in fits])
    # Where frames are missing, a jump between those on either side looks like a way.
    near = np.convolve(~film.measured, np.ones(2 * END_FRAMES + 1))
    holes = near[END_FRAMES : END_FRAMES + film.frame_count] > 0
    taken_before = np.concatenate([[0], np.cumsum(taken | holes)])
    free = np.ones(film.frame_count, dtype=np.bool_)
    found: list[Dissolve] = []
    for place in np.argsort(-strengths, kind="stable"):
        if strengths[place] < WEAKEST:
            break
        half = int(half_of[place])
        start, end = int(middles[place]) - half, int(middles[place]) + half + 1
        if not free[start:end].all() or taken_before[end] > taken_before[start]:
            continue
        span = _follow_way(film, start=start, end=end)
        if span[1] > film.frame_count - END_FRAMES:
            continue  # it may be under way still
        free[min(start, span[0]) : max(end, span[1])] = False
        found.append(Dissolve(*span, (start, end), descriptions[place]))
    return sorted(found, key=lambda dissolve: dissolve.start_frame)


def score_dissolve(dissolve: Dissolve) -> float:
    """Log-odds that a stretch is a dissolve."""
    return float(dissolve.description @ np.array(WEIGHTS) + BIAS)


def _follow_way(film: FilmSignals, *, start: int, end: int) -> tuple[int, int]:
    """First mixed frame and the first frame after them: where the picture moves along the way at its full
    speed.

    The stretch that fits best may begin inside the dissolve or reach beyond it.
    """
    before, after = (
        film.luma[first : first + END_FRAMES].mean(axis=0) for first in (start - END_FRAMES, end)
    )
    way = after - before
    # One step of the way is what a dissolve of this length goes in a frame.
    step = max(float(way @ way), 1e-9) / (end - start + 1)
    reach = end - start
    first, last = max(start - reach, 0), min(end + reach, film.frame_count)
    position = film.luma[first:last] @ way / step
    speed = np.convolve(
        np.diff(position, prepend=position[:1]), np.ones(SPEED_FRAMES) / SPEED_FRAMES, mode="same"
    )
    resting = np.flatnonzero(speed < MOVING_SPEED) + first
    middle = (start + end) // 2
    span_start = max((int(frame) for frame in resting if frame < middle), default=first - 1) + 1
    # Speed belongs to the later of two frames: the first resting one after the way is its pure end.
    span_end = min((int(frame) for frame in resting if frame > middle), default=last)
    return (span_start, span_end) if 2 * (span_end - span_start) >= reach else (start, end)


def _trace_way(film: FilmSignals) -> _Way:
    cells = np.concatenate([film.luma, 2 * film.colour], axis=1)
    shape = _smooth(film.departure)
    shape -= shape.mean(axis=1, keepdims=True)
    return _Way(cells, _smooth(cells), shape, np.square(shape).mean(axis=1))


def _smooth(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Means over three frames; film ends repeat."""
    padded = np.pad(values, ((1, 1), (0, 0)), mode="edge")
    return np.asarray((padded[:-2] + padded[1:-1] + padded[2:]) / END_FRAMES, dtype=np.float32)


def _fit_lines(film: FilmSignals, way: _Way, *, half: int) -> _Fits:
    """Fit straight lines through ``half`` frames on either side of the frames where one could be a
    dissolve."""
    last = film.frame_count - 1
    # The means at both ends lie wholly outside the stretch.
    reach, rest = half + END_FRAMES // 2 + 1, max(half, 4)
    middle = np.arange(reach + 1, film.frame_count - reach - 1)
    first, second = middle - reach, middle + reach
    length = np.square(way.smooth[second] - way.smooth[first]).sum(axis=1) + 1e-6
    drifts = [
        np.sqrt(np.square(way.smooth[end] - way.smooth[np.clip(end + away, 0, last)]).sum(axis=1) / length)
        for end, away in ((first, -rest), (second, rest))
    ]
    noise = LUMA_NOISE**2
    spread = np.sqrt((way.power[first] + noise) * (way.power[second] + noise))
    unlikeness = 1 - ((way.shape[first] * way.shape[second]).mean(axis=1) + noise) / spread
    strength = np.minimum(unlikeness, 1) / (1 + np.square(drifts[0]) + np.square(drifts[1]))
    # A line that bends is weaker still: what is too weak when straight needs no closer look.
    near = np.flatnonzero(strength >= WEAKEST)
    middle = middle[near]
    bend, dip, evenness = _follow_lines(film, way, middle=middle, half=half, reach=reach)
    described = (
        bend,
        unlikeness[near],
        drifts[0][near],
        drifts[1][near],
        np.sqrt(length[near] / way.cells.shape[1]),
    )
    description = [
        np.log(values + floor) for values, floor in zip((*described, dip, evenness), FLOORS, strict=True)
    ]
    return _Fits(
        middle,
        np.asarray(strength[near] * np.exp(-bend / BEND_SCALE), dtype=np.float32),
        np.stack(description, axis=1, dtype=np.float64),
    )


def _follow_lines(
    film: FilmSignals, way: _Way, *, middle: NDArray[np.intp], half: int, reach: int
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """How far the picture strays from the lines, how much its contrast dips, how evenly it changes;
    ``(M,)`` each."""
    start, end = way.smooth[middle - reach], way.smooth[middle + reach]
    change = end - start
    length = np.square(change).sum(axis=1) + 1e-6
    offsets = np.unique(np.round(np.linspace(-half, half, min(2 * half + 1, SAMPLES))).astype(int))
    bend = np.zeros(len(middle), dtype=np.float32)
    for offset in offsets:
        share = np.float32((offset + half + 1) / (2 * half + 2))
        bend += np.square(way.cells[middle + offset] - start - share * change).sum(axis=1) / length
    contrast = _smooth(film.contrast[:, None])[:, 0]
    ends = (contrast[middle - reach] + contrast[middle + reach]) / 2
    return (
        np.asarray(bend / len(offsets), dtype=np.float32),
        np.asarray(film.contrast[middle] / (ends + 0.01), dtype=np.float32),
        np.asarray(np.median(np.abs(change), axis=1) / np.sqrt(length / change.shape[1]), dtype=np.float32),
    )
