"""How much each shot of a film promises as a moment of its trailer, and why, in words."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from curation.moments.shot_features import FEATURES, Feature, FilmShots, film_ranks

MIDDLE = (0.4, 0.6)
"""Ranks within the film between which a shot is neither high nor low."""
LEAST_OF_FIRST = 0.2
"""Reasons that weigh less than this share of a shot's strongest one are not told."""
PICTURE = "looking like shots that trailers use"
UNLIKE_PICTURE = "looking unlike shots that trailers use"
BY_PRIOR = "prior"


class MomentScores(NamedTuple):
    """Scores of a film's S shots.

    score_unit: float32 (S,), 0–1, the rank within the film: comparable within it, not between films. contributions:
    float32 (S, F), what each feature adds to a shot's score (below 0: takes from it), 0 where it was not measured; in
    one scale for the whole film. by: "prior" or a version's name. of_picture: float32 (S,), what the embedding adds;
    None where it was not looked at.
    """

    score_unit: NDArray[np.float32]
    contributions: NDArray[np.float32]
    by: str
    of_picture: NDArray[np.float32] | None = None


def reasons(scores: MomentScores, shots: FilmShots, index: int, most: int = 3) -> list[str]:
    """Why shot ``index`` (0 to S − 1) scores as it does: at most ``most`` phrases, the weightiest first.

    "Loud, more so than 92 % of the shots"; what speaks against a shot begins with "Against it:". Empty where nothing
    is known of it. Raises IndexError for a shot that the film does not have.
    """
    if not 0 <= index < len(scores.score_unit):
        raise IndexError(f"The film has no shot {index}.")
    ranks = film_ranks(shots.values)[index]
    weights = scores.contributions[index].astype(np.float64)
    told = [
        (float(weight), _phrase(feature, float(rank), len(shots.spans)))
        for feature, rank, weight in zip(FEATURES, ranks, weights, strict=True)
        if np.isfinite(rank) and weight != 0
    ]
    if scores.of_picture is not None and scores.of_picture[index] != 0:
        adds = float(scores.of_picture[index])
        told.append((adds, PICTURE if adds > 0 else UNLIKE_PICTURE))
    told.sort(key=lambda each: -abs(each[0]))
    strong = [each for each in told if abs(each[0]) >= LEAST_OF_FIRST * abs(told[0][0])]
    return [_sentence(phrase, speaks_for=weight > 0) for weight, phrase in strong[: max(most, 0)]]


def _phrase(feature: Feature, rank: float, shots: int) -> str:
    if MIDDLE[0] <= rank <= MIDDLE[1]:
        return f"{feature.label.lower()} as in most shots"
    share = rank if rank > MIDDLE[1] else 1 - rank
    word = feature.high if rank > MIDDLE[1] else feature.low
    if shots < 20:
        return f"{word}, more so than most shots"
    return f"{word}, more so than {min(max(int(share * 100), 1), 99)} % of the shots"


def _sentence(phrase: str, *, speaks_for: bool) -> str:
    return phrase[0].upper() + phrase[1:] if speaks_for else f"Against it: {phrase}"
