"""How the parts of a score are weighed for a purpose, and how much variety is wanted beside quality."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from curation.stills.table import VECTOR_WEIGHTS


@dataclass(frozen=True, slots=True)
class Weighting:
    """``weights``: part of the score → weight, 0 or more, of any sum. ``variety``: 0, by quality alone, to 1, as
    varied as can be. ``vector_weights``: what the vectors of diversity weigh in the difference of two stills."""

    name: str
    weights: Mapping[str, float]
    variety: float
    vector_weights: Mapping[str, float] = field(default_factory=lambda: dict(VECTOR_WEIGHTS))
