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
    return [hit for hit in results.hits if is_strong(hit)]


def is_strong(hit: Hit) -> bool:
    """Whether some reason of a hit is strong; one without reasons has passed filters, which is all that was asked."""
    return not hit.reasons or any(reason.strength_unit >= LEAST_STRENGTH_UNIT for reason in hit.reasons)
