"""The best seconds of a shot: which of its frames to show in a string-out, for every length that they may have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.int64]
_CENTRED = 1e-6
_AT_ONCE = 200_000
"""Places times lengths that are looked at in one go."""


class CutFilm(NamedTuple):
    """A film of S shots and N frames, as string-outs are cut from it.

    shots: int64 (S, 2), the half-open frames of each shot that may be shown, transitions left out; none where the
    second is not behind the first. positions: int64 (N + 1,), ascending, the number of each frame and of the film's
    end at the rate that lengths are counted in; without variable rates 0, 1 … N. interest: float64 (N + 1,), the sum
    of the interest of all frames before each. splits_speech: bool (N + 1,), whether a cut before the frame would cut
    into what somebody says.
    """

    shots: Numbers
    positions: Numbers
    interest: NDArray[np.float64]
    splits_speech: NDArray[np.bool_]

    def length(self, start_frame: int, end_frame: int) -> int:
        """How long frames start_frame … end_frame − 1 are, in the numbers of ``positions``."""
        return int(self.positions[end_frame] - self.positions[start_frame])


class ShotWindows(NamedTuple):
    """Of each of K lengths that a part of one shot may have, ascending, the part that shows most of what happens.

    lengths, starts, ends: int64 (K,), frames half-open. is_clean: no cut of any of them goes into what is said.
    """

    lengths: Numbers
    starts: Numbers
    ends: Numbers
    is_clean: bool

    def nearest(self, length: int) -> int:
        """Which of them is nearest to a length; of two the shorter one."""
        return int(np.argmin(np.abs(self.lengths - length)))


def cut_film(
    *,
    shots: ArrayLike,
    transitions: ArrayLike,
    positions: Numbers,
    interest: ArrayLike,
    spoken: ArrayLike,
) -> CutFilm:
    """Make ready what string-outs are cut from.

    ``shots`` int64 (S, 2), ``transitions`` int64 (T, 2) and ``spoken`` int64 (L, 2) are half-open spans of frames,
    ``interest`` float (N,) how much happens in each frame, 0 and more; what is not finite counts as nothing.
    """
    frames = len(positions) - 1
    weight = np.nan_to_num(np.asarray(interest, dtype=np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    splits = np.zeros(frames + 1, dtype=bool)
    for start, end in _spans(spoken).tolist():
        splits[max(start + 1, 0) : max(end, 0)] = True
    usable = np.array([_without(span, _spans(transitions)) for span in _spans(shots).tolist()], dtype=np.int64)
    sums = np.concatenate([[0.0], np.cumsum(weight)])
    return CutFilm(usable.reshape(-1, 2), np.asarray(positions, dtype=np.int64), sums, splits)


def find_windows(film: CutFilm, *, shot: int, least: int, most: int) -> ShotWindows | None:
    """The best part of a shot for each length from ``least`` to ``most`` that it has; None of one without frames.

    A shot that is not longer than ``least`` is shown whole. Cuts go around what is said; only where every part of the
    shot cuts into it, they do as well, and ``is_clean`` is False.
    """
    start, end = film.shots[shot].tolist()
    total = film.length(start, end) if end > start else 0
    if total <= 0:
        return None
    if total <= least:
        is_clean = not film.splits_speech[[start, end]].any()
        return _windows([(total, start, end)], is_clean=is_clean)
    lengths = np.arange(least, min(most, total) + 1)
    for is_clean in (True, False):
        barred = film.splits_speech[start : end + 1] & is_clean
        block = max(_AT_ONCE // len(barred), 1)
        found = [
            part
            for first in range(0, len(lengths), block)
            for part in _best(film, start, end, lengths=lengths[first : first + block], barred=barred)
        ]
        if found:
            return _windows(found, is_clean=is_clean)
    # Frames of variable length may leave none of these lengths; all of the shot is one that it has.
    return _windows([(total, start, end)], is_clean=False)


def _windows(found: list[tuple[int, int, int]], *, is_clean: bool) -> ShotWindows:
    lengths, starts, ends = np.array(found, dtype=np.int64).T
    return ShotWindows(lengths, starts, ends, is_clean)


def _best(
    film: CutFilm, start: int, end: int, *, lengths: Numbers, barred: NDArray[np.bool_]
) -> Iterator[tuple[int, int, int]]:
    """Length, first frame and end of the part of most interest in the mean; of equals the one in the middle."""
    places, sums = film.positions[start : end + 1], film.interest[start : end + 1]
    wanted = places + lengths[:, None]
    ends = np.searchsorted(places, wanted)
    begins = np.arange(len(places))
    inside = np.minimum(ends, len(places) - 1)
    fits = (places[inside] == wanted) & ~barred & ~barred[inside]
    shown = np.maximum(inside - begins, 1)
    off_centre = np.abs(begins + inside - (end - start)) / (2 * (end - start))
    worth = np.round((sums[inside] - sums) / shown - _CENTRED * off_centre, 9)
    best = np.where(fits, worth, -np.inf).argmax(axis=1)
    for row, length in enumerate(lengths.tolist()):
        begin = int(best[row])
        if fits[row, begin]:
            yield length, start + begin, start + int(inside[row, begin])


def _spans(spans: ArrayLike) -> Numbers:
    return np.asarray(spans, dtype=np.int64).reshape(-1, 2)


def _without(span: list[int], transitions: Numbers) -> tuple[int, int]:
    """The frames of a shot that no transition mixes with another shot."""
    start, end = span
    middle = (start + end) / 2
    near = transitions[(transitions[:, 0] < end) & (transitions[:, 1] > start)]
    for first, after in near.tolist():
        if (first + after) / 2 < middle:
            start = min(max(start, after), span[1])
        else:
            end = min(end, first)
    return start, max(end, start)
