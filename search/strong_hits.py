"""Hits that match, apart from those that are only nearest: vectors always have a nearest."""

from collections.abc import Sequence

from search.embed.hits import Hit
from search.engine import Results

LEAST_STRENGTH_UNIT = 0.5
"""Of a hit's strongest reason."""


def strong_hits(results: Results) -> Sequence[Hit]:
    """The hits with a strong reason; those of filters alone pass or do not, and need none."""
    if results.is_weak:
        return ()
    return [hit for hit in results.hits if not hit.reasons or strength_of_hit(hit) >= LEAST_STRENGTH_UNIT]


def strength_of_hit(hit: Hit) -> float:
    """The strength of a hit's strongest reason, 0–1; of one that has passed filters alone, 1."""
    return max((reason.strength_unit for reason in hit.reasons), default=1.0)
