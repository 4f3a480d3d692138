"""Ranking: the order in which an editor sees the candidates, with every part of the score shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from ava.shots.shot_list import ShotList
from curation.stills.candidates import LEAST_SUITABILITY, USUAL_FPS, Candidate
from curation.stills.curves import rise
from curation.stills.film import JudgedFilm, Signals
from curation.stills.likeness import NEAR_IDENTICAL, UNLIKE, looks_of
from curation.stills.parts import FRAME_PARTS, PART_WEIGHTS, judge_parts

_SPREAD_PARTS_OF_FILM = 12


@dataclass(frozen=True, slots=True)
class RankedStill:
    """A still with its place in the order: ``rank`` 1 is best, ``score`` 0–1, ``explanation`` part → 0–1.

    The score is the sum of the parts times PART_WEIGHTS, unless the still was put behind a better one as its
    likeness or because it is unusable: then it is at most the score of the still above.
    """

    rank: int
    frame_index: int
    shot_index: int
    score: float
    explanation: dict[str, float]


def rank_stills(
    candidates: Sequence[Candidate], signals: Signals, *, shots: ShotList, fps: Fraction = USUAL_FPS
) -> list[RankedStill]:
    """Order candidates from best to worst and explain each score.

    Greedy (maximal marginal relevance, Carbonell & Goldstein 1998): the next still is the one whose own parts
    and whose difference from those already ranked weigh most. ``variety`` falls with the likeness to the most
    similar still above and with the number of stills of the same shot above, ``spread`` with the nearness in
    time. Near-identical stills never follow one another while anything else is left. Unusable frames, which
    only an editor can have asked for, come last, with their suitability for a score. Scores never rise down the
    list. Raises MissingSignal.
    """
    film = JudgedFilm(signals, shots, fps)
    parts = judge_parts(film)
    ranked: list[RankedStill] = []
    usable = [candidate for candidate in candidates if candidate.suitability >= LEAST_SUITABILITY]
    unusable = [candidate for candidate in candidates if candidate.suitability < LEAST_SUITABILITY]
    for group in (_Ranking(film, parts, usable), _Ranking(film, parts, unusable)):
        while group.left.any():
            ceiling = ranked[-1].score if ranked else 1.0
            ranked.append(group.take_best(rank=len(ranked) + 1, ceiling=ceiling))
    return ranked


class _Ranking:
    """Candidates that are still to be ranked, and what those already ranked leave of their variety and spread."""

    def __init__(
        self, film: JudgedFilm, parts: Mapping[str, NDArray[np.float64]], candidates: Sequence[Candidate]
    ) -> None:
        self._candidates = candidates
        self._frames = np.array([candidate.frame_index for candidate in candidates], dtype=np.int64)
        self._shots = np.array([candidate.shot_index for candidate in candidates], dtype=np.int64)
        self._own = {name: np.nan_to_num(parts[name][self._frames]) for name in FRAME_PARTS}
        self._base = np.sum([PART_WEIGHTS[name] * values for name, values in self._own.items()], axis=0)
        self._looks = looks_of(film, self._frames)
        self._reach = film.frame_count / _SPREAD_PARTS_OF_FILM
        self.left = np.ones(len(candidates), dtype=bool)
        self._nearest_look = np.full(len(candidates), np.inf)
        self._last_look = np.full(len(candidates), np.inf)
        self._nearest_time = np.full(len(candidates), np.inf)
        self._of_shot_above = np.zeros(len(candidates))

    def take_best(self, *, rank: int, ceiling: float) -> RankedStill:
        """Rank the best of those left; its score is at most ``ceiling``, that of the one above."""
        variety = rise(self._nearest_look, low=NEAR_IDENTICAL, high=UNLIKE) / (1 + self._of_shot_above)
        spread = np.clip(self._nearest_time / self._reach, 0, 1)
        total = self._base + PART_WEIGHTS["variety"] * variety + PART_WEIGHTS["spread"] * spread
        fresh = self.left & (self._last_look >= NEAR_IDENTICAL)
        best = int(np.argmax(np.where(fresh if fresh.any() else self.left, total, -1)))
        self._set_aside(best)
        suitability = self._candidates[best].suitability
        score = float(total[best]) if suitability >= LEAST_SUITABILITY else min(float(total[best]), suitability)
        return RankedStill(
            rank=rank,
            frame_index=int(self._frames[best]),
            shot_index=int(self._shots[best]),
            score=min(score, ceiling),
            explanation={
                **{name: float(values[best]) for name, values in self._own.items()},
                "variety": float(variety[best]),
                "spread": float(spread[best]),
            },
        )

    def _set_aside(self, best: int) -> None:
        self.left[best] = False
        self._last_look = self._looks.distances(best)
        self._nearest_look = np.minimum(self._nearest_look, self._last_look)
        self._nearest_time = np.minimum(self._nearest_time, np.abs(self._frames - self._frames[best]))
        self._of_shot_above += self._shots == self._shots[best]
