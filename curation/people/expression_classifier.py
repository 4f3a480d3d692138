"""A classifier of expressions, learnt from faces that editors picked and rejected."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from curation.people.expression_features import GEOMETRY, block_columns

LEAST_EXAMPLES = 40
"""Of picked and of rejected faces each: below, cross-validation says more about chance than about the classifier."""

LEAST_GROUPS = 3
MOST_FOLDS = 5
INVERSE_PENALTY = 0.3
"""Of squared weights; from 0.1 to 3 the figures of ``tests/bench/people_expression.py`` differ by less than 0.03, and
the stronger penalty is the safer one with few examples."""

MOST_DEVIATIONS = 4.0
LEAST_DEVIATION = 1e-5


class TooFewExamples(ValueError):
    """Nothing can be learnt from these examples yet; the sentence says how many there are and are needed."""


class UnfitWeights(ValueError):
    """A classifier's weights are for features of another kind than it was given."""


class TrainedExpression(NamedTuple):
    """A classifier ``weights`` that JSON can hold, and how well it tells picked from rejected faces it has not seen.

    ``folds`` has the area under the ROC curve (0–1, 0.5 is chance) of each cross-validation fold, ``auc`` their mean;
    ``geometry_folds`` and ``geometry_auc`` are those of the untrained score on the same folds.
    """

    weights: dict[str, Any]
    auc: float
    folds: tuple[float, ...]
    geometry_auc: float
    geometry_folds: tuple[float, ...]


def train(features: NDArray[np.float32], labels: NDArray[np.bool_], groups: NDArray[np.int64]) -> TrainedExpression:
    """Learn which faces are picked, and measure by cross-validation how well that can be told.

    ``features`` ``(N, F)`` of ``describe_expressions``; ``labels`` ``(N,)`` True for picked; ``groups`` ``(N,)`` are
    never divided between learning and measuring, so that near-identical faces are not in both. The classifier is
    logistic regression on standardised features with a strong penalty of squared weights (Hoerl & Kennard 1970; the
    areas after Hanley & McNeil 1982); both classes weigh the same. The same rows give the same weights, in any order.
    Raises TooFewExamples.
    """
    picked = int(labels.sum())
    require_examples(picked=picked, rejected=len(labels) - picked, groups=len(np.unique(groups)))
    order = np.lexsort([*features.T[::-1], groups, labels])
    features, labels, groups = features[order], labels[order], groups[order]
    folds, geometry_folds = _cross_validate(features, labels, groups)
    return TrainedExpression(
        weights=_fit(features, labels),
        auc=float(np.mean(folds)),
        folds=tuple(folds),
        geometry_auc=float(np.mean(geometry_folds)),
        geometry_folds=tuple(geometry_folds),
    )


def require_examples(*, picked: int, rejected: int, groups: int) -> None:
    """Raise TooFewExamples unless so many examples from so many groups are enough to learn from."""
    if min(picked, rejected) < LEAST_EXAMPLES:
        raise TooFewExamples(
            f"{picked} picked and {rejected} rejected faces so far; {LEAST_EXAMPLES} of each are needed."
        )
    if groups < LEAST_GROUPS:
        raise TooFewExamples(
            f"The faces come from {groups} shot{'' if groups == 1 else 's'}; {LEAST_GROUPS} are needed, "
            "so that what is learnt from some can be tried on others."
        )


def rate(weights: Mapping[str, Any], features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rate faces with a trained classifier: ``float32 (N,)`` 0–1, NaN where nothing is known of a face.

    Raises UnfitWeights when the features are of another kind than those it was trained on.
    """
    means, deviations, slopes = (np.array(weights[name], np.float64) for name in ("means", "deviations", "slopes"))
    if features.shape[1] != len(slopes):
        raise UnfitWeights(
            f"This classifier knows {len(slopes)} features of a face and was given {features.shape[1]}; train it again."
        )
    logits = _standardise(features, means=means, deviations=deviations) @ slopes + float(weights["intercept"])
    ratings = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
    return np.where(np.isnan(features[:, GEOMETRY]), np.nan, ratings).astype(np.float32)


def _cross_validate(
    features: NDArray[np.float32], labels: NDArray[np.bool_], groups: NDArray[np.int64]
) -> tuple[list[float], list[float]]:
    """Areas of the folds that hold both picked and rejected faces: trained and untrained."""
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedGroupKFold

    folds, geometry_folds = [], []
    splitter = StratifiedGroupKFold(min(MOST_FOLDS, len(np.unique(groups))))
    geometry = np.nan_to_num(features[:, GEOMETRY], nan=0.0)
    for learn, test in splitter.split(features, labels, groups):
        if len(np.unique(labels[test])) < 2 or len(np.unique(labels[learn])) < 2:
            continue
        ratings = np.nan_to_num(rate(_fit(features[learn], labels[learn]), features[test]), nan=0.0)
        folds.append(float(roc_auc_score(labels[test], ratings)))
        geometry_folds.append(float(roc_auc_score(labels[test], geometry[test])))
    if len(folds) < 2:
        raise TooFewExamples(
            "Picked and rejected faces come from different films or shots; some need to hold both, "
            "or what is learnt tells films apart and not expressions."
        )
    return folds, geometry_folds


def _fit(features: NDArray[np.float32], labels: NDArray[np.bool_]) -> dict[str, Any]:
    from sklearn.linear_model import LogisticRegression

    known = np.isfinite(features)
    counts = np.maximum(known.sum(axis=0), 1)
    values = np.where(known, features, 0).astype(np.float64)
    means = values.sum(axis=0) / counts
    deviations = np.sqrt((np.square(values - means) * known).sum(axis=0) / counts)
    # A block of hundreds of columns must not outweigh one of twenty: each has the same variance in all.
    blocks = np.concatenate([np.full(count, count**-0.5) for count in block_columns(features.shape[1]) if count])
    rows = _standardise(features, means=means, deviations=deviations) * blocks
    model = LogisticRegression(C=INVERSE_PENALTY, class_weight="balanced", max_iter=1000)
    model.fit(rows, labels)
    return {
        "means": means.tolist(),
        "deviations": deviations.tolist(),
        "slopes": (model.coef_[0] * blocks).tolist(),
        "intercept": float(model.intercept_[0]),
    }


def _standardise(
    features: NDArray[np.float32], *, means: NDArray[np.float64], deviations: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Features of mean 0 and variance 1; what is not known or never differed is 0, and outliers are drawn in."""
    deviant = np.where(np.isfinite(features), features, means) - means
    differs = deviations > LEAST_DEVIATION
    rows = np.where(differs, deviant / np.where(differs, deviations, 1), 0)
    return np.clip(rows, -MOST_DEVIATIONS, MOST_DEVIATIONS)
