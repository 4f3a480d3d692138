"""What a ranking model has learnt, said of each feature on its own: how its score changes from little to much."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curation.learning.features import FEATURES, Feature
from curation.learning.ranking_model import RankingWeights, worth_of_stills

STEPS = 5
_LOW, _HIGH = 0.05, 0.95
MOST_STILLS = 400
LEAST_EFFECT = 0.02
"""A change of the probability below this is not worth a word."""


@dataclass(frozen=True, slots=True)
class FeatureEffect:
    """What one feature does: ``curve``, how probably a still is preferred to its like (0–1, 0.5 neither way) at
    ``STEPS`` amounts of it from little (5th percentile) to much (95th), all else the same; ``effect``: the curve's end
    less its beginning, or, where the middle is liked best or least, the height of its bend with ``is_bent``."""

    name: str
    label: str
    effect: float
    is_bent: bool
    words: str
    curve: tuple[float, ...]


def feature_effects(model: RankingWeights, features: NDArray[np.float32]) -> list[FeatureEffect]:
    """Work out every feature's effect over the stills learnt from, the strongest first.

    ``features`` ``(N, F)``. Partial dependence (Friedman 2001): the feature is set to each amount in all stills, the
    others stay, and the mean worth is compared with the middle of its range. What is shown includes the way by the
    current weights, squares and products. A feature that is never known or never differs is left out.
    """
    stills = features[:: max(1, -(-len(features) // MOST_STILLS))] if len(features) else features
    found = [_effect(model, stills, column=column) for column in range(len(FEATURES))]
    known = [effect for effect in found if effect is not None]
    return sorted(known, key=lambda effect: (-abs(effect.effect), effect.name))


def _effect(model: RankingWeights, stills: NDArray[np.float32], *, column: int) -> FeatureEffect | None:
    known = stills[np.isfinite(stills[:, column]), column]
    if not len(known):
        return None
    least, most = (float(np.quantile(known, share)) for share in (_LOW, _HIGH))
    amounts = np.linspace(least, most, STEPS)
    if most - least < 1e-6:
        return None
    worths = np.empty(STEPS)
    for step, amount in enumerate(amounts):
        changed = stills.copy()
        changed[:, column] = amount
        worths[step] = worth_of_stills(model, changed).mean()
    curve = 1 / (1 + np.exp(-np.clip(worths - worths.mean(), -30, 30)))
    slope, bend = float(curve[-1] - curve[0]), _bend(curve)
    feature = FEATURES[column]
    is_bent = feature.is_bent and abs(bend) > abs(slope)
    effect = bend if is_bent else slope
    words = _say(feature, effect=effect, is_bent=is_bent)
    return FeatureEffect(feature.name, feature.label, effect, is_bent, words, tuple(float(value) for value in curve))


def _bend(curve: NDArray[np.float64]) -> float:
    """How far the middle of a curve is above both of its ends, or, negative, below both; 0 for neither."""
    middle = float(curve[1:-1].mean())
    above, below = middle - float(curve[[0, -1]].max()), middle - float(curve[[0, -1]].min())
    return max(above, 0.0) or min(below, 0.0)


def _say(feature: Feature, *, effect: float, is_bent: bool) -> str:
    if abs(effect) < LEAST_EFFECT:
        return "makes no difference"
    if is_bent:
        return f"likes {'the middle between ' if effect > 0 else 'the extremes, '}{feature.more} and {feature.less}"
    return f"likes {feature.more if effect > 0 else feature.less}"
