"""How often what was shown is played: the rate, how sure it is, and whether one picture does better than another."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from statistics import NormalDist
from typing import NamedTuple

CONFIDENCE_UNIT = 0.95
LEAST_EXPECTED = 5.0
"""Where fewer plays, or showings without one, are expected, a test for differences means little (Cochran, 1954)."""
WIDEST_SHARE = 0.5
"""An interval that reaches further than this share of the rate to either side tells little."""
_PRIOR = 0.5
"""Of the beta distribution, for plays and for showings without one: Jeffreys's (1946)."""


class Counts(NamedTuple):
    """How often something was shown and how often it was played, ``0 <= plays <= impressions``."""

    impressions: int
    plays: int


class Rate(NamedTuple):
    """Plays per impression with the interval that holds it, all 0–1; None and the whole range if never shown."""

    impressions: int
    plays: int
    value_unit: float | None
    low_unit: float
    high_unit: float

    @property
    def is_certain(self) -> bool:
        """Whether the interval is narrow enough for the rate to tell anything."""
        if not self.value_unit:
            return False
        return max(self.high_unit - self.value_unit, self.value_unit - self.low_unit) <= WIDEST_SHARE * self.value_unit


class Spread(NamedTuple):
    """Whether strata differ by more than chance. ``probability`` that chance alone gives such; None: cannot be told."""

    chi_squared: float
    degrees_of_freedom: int
    probability_unit: float | None


def estimate_rate(counts: Counts, *, confidence_unit: float = CONFIDENCE_UNIT) -> Rate:
    """Estimate a rate with its score interval (Wilson, 1927, JASA 22), which holds for few and for no plays, too.

    Raises ValueError for impossible counts or a confidence outside 0–1.
    """
    impressions, plays = _check(counts)
    if not 0 < confidence_unit < 1:
        raise ValueError(f"A confidence lies between 0 and 1, not at {confidence_unit}.")
    if not impressions:
        return Rate(0, 0, None, 0.0, 1.0)
    z = NormalDist().inv_cdf(0.5 + confidence_unit / 2)
    value = plays / impressions
    shrink = 1 + z * z / impressions
    middle = (value + z * z / (2 * impressions)) / shrink
    half = z / shrink * math.sqrt(value * (1 - value) / impressions + (z / (2 * impressions)) ** 2)
    low = 0.0 if plays == 0 else max(middle - half, 0.0)
    high = 1.0 if plays == impressions else min(middle + half, 1.0)
    return Rate(impressions, plays, value, low, high)


def add_counts(all_counts: Iterable[Counts]) -> Counts:
    """The sum of counts; nothing: never shown."""
    rows = list(all_counts)
    return Counts(sum(row.impressions for row in rows), sum(row.plays for row in rows))


def probability_better(one: Mapping[str, Counts], other: Mapping[str, Counts]) -> float | None:
    """How probable it is that `one` has the higher rate, 0–1, comparing region by region; None where they never met.

    Only regions where both were shown count: elsewhere the audience, not the picture, may make the difference (the
    paradox of Simpson, 1951). Each region's difference of the posterior means under Jeffreys's prior is weighted by
    a·b / (a + b) of the impressions (Mantel and Haenszel, 1959), and the sum is taken as normal:
    from ten plays on that is within 0.03 of the exact value.
    """
    difference = variance = total = 0.0
    for region in sorted(one.keys() & other.keys()):
        first, second = _check(one[region]), _check(other[region])
        if not first.impressions or not second.impressions:
            continue
        weight = first.impressions * second.impressions / (first.impressions + second.impressions)
        (mean, spread), (other_mean, other_spread) = _posterior(first), _posterior(second)
        difference += weight * (mean - other_mean)
        variance += weight * weight * (spread + other_spread)
        total += weight
    return NormalDist().cdf(difference / math.sqrt(variance)) if total else None


def measure_spread(strata: Sequence[Counts]) -> Spread:
    """Test whether the rates of strata are one and the same, by Pearson's chi-squared (1900).

    Strata that were never shown are left out. With fewer than two others, or where less than `LEAST_EXPECTED` is
    expected anywhere, there is no probability. Raises ValueError for impossible counts.
    """
    shown = [row for row in map(_check, strata) if row.impressions]
    impressions, plays = add_counts(shown)
    freedom = max(len(shown) - 1, 0)
    if freedom == 0 or plays in {0, impressions}:
        return Spread(0.0, freedom, None)
    rate = plays / impressions
    chi_squared = sum(
        (row.plays - row.impressions * rate) ** 2 / (row.impressions * rate * (1 - rate)) for row in shown
    )
    least = min(row.impressions for row in shown) * min(rate, 1 - rate)
    probability = _chi_squared_above(chi_squared, freedom) if least >= LEAST_EXPECTED else None
    return Spread(chi_squared, freedom, probability)


def _check(counts: Counts) -> Counts:
    if not 0 <= counts.plays <= counts.impressions:
        raise ValueError(f"{counts.plays} plays of {counts.impressions} impressions are impossible.")
    return counts


def _posterior(counts: Counts) -> tuple[float, float]:
    """Mean and variance of what the rate may be."""
    plays, others = counts.plays + _PRIOR, counts.impressions - counts.plays + _PRIOR
    total = plays + others
    return plays / total, plays * others / (total * total * (total + 1))


def _chi_squared_above(value: float, freedom: int) -> float:
    from scipy.special import gammaincc  # takes its time, and few need it

    return float(gammaincc(freedom / 2, value / 2))
