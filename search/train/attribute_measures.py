"""How well a head tells examples apart that it had not seen, with how surely that is known.

Shots of one film, or of one stretch of it, are alike: ten of them tell less than ten of ten films. Intervals are as
wide as the differences of such groups make them, and wider where these are few (Student's distribution). What another
choice of films would have taught is not in them (Bengio and Grandvalet 2004), so that they hold 75–85 times in 100.
"""

import math
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Groups:
    """Which examples are alike, ``number`` ``int64 (N,)`` from 0 on, and how many groups there are, ``count``."""

    number: NDArray[np.int64]
    count: int

    @property
    def reach(self) -> float:
        """Standard deviations either side that hold nine times in ten, where so many groups tell the deviation."""
        return student_reach(self.count - 1)

    def sums(self, values: NDArray[np.floating], rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Sums of ``values`` of some ``rows`` by group, ``float64 (count,)``."""
        return np.asarray(np.bincount(self.number[rows], weights=values, minlength=self.count), np.float64)


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
    unseen: NDArray[np.float64],
    *,
    has_it: NDArray[np.bool_],
    part: NDArray[np.int64],
    group: NDArray[np.int64] | None = None,
) -> Measures:
    """Measure scores ``(N,)`` that examples ``bool (N,)`` got when their ``part`` ``int (N,)`` was left out.

    ``group`` ``int (N,)``: which examples are alike; none are by default. Probabilities come from a calibration on the
    other parts. The expected calibration error is that of Naeini, Cooper and Hauskrecht (2015) in bins of equally many
    examples.
    """
    probability = np.full(len(unseen), np.nan)
    for each in np.unique(part):
        held = part == each
        found = calibrate(unseen[~held], has_it[~held])
        if found is not None:
            probability[held] = tell(found, unseen[held]).probability
    is_known = ~np.isnan(probability)
    said = is_known & (probability >= 0.5)
    names, number = np.unique(np.arange(len(unseen)) if group is None else group, return_inverse=True)
    groups = Groups(number, len(names))
    return Measures(
        positive=int(has_it.sum()),
        negative=int((~has_it).sum()),
        auc=_auc(unseen, has_it, groups),
        precision=_share_of(has_it, rows=said, groups=groups),
        recall=_share_of(said, rows=is_known & has_it, groups=groups),
        ece=_ece(probability[is_known], has_it[is_known]),
    )


def share(count: int, *, of: int, counts_as: float | None = None) -> Share:
    """A share with the score interval of Wilson (1927), as if of ``counts_as`` examples that are not alike."""
    if not of:
        return Share(math.nan, math.nan, math.nan, 0)
    value, square, number = count / of, BELIEF**2, counts_as or of
    middle = (value + square / (2 * number)) / (1 + square / number)
    reach = BELIEF / (1 + square / number) * math.sqrt(value * (1 - value) / number + square / (4 * number**2))
    return Share(value, max(middle - reach, 0.0), min(middle + reach, 1.0), of)


def student_reach(freedom: int) -> float:
    """``BELIEF`` for a deviation that is known from ``freedom`` differences only: the quantile of Student's t by the
    series of Abramowitz and Stegun (1964), 26.7.5; infinite without a difference."""
    if freedom < 1:
        return math.inf
    z = BELIEF
    first, second = (z**3 + z) / 4, (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return float(z + first / freedom + second / freedom**2 + third / freedom**3)


def _share_of(is_right: NDArray[np.bool_], *, rows: NDArray[np.bool_], groups: Groups) -> Share:
    """The share of ``rows`` that ``is_right``; alike ones count as fewer, by the design effect (Kish 1965; for shares
    Rao and Scott 1992), which is never below 1, and so do all where few groups tell it (Korn and Graubard 1998)."""
    right, of = int((is_right & rows).sum()), int(rows.sum())
    met = np.unique(groups.number[rows])
    if len(met) < 2:
        return share(right, of=of)._replace(low=0.0, high=1.0) if of else share(0, of=0)
    value = right / of
    apart = groups.sums(is_right[rows] - value, rows)
    plain = value * (1 - value) * of
    effect = len(met) / (len(met) - 1) * float((apart**2).sum()) / plain if plain > 0 else 1.0
    counts_as = of / max(effect, 1.0) * (BELIEF / student_reach(len(met) - 1)) ** 2
    return share(right, of=of, counts_as=counts_as)


def _auc(scores: NDArray[np.float64], has_it: NDArray[np.bool_], groups: Groups) -> Share:
    """Area under the ROC curve with its interval.

    Its variance is the larger of two: that of groups (Obuchowski 1997), and that of Hanley and McNeil (1982) around
    the area as if one more pair of examples were in the wrong order, without which few in perfect order seem certain.
    """
    positive, negative = int(has_it.sum()), int((~has_it).sum())
    if not positive or not negative:
        return Share(math.nan, math.nan, math.nan, len(scores))
    above = (np.sign(scores[has_it][:, None] - scores[~has_it][None]) + 1) / 2
    area = float(above.mean())
    wary = (area * positive * negative + 0.5) / (positive * negative + 1)
    first, second = wary / (2 - wary), 2 * wary**2 / (1 + wary)
    variance = wary * (1 - wary) + (positive - 1) * (first - wary**2) + (negative - 1) * (second - wary**2)
    variance = max(variance / (positive * negative), _variance_of_groups(above, has_it, groups))
    if groups.count < 2:
        return Share(area, 0.0, 1.0, len(scores))
    reach = groups.reach * math.sqrt(max(variance, 0.0))
    return Share(area, max(wary - reach, 0.0), min(wary + reach, 1.0), len(scores))


def _variance_of_groups(above: NDArray[np.float64], has_it: NDArray[np.bool_], groups: Groups) -> float:
    """Obuchowski's variance of the area: how the groups' sums of placements differ from what the area expects.

    ``above`` ``(positive, negative)``: 1 where the first scores higher, ½ where equal.
    """
    area = above.mean()
    with_it = groups.sums(above.mean(axis=1) - area, has_it)
    without = groups.sums(above.mean(axis=0) - area, ~has_it)

    def widened(rows: NDArray[np.bool_]) -> float:
        met = len(np.unique(groups.number[rows]))
        return float(met / max(met - 1, 1))

    positive, negative = above.shape
    both = groups.count / max(groups.count - 1, 1) * float((with_it * without).sum()) / (positive * negative)
    own = widened(has_it) * float((with_it**2).sum()) / positive**2
    other = widened(~has_it) * float((without**2).sum()) / negative**2
    return float(own + other + 2 * both)


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
