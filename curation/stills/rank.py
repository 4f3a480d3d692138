"""Ranking: the order in which an analysis puts the candidates, with every part of the score shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from ava.shots.shot_list import ShotList
from curation.stills.candidates import USUAL_FPS, Candidate
from curation.stills.film import JudgedFilm, Signals
from curation.stills.greedy import Contestants
from curation.stills.likeness import NEAR_IDENTICAL, UNLIKE, looks_of
from curation.stills.maturity import KINDS
from curation.stills.maturity_curves import keep_by_maturity
from curation.stills.order import SPREAD_PARTS_OF_FILM, rank_in_two, variety_share, weigh_parts
from curation.stills.parts import FRAME_PARTS, judge_parts
from curation.stills.purposes import BALANCED


@dataclass(frozen=True, slots=True)
class RankedStill:
    """A still with its place in the order: ``rank`` 1 is best, ``score`` 0–1, ``explanation`` part → 0–1.

    The score is the sum of the parts times PART_WEIGHTS, times "maturity" where that is among them, unless the still
    was put behind a better one as its likeness or because it is unusable: then it is at most the score of the still
    above.
    """

    rank: int
    frame_index: int
    shot_index: int
    score: float
    explanation: dict[str, float]


def rank_stills(
    candidates: Sequence[Candidate], signals: Signals, *, shots: ShotList, fps: Fraction = USUAL_FPS, rating: str = ""
) -> list[RankedStill]:
    """Order candidates from best to worst and explain each score.

    As ``order_stills`` does with the balanced weighting, but variety is told by the looks alone, which is all that
    every frame is known by. Near-identical stills never follow one another while anything else is left. Unusable
    frames, which only an editor can have asked for, come last, with their suitability for a score at most. Scores never
    rise down the list. What is known of a still's maturity multiplies its score by the curves of ``rating``, the
    title's, and is told as the part "maturity". Raises MissingSignal.
    """
    film = JudgedFilm(signals, shots, fps)
    frames = np.array([candidate.frame_index for candidate in candidates], dtype=np.int64)
    parts = {name: np.nan_to_num(values[frames]) for name, values in judge_parts(film).items()}
    looks = looks_of(film, frames).signatures.astype(np.float32)
    kept, share = _keep(signals, frames, rating=rating), variety_share(BALANCED.variety)
    keep = np.ones(len(frames)) if kept is None else kept
    field = Contestants(
        worth=((1 - share) * keep * weigh_parts(parts, BALANCED.weights)).astype(np.float32),
        stake=(share * keep).astype(np.float32),
        points=looks / np.float32(UNLIKE),
        looks=looks,
        frames=frames,
        shots=np.array([candidate.shot_index for candidate in candidates], dtype=np.int64),
        alike=NEAR_IDENTICAL / UNLIKE,
        reach_frames=film.frame_count / SPREAD_PARTS_OF_FILM,
    )
    suitability = np.array([candidate.suitability for candidate in candidates], dtype=np.float64)
    order, scores, variety, spread = rank_in_two(field, suitability=suitability)
    told = {name: parts[name].tolist() for name in FRAME_PARTS}
    told |= {"variety": variety.tolist(), "spread": spread.tolist()}
    if kept is not None:
        told["maturity"] = kept.tolist()
    return [
        RankedStill(
            rank=place + 1,
            frame_index=candidates[row].frame_index,
            shot_index=candidates[row].shot_index,
            score=float(scores[row]),
            explanation={name: values[row] for name, values in told.items()},
        )
        for place, row in enumerate(order.tolist())
    ]


def _keep(signals: Signals, frames: NDArray[np.int64], *, rating: str) -> NDArray[np.float64] | None:
    """What each still keeps of its score; None for a film in which no kind was looked for."""
    looked_for = {kind: f"{kind}.probability" for kind in KINDS if f"{kind}.probability" in signals}
    if not looked_for:
        return None
    measured = {kind: signals[name][frames] for kind, name in looked_for.items()}
    return keep_by_maturity(measured, rating=rating, count=len(frames)).whole
