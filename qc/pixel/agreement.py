"""What several reviewers' words on one flag amount to, and how well two reviewers agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

OPEN = "open"
DISPUTED = "disputed"


class Agreement(NamedTuple):
    """How well first and second words agree.

    ``flags``: pairs of words; ``raw_unit``: share of equal ones, 0–1; ``kappa``: Cohen's, −1 to 1, None where chance
    alone would agree always (both reviewers used one and the same word throughout).
    """

    flags: int
    raw_unit: float
    kappa: float | None


def settle(words: Sequence[str], *, wanted: int) -> str:
    """The state of a flag from one word a person, the newest last, when ``wanted`` (1 or 2) people are asked.

    One asked: the newest word holds. Two asked: ``"open"`` until two have spoken; then the word that more people said
    than any other and at least two did, else ``"disputed"``, until somebody changes theirs or one more speaks.
    """
    if len(words) < wanted:
        return OPEN
    if wanted == 1:
        return words[-1]
    (word, most), *rest = Counter(words).most_common()
    is_alone = all(count < most for _, count in rest)
    return word if is_alone and most >= 2 else DISPUTED


def measure_agreement(pairs: Mapping[tuple[str, str], int]) -> Agreement | None:
    """Raw agreement and Cohen's kappa of (first word, second word) → how many flags; None without any.

    Source: Cohen, J. (1960), A Coefficient of Agreement for Nominal Scales, Educational and Psychological Measurement
    20(1), equation 1: κ = (p_o − p_c) / (1 − p_c), p_c from each one's own shares of the words. Deviation: the two
    raters are whoever spoke first and whoever spoke second, since many people share one title. Counts of 0 or less
    count as none.
    """
    counts = {pair: count for pair, count in pairs.items() if count > 0}
    total = sum(counts.values())
    if not total:
        return None
    first: Counter[str] = Counter()
    second: Counter[str] = Counter()
    for (one, other), count in counts.items():
        first[one] += count
        second[other] += count
    # Whole numbers until the division, so that perfect agreement is exactly 1 and chance exactly 0.
    same = sum(count for (one, other), count in counts.items() if one == other)
    by_chance = sum(first[word] * second[word] for word in first)
    kappa = None if by_chance == total * total else (same * total - by_chance) / (total * total - by_chance)
    return Agreement(total, same / total, kappa)
