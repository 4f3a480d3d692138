"""How much a cosine means: measured for encoders between pairs that belong together and pairs that do not."""

from typing import NamedTuple

from search.models import Encoder


class Likeness(NamedTuple):
    """`unrelated` is a cosine that pairs which do not belong together keep below nineteen times in twenty, `related`
    the median of those that do."""

    unrelated: float
    related: float


LIKENESS = {
    Encoder.Kind.DESCRIPTION: Likeness(0.25, 0.45),
    Encoder.Kind.VISION_LANGUAGE: Likeness(0.2, 0.3),
}
LIKE_A_SHOT = Likeness(0.6, 0.9)
"""Between descriptions of two shots, or pictures of them, which have more in common than words have with a shot."""


def likeness_of(encoder: Encoder, *, by_example: bool) -> Likeness:
    """An encoder's own measured figures where it has some (`measures["likeness"]`), else those of its kind."""
    if by_example:
        return LIKE_A_SHOT
    measured = encoder.measures.get("likeness") if isinstance(encoder.measures, dict) else None
    if isinstance(measured, (list, tuple)) and len(measured) == len(Likeness._fields):
        return Likeness(*(float(each) for each in measured))
    return LIKENESS.get(Encoder.Kind(encoder.kind), LIKENESS[Encoder.Kind.DESCRIPTION])


def strength_of(encoder: Encoder, cosine: float, *, by_example: bool) -> float:
    """0 for a cosine as unrelated pairs have it, 1 from that of the median related pair on."""
    likeness = likeness_of(encoder, by_example=by_example)
    return min(max((cosine - likeness.unrelated) / (likeness.related - likeness.unrelated), 0.0), 1.0)


def is_weak_match(encoder: Encoder, cosine: float, *, by_example: bool) -> bool:
    return cosine < likeness_of(encoder, by_example=by_example).unrelated
