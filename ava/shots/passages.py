"""Passages: stretches of film that lead from one resting picture to another; dissolves and wipes are two
kinds."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.shots.film_signals import BLOCK_FRAMES, LUMA_NOISE, FilmSignals

REFERENCE_FPS = 25
END_FRAMES = 3
"""Frames on either side whose mean stands for the picture that a passage comes from or leads to."""

SAMPLES = 11
WEAKEST = 0.05

SPEED_FRAMES = 3
MOVING_SPEED = 0.5
"""A frame is mixed while the picture moves on at half of the passage's mean speed at least."""


class Way(NamedTuple):
    """A stretch of a film's way through the space of signatures: N frames from ``first_frame`` on.

    ``middles``: the frames (half-open) around which passages are looked for in this stretch; the others are there to be
    looked at. ``frame_count`` is the film's. ``cells`` ``(N, cells)``: luma and colour. ``smooth``: their means over
    ``END_FRAMES`` frames around each. ``shape`` and ``power``: the smoothed departures from the surroundings, less
    their mean, and their variance. ``contrast`` and ``smooth_contrast`` ``(N,)``.
    """

    first_frame: int
    middles: tuple[int, int]
    frame_count: int
    cells: NDArray[np.float32]
    smooth: NDArray[np.float32]
    shape: NDArray[np.float32]
    power: NDArray[np.float32]
    contrast: NDArray[np.float32]
    smooth_contrast: NDArray[np.float32]


class Ends(NamedTuple):
    """The pictures before and after stretches of one length around M middle frames, each field ``(M,)``.

    ``unlikeness`` 0–2: one minus their correlation. ``drift_before`` and ``drift_after``: how far the film
    moves in a like time before and after, as a share of the way between the two. ``length``: that way,
    squared.
    """

    middle: NDArray[np.intp]
    unlikeness: NDArray[np.float32]
    drift_before: NDArray[np.float32]
    drift_after: NDArray[np.float32]
    length: NDArray[np.float32]

    @property
    def strength(self) -> NDArray[np.float32]:
        """0–1: high where the pictures differ and the film rests before and after."""
        rest = 1 + np.square(self.drift_before) + np.square(self.drift_after)
        return np.asarray(np.minimum(self.unlikeness, 1) / rest, dtype=np.float32)


class Fits(NamedTuple):
    """How well stretches of ``2 half + 1`` frames around M middle frames of a film fit a kind of passage.

    ``strength`` ``(M,)`` 0–1; ``description`` ``(M, features)`` for a finer judgement.
    """

    half: int
    middle: NDArray[np.intp]
    strength: NDArray[np.float32]
    description: NDArray[np.float64]


class Passage(NamedTuple):
    """Mixed frames ``start_frame``..``end_frame`` (half-open), the stretch that fits best, and its
    description."""

    start_frame: int
    end_frame: int
    core: tuple[int, int]
    description: NDArray[np.float64]

    @property
    def middle_frame(self) -> int:
        """The frame at which the new shot is said to begin."""
        return (self.start_frame + self.end_frame) // 2


def fit_film(
    film: FilmSignals, fit: Callable[[Way, int], Fits], *, halves: Sequence[int], weakest: float
) -> list[Fits]:
    """Fit passages of each half length around every frame of a film: one ``Fits`` a length, of the strong ones.

    The film is gone through in stretches that overlap by what a passage looks at, so that memory does not grow with its
    length; the values do not depend on where they end.
    """
    parts: list[list[Fits]] = [[] for _ in halves]
    around = max(end_distance(half) + _rest_distance(half) for half in halves)
    for start in range(0, film.frame_count, BLOCK_FRAMES):
        way = trace_way(film, middles=(start, min(start + BLOCK_FRAMES, film.frame_count)), around=around)
        for part, half in zip(parts, halves, strict=True):
            fits = fit(way, half)
            strong = fits.strength >= weakest
            part.append(Fits(half, fits.middle[strong], fits.strength[strong], fits.description[strong]))
    return [
        Fits(half, *(np.concatenate([fits[field] for fits in part]) for field in (1, 2, 3)))
        for half, part in zip(halves, parts, strict=True)
    ]


def trace_way(film: FilmSignals, *, middles: tuple[int, int], around: int) -> Way:
    """Prepare the signatures of the frames ``middles`` and so many on either side for fitting."""
    frame_count = film.frame_count
    first, end = max(middles[0] - around, 0), min(middles[1] + around, frame_count)
    # One more frame on either side to smooth over; the film's ends repeat.
    frames = np.clip(np.arange(first - 1, end + 1), 0, frame_count - 1)
    cells = np.concatenate([film.luma[frames], 2 * film.colour[frames]], axis=1)
    shape = _smooth(film.departure[frames])
    shape -= shape.mean(axis=1, keepdims=True)
    contrast = film.contrast[frames, None]
    return Way(
        first_frame=first,
        middles=middles,
        frame_count=frame_count,
        cells=cells[1:-1],
        smooth=_smooth(cells),
        shape=shape,
        power=np.square(shape).mean(axis=1),
        contrast=contrast[1:-1, 0],
        smooth_contrast=_smooth(contrast)[:, 0],
    )


def _smooth(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Means over three frames of ``(N + 2, columns)``: ``(N, columns)``."""
    return np.asarray((values[:-2] + values[1:-1] + values[2:]) / END_FRAMES, dtype=np.float32)


def scaled_lengths(halves: Sequence[int], *, fps: float) -> list[int]:
    """Half lengths in frames that last as long as ``halves`` do at 25 frames a second, each once."""
    return sorted({max(round(half * fps / REFERENCE_FPS), 2) for half in halves})


def sample_offsets(half: int) -> NDArray[np.intp]:
    """At most eleven offsets from the middle at which a stretch is compared with its model."""
    return np.unique(np.round(np.linspace(-half, half, min(2 * half + 1, SAMPLES))).astype(np.intp))


def end_distance(half: int) -> int:
    """How far from the middle the means at the ends lie, so that they reach nothing of the stretch."""
    return half + END_FRAMES // 2 + 1


def _rest_distance(half: int) -> int:
    """How far beyond the ends it is seen whether the film rests there."""
    return max(half, 4)


def find_ends(way: Way, *, half: int) -> Ends:
    """The stretches of one length whose ends are different and at rest; only there a passage can be.

    ``Ends.middle`` are places in ``way``: its ``first_frame`` is 0.
    """
    reach, rest = end_distance(half), _rest_distance(half)
    start, end = max(way.middles[0], reach + 1), min(way.middles[1], way.frame_count - reach - 1)
    middle = np.arange(start, max(start, end)) - way.first_frame
    first, second = middle - reach, middle + reach
    length = np.square(way.smooth[second] - way.smooth[first]).sum(axis=1) + 1e-6
    last = way.frame_count - 1 - way.first_frame
    before, after = (
        np.square(way.smooth[side] - way.smooth[np.clip(side + away, -way.first_frame, last)]).sum(axis=1)
        for side, away in ((first, -rest), (second, rest))
    )
    noise = LUMA_NOISE**2
    spread = np.sqrt((way.power[first] + noise) * (way.power[second] + noise))
    unlikeness = 1 - ((way.shape[first] * way.shape[second]).mean(axis=1) + noise) / spread
    ends = Ends(middle, unlikeness, np.sqrt(before / length), np.sqrt(after / length), length)
    strong = ends.strength >= WEAKEST
    return Ends(
        ends.middle[strong],
        ends.unlikeness[strong],
        ends.drift_before[strong],
        ends.drift_after[strong],
        ends.length[strong],
    )


def choose_passages(film: FilmSignals, fits: Iterable[Fits], *, taken: NDArray[np.bool_]) -> list[Passage]:
    """Choose the strongest stretches that neither touch one another nor frames that are ``taken``, in order
    of time.

    Stretches that may be under way still at the last measured frame are left for later.
    """
    fits = list(fits)
    halves = np.repeat([fit.half for fit in fits], [len(fit.middle) for fit in fits])
    middles, strengths, descriptions = (np.concatenate([fit[field] for fit in fits]) for field in (1, 2, 3))
    # Where frames are missing, a jump between those on either side looks like a way.
    near = np.convolve(~film.measured, np.ones(2 * END_FRAMES + 1))
    holes = near[END_FRAMES : END_FRAMES + film.frame_count] > 0
    taken_before = np.concatenate([[0], np.cumsum(taken | holes)])
    free = np.ones(film.frame_count, dtype=np.bool_)
    chosen: list[Passage] = []
    for place in np.argsort(-strengths, kind="stable"):
        start, end = int(middles[place] - halves[place]), int(middles[place] + halves[place] + 1)
        if not free[start:end].all() or taken_before[end] > taken_before[start]:
            continue
        span = _follow_way(film, start=start, end=end)
        if span[1] > film.frame_count - END_FRAMES:
            continue
        free[min(start, span[0]) : max(end, span[1])] = False
        chosen.append(Passage(*span, (start, end), descriptions[place]))
    return sorted(chosen, key=lambda passage: passage.start_frame)


def _follow_way(film: FilmSignals, *, start: int, end: int) -> tuple[int, int]:
    """First mixed frame and the first frame after them: where the picture moves on at its full speed.

    The stretch that fits best may begin inside the passage or reach beyond it.
    """
    before, after = (
        film.luma[first : first + END_FRAMES].mean(axis=0) for first in (start - END_FRAMES, end)
    )
    way = after - before
    # One step of the way is what a passage of this length goes in a frame.
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
