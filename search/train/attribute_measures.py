"""How well a head tells examples apart that it had not seen, with how surely that is known."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.train.attribute_calibration import calibrate
from search.train.attribute_head import BELIEF, tell

LEAST_FOR_ECE = 20
"""Fewer examples say nothing of how well probabilities hold."""

_EXAMPLES_A_BIN = 10
_MOST_BINS = 10


class Share(NamedTuple):
    """A share ``value`` 0–1 of ``of`` examples, and the ends between which it lies nine times in ten; NaN of none."""

    value: float
    low: float
    high: float
    of: int


class Measures(NamedTuple):
    """Of ``positive`` and ``negative`` examples, each judged by a head that had not seen it nor its like: ``auc``,
    ``precision`` and ``recall`` at even odds, and ``ece``, how far probabilities are off on average, 0–1; NaN where
    there are too few examples to say."""

    positive: int
    negative: int
    auc: Share
    precision: Share
    recall: Share
    ece: float

    @property
    def tells_apart(self) -> bool:
        """Whether it is surely better than guessing."""
        return self.auc.low > 0.5


def measure(
    unseen: NDArray[np.float64], *, has_it: NDArray[np.bool_], part: NDArray[np.int64]
) -> Measures:
    """Measure scores ``(N,)`` that examples ``bool (N,)`` got when their ``part`` ``int (N,)`` was left out.

    Probabilities come from a calibration on the other parts. The expected calibration error is that of Naeini, Cooper
    and Hauskrecht (2015) in bins of equally many examples.
    """
    probability = np.full(len(unseen), np.nan)
    for each in np.unique(part):
        held = part == each
        found = calibrate(unseen[~held], has_it[~held])
        if found is not None:
            probability[held] = tell(found, unseen[held]).probability
    is_known = ~np.isnan(probability)
    said = is_known & (probability >= 0.5)
    return Measures(
        positive=int(has_it.sum()),
        negative=int((~has_it).sum()),
        auc=_auc(unseen, has_it),
        precision=share(int((said & has_it).sum()), of=int(said.sum())),
        recall=share(int((said & has_it).sum()), of=int((is_known & has_it).sum())),
        ece=_ece(probability[is_known], has_it[is_known]),
    )


def share(count: int, *, of: int) -> Share:
    """A share with the score interval of Wilson (1927)."""
    if not of:
        return Share(math.nan, math.nan, math.nan, 0)
    value, square = count / of, BELIEF**2
    middle = (value + square / (2 * of)) / (1 + square / of)
    reach = BELIEF / (1 + square / of) * math.sqrt(value * (1 - value) / of + square / (4 * of**2))
    return Share(value, max(middle - reach, 0.0), min(middle + reach, 1.0), of)


def _auc(scores: NDArray[np.float64], has_it: NDArray[np.bool_]) -> Share:
    """Area under the ROC curve; its interval as Hanley and McNeil (1982), around the area as if one more pair of
    examples were in the wrong order: without it, a few examples in perfect order would seem certain."""
    positive, negative = int(has_it.sum()), int((~has_it).sum())
    if not positive or not negative:
        return Share(math.nan, math.nan, math.nan, len(scores))
    above = np.sign(scores[has_it][:, None] - scores[~has_it][None])
    area = float((above + 1).mean() / 2)
    wary = (area * positive * negative + 0.5) / (positive * negative + 1)
    first, second = wary / (2 - wary), 2 * wary**2 / (1 + wary)
    variance = wary * (1 - wary) + (positive - 1) * (first - wary**2) + (negative - 1) * (second - wary**2)
    reach = BELIEF * math.sqrt(max(variance, 0.0) / (positive * negative))
    return Share(area, max(wary - reach, 0.0), min(wary + reach, 1.0), len(scores))


def _ece(probability: NDArray[np.float64], has_it: NDArray[np.bool_]) -> float:
    if len(probability) < LEAST_FOR_ECE:
        return math.nan
    bins = min(_MOST_BINS, len(probability) // _EXAMPLES_A_BIN)
    order = np.argsort(probability, kind="stable")
    off = [
        len(rows) * abs(float(probability[rows].mean()) - float(has_it[rows].mean()))
        for rows in np.array_split(order, bins)
    ]
    return sum(off) / len(probability)
