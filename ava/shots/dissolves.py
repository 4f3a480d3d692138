"""Dissolves: stretches in which one picture turns into another along a straight line."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.shots.film_signals import FilmSignals, correlate

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


class _Scan(NamedTuple):
    """For every middle frame and one half length: how a straight line from end to end fits, all ``(N,)``."""

    bend: NDArray[np.float32]
    unlikeness: NDArray[np.float32]
    drift_before: NDArray[np.float32]
    drift_after: NDArray[np.float32]
    distance: NDArray[np.float32]
    contrast_dip: NDArray[np.float32]
    spread: NDArray[np.float32]

    def strength(self) -> NDArray[np.float32]:
        """0–1: ends that differ, a straight way between them, and rest before and after."""
        straight = np.exp(-self.bend / BEND_SCALE)
        rest = 1 + np.square(self.drift_before) + np.square(self.drift_after)
        return np.asarray(np.minimum(self.unlikeness, 1) * straight / rest, dtype=np.float32)


def find_dissolves(film: FilmSignals, *, fps: float, taken: NDArray[np.bool_]) -> list[Dissolve]:
    """Find stretches that may be dissolves, strongest first in any neighbourhood, in order of time.

    A dissolve mixes two pictures linearly, so the film's signature runs straight from one to the other and
    rests before and after; a camera move bends. ``taken`` bool ``(frame_count,)`` marks frames that are
    explained already; no stretch reaches into them.
    """
    halves = sorted({max(round(half * fps / REFERENCE_FPS), 2) for half in HALF_LENGTHS_FRAMES})
    scans = [_scan(film, half=half) for half in halves]
    strengths = (
        np.stack([scan.strength() for scan in scans]) if film.frame_count else np.zeros((len(halves), 0))
    )
    best = strengths.argmax(axis=0)
    peak = strengths.max(axis=0)
    # Where frames are missing, a jump between those on either side looks like a way.
    near = np.convolve(~film.measured, np.ones(2 * END_FRAMES + 1))
    holes = near[END_FRAMES : END_FRAMES + film.frame_count] > 0
    taken_before = np.concatenate([[0], np.cumsum(taken | holes)])
    free = np.ones(film.frame_count, dtype=np.bool_)
    found: list[Dissolve] = []
    for middle in np.argsort(-peak, kind="stable"):
        if peak[middle] < WEAKEST:
            break
        half, scan = halves[best[middle]], scans[best[middle]]
        start, end = int(middle) - half, int(middle) + half + 1
        if start < END_FRAMES or end + END_FRAMES > film.frame_count or not free[start:end].all():
            continue
        if taken_before[end] > taken_before[start]:
            continue
        span = _follow_way(film, start=start, end=end)
        if span[1] > film.frame_count - END_FRAMES:
            continue  # it may be under way still
        free[min(start, span[0]) : max(end, span[1])] = False
        found.append(Dissolve(*span, (start, end), _describe(scan, int(middle))))
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


def _describe(scan: _Scan, middle: int) -> NDArray[np.float64]:
    floors = (0.002, 0.05, 0.05, 0.05, 0.01, 0.05, 0.05)
    return np.array([np.log(values[middle] + floor) for values, floor in zip(scan, floors, strict=True)])


def _scan(film: FilmSignals, *, half: int) -> _Scan:
    """Fit straight lines through ``half`` frames on either side of every frame."""
    cells = np.concatenate([film.luma, 2 * film.colour], axis=1)
    before, after = half + 1, half + END_FRAMES
    start, end = _shifted_mean(cells, -after, -before), _shifted_mean(cells, before, after)
    way = end - start
    length = np.square(way).sum(axis=1) + 1e-6
    offsets = np.unique(np.round(np.linspace(-half, half, min(2 * half + 1, SAMPLES))).astype(int))
    bend = np.zeros(len(cells), dtype=np.float32)
    for offset in offsets:
        share = (offset + half + 1) / (2 * half + 2)
        bend += np.square(_shifted_mean(cells, offset, offset) - start - share * way).sum(axis=1) / length
    rest = max(half, 4)
    drifts = [
        np.sqrt(np.square(near - _shifted_mean(cells, first, last)).sum(axis=1) / length)
        for near, first, last in ((start, -after - rest, -before - rest), (end, before + rest, after + rest))
    ]
    likeness = correlate(
        _shifted_mean(film.departure, -after, -before), _shifted_mean(film.departure, before, after)
    )
    contrast = film.contrast[:, None]
    ends = (_shifted_mean(contrast, -after, -before) + _shifted_mean(contrast, before, after)) / 2
    return _Scan(
        bend=np.asarray(bend / len(offsets), dtype=np.float32),
        unlikeness=1 - likeness,
        drift_before=drifts[0],
        drift_after=drifts[1],
        distance=np.sqrt(length / cells.shape[1]),
        contrast_dip=np.asarray((contrast / (ends + 0.01))[:, 0], dtype=np.float32),
        spread=np.median(np.abs(way), axis=1) / np.sqrt(length / cells.shape[1]),
    )


def _shifted_mean(values: NDArray[np.float32], first: int, last: int) -> NDArray[np.float32]:
    """Mean over the frames ``first``..``last`` (both counted) away from each frame; film ends repeat."""
    total = np.zeros_like(values)
    numbers = np.arange(len(values))
    for lag in range(first, last + 1):
        total += values[np.clip(numbers + lag, 0, len(values) - 1)]
    return np.asarray(total / (last - first + 1), dtype=np.float32)
