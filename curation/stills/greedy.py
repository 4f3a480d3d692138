"""Quality against variety: the greedy order in which each still adds most to those that are ranked above it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from curation.stills.likeness import NEAR_IDENTICAL
from curation.stills.separation import separate_alike

HEAD = 600
"""Places that are filled one by one. What is left then differs little from what stands above, whichever it is."""
POOL = 1024
"""Stills that are kept up to date with every place; the others as often as one of them may be due."""
VARIETY_SHARE, SPREAD_SHARE = 0.7, 0.3
"""Of what a still's difference counts: being unlike those above, and being far from them in the film."""
_MOST_PAIRS_AT_ONCE = 4_000_000

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Contestants:
    """Stills that are to be ordered; N rows each.

    ``worth`` ``float32 (N,)``: what each counts by itself; ``stake`` ``float32 (N,)``: what its difference counts at
    most. ``points`` ``float32 (N, D)``: two are alike up to a distance of ``alike`` and wholly different from 1 on.
    ``looks`` ``float32 (N, L)``: nearer than NEAR_IDENTICAL is the same picture. ``frames``, ``shots`` ``int64 (N,)``;
    ``reach_frames``: from this distance in the film on, stills are far apart.
    """

    worth: Floats
    stake: Floats
    points: Floats
    looks: Floats
    frames: Rows
    shots: Rows
    alike: float
    reach_frames: float

    def take(self, rows: Rows) -> Contestants:
        """Some of the stills."""
        names = ("worth", "stake", "points", "looks", "frames", "shots")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})


class Ranked(NamedTuple):
    """``rows`` ``int64 (N,)``, best first; by row, in the order of the contestants: ``gains``, ``variety`` and
    ``spread``, ``float32 (N,)``, as they were when the still was taken."""

    rows: Rows
    gains: Floats
    variety: Floats
    spread: Floats


def rank_greedily(field: Contestants, *, head: int = HEAD, pool: int = POOL) -> Ranked:
    """Order stills by maximal marginal relevance (Carbonell & Goldstein 1998), greedily.

    The next still is the one with the greatest ``worth + stake * (0.7 variety + 0.3 spread)``: ``variety`` is the
    distance to the most similar still above, divided by one more than the stills of its shot above, ``spread`` the
    distance in the film to the nearest one above. Near-identical stills never follow one another while anything else
    is left. What a still gains only falls as others are ranked, so that one whose old gain is below another's new one
    need not be looked at again (lazy greedy, Minoux 1978): a pool of the best is kept up to date, the rest by blocks.
    The first ``head`` places are exact. Those behind are filled by what each gains beside the head, less for each
    further still of its shot, near-identical ones parted; differences between near ties are those of float32.
    """
    field = _settled(field)
    ranking = _Ranking(field)
    while len(ranking.taken) < min(head, len(field.worth)):
        ranking.take_first()
        ranking.take_from_pool(pool, until=head)
    ranking.take_rest()
    return Ranked(np.array(ranking.taken, dtype=np.int64), ranking.gains, ranking.variety, ranking.spread)


def _settled(field: Contestants) -> Contestants:
    """Numbers for what is not known, points about their middle, where float32 tells distances best, shots from 0 on."""
    return Contestants(
        worth=np.nan_to_num(field.worth),
        stake=np.nan_to_num(field.stake),
        points=_centred(field.points),
        looks=_centred(field.looks),
        frames=field.frames,
        shots=np.unique(field.shots, return_inverse=True)[1].astype(np.int64),
        alike=field.alike,
        reach_frames=max(field.reach_frames, 1.0),
    )


def _centred(points: Floats) -> Floats:
    known = np.nan_to_num(np.asarray(points, dtype=np.float32))
    return np.ascontiguousarray(known - known.mean(axis=0)) if len(known) else known


class _Standing:
    """What those above leave of the variety and spread of some of the stills."""

    def __init__(self, field: Contestants, rows: Rows) -> None:
        self.rows, self._field = rows, field
        self.points, self.looks = field.points[rows], field.looks[rows]
        self.frames, self.shots = field.frames[rows], field.shots[rows]
        self.squares, self.look_squares = (np.square(each).sum(axis=1) for each in (self.points, self.looks))
        self.worth, self.stake = field.worth[rows], field.stake[rows]
        self.nearest = np.full(len(rows), np.inf, dtype=np.float32)
        self.apart = np.full(len(rows), np.inf, dtype=np.float32)

    def heed(self, above: Rows) -> None:
        """Take note of stills that have been ranked."""
        others, frames = self._field.points[above], self._field.frames[above]
        squares = np.square(others).sum(axis=1)
        step = max(_MOST_PAIRS_AT_ONCE // max(len(above), 1), 1)
        for start in range(0, len(self.rows), step):
            part = slice(start, start + step)
            pairs = self.squares[part, None] + squares - 2 * (self.points[part] @ others.T)
            np.minimum(self.nearest[part], pairs.min(axis=1), out=self.nearest[part])
            apart = np.abs(self.frames[part, None] - frames).min(axis=1)
            self.apart[part] = np.minimum(self.apart[part], apart)

    def differences(self, shot_counts: Rows) -> tuple[Floats, Floats]:
        """Variety and spread of each, given how many stills of every shot stand above."""
        field = self._field
        distance = np.sqrt(np.maximum(self.nearest, 0))
        share = np.minimum(np.maximum((distance - field.alike) / (1 - field.alike), 0), 1)
        variety = share * share * (3 - 2 * share) / (1 + shot_counts[self.shots])
        return variety.astype(np.float32), np.minimum(self.apart / np.float32(field.reach_frames), 1)

    def gains(self, variety: Floats, spread: Floats) -> Floats:
        return self.worth + self.stake * (VARIETY_SHARE * variety + SPREAD_SHARE * spread)

    def looks_like(self, row: int) -> NDArray[np.bool_]:
        """Which are the same picture as one still."""
        look = self._field.looks[row]
        pairs = self.look_squares + np.square(look).sum() - 2 * (self.looks @ look)
        return np.asarray(pairs < NEAR_IDENTICAL**2)


class _Ranking:
    """Places that are filled, and what is known of those that are left."""

    def __init__(self, field: Contestants) -> None:
        count = len(field.worth)
        self._field = field
        self._everyone = _Standing(field, np.arange(count, dtype=np.int64))
        self._left = np.ones(count, dtype=bool)
        self._heeded = 0
        self._shot_counts = np.zeros(int(field.shots.max(initial=-1)) + 1, dtype=np.int64)
        self.taken: list[int] = []
        self.gains, self.variety, self.spread = (np.zeros(count, dtype=np.float32) for _ in range(3))

    def take_first(self) -> None:
        """Fill the next place, everyone's gain being up to date."""
        gains = self._update_everyone()
        open_ = self._left
        if self.taken:
            fresh = open_ & ~self._everyone.looks_like(self.taken[-1])
            open_ = fresh if fresh.any() else open_
        self._take(int(np.argmax(np.where(open_, gains, -np.inf))))

    def take_from_pool(self, size: int, *, until: int) -> None:
        """Fill places from the best of those left, for as long as nobody else can be better."""
        rows, outside = self._choose_pool(size)
        pool = _Standing(self._field, rows)
        pool.nearest, pool.apart = self._everyone.nearest[rows], self._everyone.apart[rows]
        is_left = np.ones(len(rows), dtype=bool)
        while len(self.taken) < until and is_left.any():
            last = self.taken[-1]
            pool.heed(np.array([last]))
            variety, spread = pool.differences(self._shot_counts)
            gains = pool.gains(variety, spread)
            shown = np.where(is_left & ~pool.looks_like(last), gains, -np.inf)
            best = int(np.argmax(shown))
            if shown[best] <= outside or shown[best] == -np.inf:
                return
            is_left[best] = False
            here = slice(best, best + 1)
            self._note(rows[here], variety[here], spread[here], gains[here])
            self._take(int(rows[best]))

    def _choose_pool(self, size: int) -> tuple[Rows, float]:
        """The best of those left by their last known gains, in the order of their rows, and the best gain outside."""
        left = np.flatnonzero(self._left)
        if len(left) <= size:
            return left, -np.inf
        bounds = self.gains[left]
        best = np.argpartition(-bounds, size - 1)[:size]
        return np.sort(left[best]), float(np.delete(bounds, best).max())

    def take_rest(self) -> None:
        """Fill the places behind the head at once: the n-th left of a shot counts as if the others stood above it."""
        gains = self._update_everyone()
        left = np.flatnonzero(self._left)
        left = left[np.argsort(-gains[left], kind="stable")]
        further = _places_within(self._field.shots[left]) + self._shot_counts[self._field.shots[left]]
        above = 1 + self._shot_counts[self._field.shots[left]]
        variety = (self.variety[left] * above / (1 + further)).astype(np.float32)
        rest = self._field.worth[left] + self._field.stake[left] * (
            VARIETY_SHARE * variety + SPREAD_SHARE * self.spread[left]
        )
        self._note(left, variety, self.spread[left], rest.astype(np.float32))
        left = left[np.argsort(-rest, kind="stable")]
        last = self.taken[-1] if self.taken else None
        self.taken += separate_alike(left, looks=self._field.looks, after=last).tolist()

    def _update_everyone(self) -> Floats:
        """What everyone who is left gains now."""
        if len(self.taken) > self._heeded:
            self._everyone.heed(np.array(self.taken[self._heeded :], dtype=np.int64))
            self._heeded = len(self.taken)
        variety, spread = self._everyone.differences(self._shot_counts)
        gains = self._everyone.gains(variety, spread)
        left = np.flatnonzero(self._left)
        self._note(left, variety[left], spread[left], gains[left])
        return gains

    def _note(self, rows: Rows, variety: Floats, spread: Floats, gains: Floats) -> None:
        self.variety[rows], self.spread[rows], self.gains[rows] = variety, spread, gains

    def _take(self, row: int) -> None:
        self.taken.append(row)
        self._left[row] = False
        self._shot_counts[self._field.shots[row]] += 1


def _places_within(groups: Rows) -> Rows:
    """For each element how many of its group stand before it."""
    by_group = np.argsort(groups, kind="stable")
    ordered = groups[by_group]
    starts = np.r_[0, np.flatnonzero(np.diff(ordered)) + 1] if len(ordered) else np.empty(0, dtype=np.int64)
    lengths = np.diff(np.r_[starts, len(ordered)])
    places = np.empty(len(groups), dtype=np.int64)
    places[by_group] = np.arange(len(groups)) - np.repeat(starts, lengths)
    return places
