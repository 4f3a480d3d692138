"""A ranking model: which of two stills editors would choose, learnt from pairs, and kept as numbers that JSON holds."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curation.learning.features import FEATURES_VERSION, expand_features, expanded_names
from curation.learning.preferences import Preferences

INVERSE_PENALTY = 0.02
"""Of squared slopes (Hoerl & Kennard 1970): with made-up editors 0.02 gained most among 0.005 to 0.5 where little was
said, and hardly less than 0.1 where much was."""

PRIOR_SCALE = 4.0
"""The score by the current weights is drawn out by so much, so that going by it costs the penalty little: a model
that has seen few pairs stays near the current order."""

MOST_DEVIATIONS = 4.0
LEAST_DEVIATION = 1e-5
REFERENCES = 33
"""So many typical stills stand for all stills learnt from, quantiles of what they were worth."""


class UnfitModel(ValueError):
    """What was kept of a model is not readable, or is for features of another kind; train it again."""


@dataclass(frozen=True, slots=True)
class RankingWeights:
    """A trained model: ``means``, ``deviations``, ``slopes`` of the F expanded features; ``references``: worths of
    typical stills, ascending; ``part_weights``: the weights that were current when it was trained."""

    names: tuple[str, ...]
    means: tuple[float, ...]
    deviations: tuple[float, ...]
    slopes: tuple[float, ...]
    references: tuple[float, ...]
    part_weights: Mapping[str, float]


def fit_ranking(
    features: NDArray[np.float32], preferences: Preferences, *, part_weights: Mapping[str, float]
) -> RankingWeights:
    """Learn from ``features`` ``(N, F)`` of ``describe_stills`` and preferences between their rows.

    Logistic regression on the differences of two stills' standardised features, without an intercept (the model of
    Bradley & Terry 1952 with features; as a ranking, Joachims 2002 with the logistic loss): its slopes weigh what a
    still is worth. What is unknown or never differs counts as the mean. The same pairs in any order give the same
    slopes to within rounding. Without preferences all slopes are 0.
    """
    rows = expand_features(features, part_weights=part_weights)
    judged = np.unique(np.concatenate([preferences.better, preferences.worse])).astype(np.int64)
    means, deviations = _moments(rows[judged])
    standard = standardise(rows, means=means, deviations=deviations)
    scales = np.ones(rows.shape[1])
    scales[0] = PRIOR_SCALE
    differences = (standard[preferences.better] - standard[preferences.worse]) * scales
    slopes = _fit_slopes(differences, weights=preferences.weights) * scales
    worths = standard[judged] @ slopes
    references = np.quantile(worths, np.linspace(0, 1, REFERENCES)) if len(judged) else np.zeros(1)
    return RankingWeights(
        names=expanded_names(),
        means=tuple(means.tolist()),
        deviations=tuple(deviations.tolist()),
        slopes=tuple(slopes.tolist()),
        references=tuple(references.tolist()),
        part_weights={name: float(weight) for name, weight in part_weights.items()},
    )


def worth_of_stills(model: RankingWeights, features: NDArray[np.float32]) -> NDArray[np.float64]:
    """What stills are worth by the model, ``float64 (N,)``, in log-odds: σ(a − b) is how probably a is preferred to b.

    ``features`` as of ``describe_stills``. Raises UnfitModel when the model is for other features.
    """
    if model.names != expanded_names():
        raise UnfitModel("This model was trained on other features of a still than are measured now; train it again.")
    rows = expand_features(features, part_weights=model.part_weights)
    standard = standardise(rows, means=np.array(model.means), deviations=np.array(model.deviations))
    return np.asarray(standard @ np.array(model.slopes), dtype=np.float64)


def score_stills(model: RankingWeights, features: NDArray[np.float32]) -> NDArray[np.float32]:
    """How probably each still is preferred to a typical one of those learnt from: ``float32 (N,)`` 0–1."""
    worths = worth_of_stills(model, features)
    odds = np.clip(worths[:, None] - np.array(model.references), -30, 30)
    return np.asarray((1 / (1 + np.exp(-odds))).mean(axis=1), dtype=np.float32)


def pack_model(model: RankingWeights) -> dict[str, Any]:
    """The model as JSON can hold it."""
    return {"features_version": FEATURES_VERSION, **asdict(model)}


def unpack_model(packed: Mapping[str, Any]) -> RankingWeights:
    """The model that ``pack_model`` packed. Raises UnfitModel when it is none, or one for other features."""
    if packed.get("features_version") != FEATURES_VERSION:
        raise UnfitModel("This model was trained on other features of a still than are measured now; train it again.")
    try:
        names = tuple(str(name) for name in packed["names"])
        means, deviations, slopes = (_numbers(packed[key]) for key in ("means", "deviations", "slopes"))
        references = _numbers(packed["references"])
        part_weights = dict(zip(packed["part_weights"], _numbers(list(packed["part_weights"].values())), strict=True))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnfitModel("What was kept of this model cannot be read; train it again.") from error
    if not references or names != expanded_names() or {len(means), len(deviations), len(slopes)} != {len(names)}:
        raise UnfitModel("This model was trained on other features of a still than are measured now; train it again.")
    return RankingWeights(names, means, deviations, slopes, references, part_weights)


def standardise(
    rows: NDArray[np.float64], *, means: NDArray[np.float64], deviations: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Features of mean 0 and variance 1; what is not known or never differed is 0, and outliers are drawn in."""
    deviant = np.where(np.isfinite(rows), rows, means) - means
    differs = deviations > LEAST_DEVIATION
    standard = np.where(differs, deviant / np.where(differs, deviations, 1), 0)
    return np.asarray(np.clip(standard, -MOST_DEVIATIONS, MOST_DEVIATIONS), dtype=np.float64)


def _moments(rows: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    known = np.isfinite(rows)
    counts = np.maximum(known.sum(axis=0), 1)
    values = np.where(known, rows, 0)
    means = values.sum(axis=0) / counts
    deviations = np.sqrt((np.square(values - means) * known).sum(axis=0) / counts)
    return means, deviations


def _fit_slopes(differences: NDArray[np.float64], *, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    from sklearn.linear_model import LogisticRegression

    if len(differences) < 2 or not differences.any():
        return np.zeros(differences.shape[1])
    order = np.lexsort([weights, *differences.T[::-1]])
    # The solver wants both outcomes: every other pair is told the other way round, which is the same statement.
    signs = np.where(np.arange(len(differences)) % 2, -1.0, 1.0)
    model = LogisticRegression(C=INVERSE_PENALTY, fit_intercept=False, solver="newton-cholesky")
    model.fit(differences[order] * signs[:, None], signs > 0, sample_weight=weights[order])
    return np.asarray(model.coef_[0], dtype=np.float64)


def _numbers(values: Sequence[Any]) -> tuple[float, ...]:
    numbers = tuple(float(value) for value in values)
    if not np.isfinite(numbers).all():
        raise ValueError("not finite")
    return numbers
