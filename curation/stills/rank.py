"""Ranking: candidates in the order in which an editor should see them, each part of the score shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from curation.stills.candidates import LEAST_SUITABILITY, Candidate
from curation.stills.film import JudgedFilm
from curation.stills.likeness import Looks, describe_looks
from curation.stills.parts import FRAME_PARTS, PART_WEIGHTS, judge_parts

SAME_SHOT_LIKENESS = 0.45
"""Two stills of one shot are at least this alike, whatever their pixels say: the scene is the same."""

SPREAD_SHARE = 1 / 16
"""A still further than this share of the film from every better one has full spread."""

MARGINAL_WEIGHT = 4.0
"""How much more variety and spread count for the order than for the score: a repeated picture waits, however good."""


class RankedStill(NamedTuple):
    """A still in its place: ``score`` 0–1 is the weighted sum of ``explanation``'s parts, each 0–1."""

    rank: int
    frame_index: int
    shot_index: int
    score: float
    explanation: dict[str, float]


def rank_stills(candidates: Sequence[Candidate], film: JudgedFilm) -> list[RankedStill]:
    """Order candidates by quality and by what they add to the better ones; ranks begin at 1.

    Greedy maximal marginal relevance (Carbonell & Goldstein 1998): each place goes to the candidate that is best
    when "variety" (unlike every better-ranked still) and "spread" (far from them in the film) are counted in. So
    near-identical frames do not follow each other and no shot floods the top. Candidates below the least
    suitability, which only an editor can have asked for, come last.
    """
    if not candidates:
        return []
    frames = np.array([candidate.frame_index for candidate in candidates], dtype=np.int64)
    shot_of = np.array([candidate.shot_index for candidate in candidates], dtype=np.int64)
    suitable = np.array([candidate.suitability for candidate in candidates])
    parts = {name: np.nan_to_num(values[frames]) for name, values in judge_parts(film).items()}
    novelty = _Novelty(frames, shot_of, looks=describe_looks(film.signals), frame_count=film.frame_count)
    merit = suitable - 10.0 * (suitable < LEAST_SUITABILITY)
    ranked: list[RankedStill] = []
    free = np.ones(len(frames), dtype=bool)
    for rank in range(1, len(frames) + 1):
        gain = PART_WEIGHTS["variety"] * novelty.variety + PART_WEIGHTS["spread"] * novelty.spread
        best = int(np.argmax(np.where(free, merit + MARGINAL_WEIGHT * gain, -np.inf)))
        explanation = {name: _rounded(parts[name][best]) for name in FRAME_PARTS}
        explanation |= {"variety": _rounded(novelty.variety[best]), "spread": _rounded(novelty.spread[best])}
        score = _rounded(sum(PART_WEIGHTS[name] * value for name, value in explanation.items()))
        ranked.append(RankedStill(rank, int(frames[best]), int(shot_of[best]), score, explanation))
        free[best] = False
        novelty.place(best)
    return ranked


class _Novelty:
    """What each candidate adds to those already placed, 0–1."""

    def __init__(
        self, frames: NDArray[np.int64], shot_of: NDArray[np.int64], *, looks: Looks, frame_count: int
    ) -> None:
        self._frames, self._shot_of, self._looks = frames, shot_of, looks
        self._reach = max(1.0, frame_count * SPREAD_SHARE)
        self.variety = np.ones(len(frames))
        self.spread = np.ones(len(frames))

    def place(self, position: int) -> None:
        """Take a candidate as placed: the others' variety and spread fall accordingly."""
        frame = int(self._frames[position])
        likeness = self._looks.likeness(frame, to=self._frames)
        same_shot = self._shot_of == self._shot_of[position]
        likeness = np.where(same_shot, np.maximum(likeness, SAME_SHOT_LIKENESS), likeness)
        self.variety = np.minimum(self.variety, 1 - likeness)
        self.spread = np.minimum(self.spread, np.abs(self._frames - frame) / self._reach)


def _rounded(value: float) -> float:
    return round(float(value), 4)
