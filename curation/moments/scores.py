"""How much each shot of a film promises as a moment of its trailer, and why, in words."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from curation.moments.shot_features import FEATURES, Feature, FilmShots

AS_MOST = 0.2
"""Up to this difference between the shares of shots below and above it, a shot is neither high nor low."""
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
    below, above = _others(shots.values, index)
    told = [
        (float(weight), _phrase(feature, *shares))
        for feature, weight, *shares in zip(
            FEATURES, scores.contributions[index].tolist(), below.tolist(), above.tolist(), strict=True
        )
        if weight != 0 and np.isfinite(shares).all()
    ]
    if scores.of_picture is not None and scores.of_picture[index] != 0:
        adds = float(scores.of_picture[index])
        told.append((adds, PICTURE if adds > 0 else UNLIKE_PICTURE))
    told.sort(key=lambda each: -abs(each[0]))
    strong = [each for each in told if abs(each[0]) >= LEAST_OF_FIRST * abs(told[0][0])]
    return [_sentence(phrase, speaks_for=weight > 0) for weight, phrase in strong[: max(most, 0)]]


def _others(values: NDArray[np.float32], index: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The shares (F,) of the other shots that are below and above one in each feature, NaN where it is not known."""
    is_known = np.isfinite(values)
    others = np.where(is_known[index], is_known.sum(axis=0) - 1, 0)
    with np.errstate(invalid="ignore"):
        below, above = (values < values[index]).sum(axis=0), (values > values[index]).sum(axis=0)
    unknown = np.full(len(others), np.nan)
    return (
        np.divide(below, others, out=unknown.copy(), where=others > 0),
        np.divide(above, others, out=unknown.copy(), where=others > 0),
    )


def _phrase(feature: Feature, below: float, above: float) -> str:
    """``below``, ``above``: shares of the other shots; many may be equal, as where most show nobody."""
    if abs(below - above) <= AS_MOST:
        return f"{feature.label.lower()} as in most shots"
    word, share = (feature.high, below) if below > above else (feature.low, above)
    return f"{word}, more so than {min(int(share * 100), 99)} % of the shots" if share >= 0.5 else word


def _sentence(phrase: str, *, speaks_for: bool) -> str:
    return phrase[0].upper() + phrase[1:] if speaks_for else f"Against it: {phrase}"
