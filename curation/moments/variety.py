"""An order of shots by score in which those that come early differ: in people, place in the story, scale, picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

PLACE_REACH = 0.05
"""Share of a film within which two shots are near each other in the story: six minutes of two hours."""
PLACE_WEIGHT, CAST_WEIGHT, SCALE_WEIGHT, PICTURE_WEIGHT = 0.3, 0.25, 0.15, 0.3
"""How much each likeness weighs where both shots are known in it; a picture or a place that was seen bores soonest."""
MOST_WEIGHED = 240
"""Shots that are chosen against all before them; by then everything is like something that came before."""
MOST_USUAL = 0.95
_DIGITS = 5

Floats = NDArray[np.float32]


class ShotKin(NamedTuple):
    """In what the S shots of a film may be alike.

    place_unit: float32 (S,), 0 the film's beginning, 1 its end. cast: bool (S, C), who is in each; a row without
    anybody tells nothing. scale: int64 (S,), any numbers, below 0 unknown. vectors: float32 (S, D), unit embeddings,
    rows of zeros unknown; None where there are none.
    """

    place_unit: Floats
    cast: NDArray[np.bool_]
    scale: NDArray[np.int64]
    vectors: Floats | None = None


def rank_varied(
    score_unit: Floats,
    *,
    kin: ShotKin,
    variety_unit: float,
    allowed: NDArray[np.bool_] | None = None,
    chosen: Sequence[int] = (),
) -> NDArray[np.int64]:
    """Order the allowed of S shots, int64 (A,), best first, by score 0–1 and by unlikeness to those before them.

    Greedy by maximal marginal relevance (Carbonell & Goldstein 1998): each next shot has the most of
    ``(1 − variety_unit) · score − variety_unit · likeness``, the likeness to the nearest of the shots before it and of
    ``chosen``, which are not ordered themselves. Without variety the order is that of the scores. Past the first 240
    the order is by the same sum as it is then. Equals come in the order of the film; a score that is NaN comes last.
    """
    score = np.nan_to_num(np.asarray(score_unit, dtype=np.float32), nan=-1.0)
    variety = min(max(float(np.nan_to_num(variety_unit)), 0.0), 1.0)
    left = np.ones(len(score), dtype=bool) if allowed is None else np.asarray(allowed, dtype=bool).copy()
    nearest = np.zeros(len(score), dtype=np.float32)
    likeness = _Likeness(kin)
    left[list(chosen)] = False
    if variety > 0:
        for index in chosen:
            nearest = np.maximum(nearest, likeness.to(index))
    order: list[int] = []
    while variety > 0 and left.any() and len(order) < MOST_WEIGHED:
        worth = np.where(left, _worth(score, nearest, variety=variety), -np.inf)
        best = int(np.argmax(worth))
        order.append(best)
        left[best] = False
        nearest = np.maximum(nearest, likeness.to(best))
    rest = np.flatnonzero(left)
    by_worth = np.argsort(-_worth(score, nearest, variety=variety)[rest], kind="stable")
    return np.concatenate([np.array(order, dtype=np.int64), rest[by_worth]])


def likeness_to(kin: ShotKin, index: int) -> Floats:
    """How alike each shot is to shot ``index``, float32 (S,), 0–1: the weighted mean of what is known of both."""
    return _Likeness(kin).to(index)


class _Likeness:
    """How alike every shot is to one of them."""

    def __init__(self, kin: ShotKin) -> None:
        self.kin = kin
        self.cast = kin.cast.astype(np.float32)
        self.sizes = self.cast.sum(axis=1)
        self.seen = np.zeros(len(kin.place_unit), dtype=bool)
        if kin.vectors is not None:
            self.seen = np.any(kin.vectors != 0, axis=1)
            centre = kin.vectors[self.seen].sum(axis=0, dtype=np.float64) / max(int(self.seen.sum()), 1)
            self.usual = min(float(centre @ centre), MOST_USUAL)  # the mean cosine of all pairs

    def to(self, index: int) -> Floats:
        """The weighted mean of what is known of both, float32 (S,), 0–1."""
        kin = self.kin
        away = np.abs(kin.place_unit - kin.place_unit[index])
        total: NDArray[np.float64] = PLACE_WEIGHT * np.clip(1 - away / PLACE_REACH, 0, 1).astype(np.float64)
        weights: NDArray[np.float64] = np.full(len(total), PLACE_WEIGHT)
        for weight, values, known in (
            (CAST_WEIGHT, *self._of_cast(index)),
            (SCALE_WEIGHT, kin.scale == kin.scale[index], (kin.scale >= 0) & (kin.scale[index] >= 0)),
            (PICTURE_WEIGHT, *self._of_picture(index)),
        ):
            total += weight * known * values
            weights += weight * known
        return (total / weights).astype(np.float32)

    def _of_cast(self, index: int) -> tuple[Floats, NDArray[np.bool_]]:
        """Whom both show of whom either shows (Jaccard 1901)."""
        both = np.einsum("ij,j->i", self.cast, self.cast[index])  # BLAS wakes its threads for it
        either = self.sizes + self.sizes[index] - both
        return np.asarray(both / np.maximum(either, 1)), (self.sizes > 0) & (self.sizes[index] > 0)

    def _of_picture(self, index: int) -> tuple[Floats, NDArray[np.bool_]]:
        """0 for a pair that is as alike as pairs of this film are in the mean, 1 for the same picture."""
        vectors = self.kin.vectors
        if vectors is None or not self.seen[index]:
            return np.zeros(1, dtype=np.float32), np.zeros(1, dtype=bool)
        cosine = np.einsum("ij,j->i", vectors, vectors[index])
        return np.clip((cosine - self.usual) / (1 - self.usual), 0, 1).astype(np.float32), self.seen


def _worth(score: Floats, nearest: Floats, *, variety: float) -> NDArray[np.float64]:
    """Rounded, so that sums in another order do not swap equals."""
    worth = (1 - variety) * score.astype(np.float64) - variety * nearest.astype(np.float64)
    return np.asarray(np.round(worth, _DIGITS))
