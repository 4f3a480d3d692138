"""How well scores agree with what editors prefer: the share of pairs in the right order, and NDCG."""

import numpy as np
from numpy.typing import NDArray

from curation.learning.preferences import Preferences

NDCG_DEPTH = 10
"""NDCG looks at the first so many stills of a film: about a screenful."""


def pair_auc(scores: NDArray[np.float64], preferences: Preferences) -> float:
    """How often the preferred still of a pair is scored above the other, weighted, 0–1; ties count half.

    ``scores`` ``(N,)``. Over all pairs of picked and rejected stills this is the area under the ROC curve (Hanley &
    McNeil 1982). NaN without preferences.
    """
    if not len(preferences):
        return float("nan")
    difference = scores[preferences.better] - scores[preferences.worse]
    right = np.where(difference == 0, 0.5, difference > 0)
    return float(np.average(right, weights=preferences.weights))


def ndcg(scores: NDArray[np.float64], gains: NDArray[np.float64], *, depth: int = NDCG_DEPTH) -> float:
    """Normalised discounted cumulative gain of the first ``depth`` (Järvelin & Kekäläinen 2002), 0–1; 1 is ideal.

    ``scores`` and ``gains`` ``(N,)``, gains 0 or more, NaN for stills that nobody judged: they are left out. Stills of
    the same score share the gain of the places they take. NaN where all gains are alike, so that no order is better.
    """
    known = np.isfinite(gains)
    scores, gains = scores[known], gains[known]
    if not len(gains) or gains.max() == gains.min():
        return float("nan")
    discounts = np.zeros(len(gains))
    discounts[:depth] = 1 / np.log2(np.arange(2, min(depth, len(gains)) + 2))
    _, tied = np.unique(-scores, return_inverse=True)
    shared = np.bincount(tied, weights=gains) / np.bincount(tied)
    gained = float((shared[np.sort(tied)] * discounts).sum())
    return gained / float((np.sort(gains)[::-1] * discounts).sum())


def mean_ndcg(
    scores: NDArray[np.float64], gains: NDArray[np.float64], films: NDArray[np.int64], *, depth: int = NDCG_DEPTH
) -> float:
    """The mean of ``ndcg`` over films ``(N,)``, each weighing the same; NaN where no film has an order."""
    values = [ndcg(scores[films == film], gains[films == film], depth=depth) for film in np.unique(films)]
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else float("nan")
