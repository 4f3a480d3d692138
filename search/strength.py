"""How much a cosine means: what pairs that belong together have, and pairs that do not."""

from typing import NamedTuple

from search.models import Encoder


class Likeness(NamedTuple):
    """`unrelated` is a cosine that pairs which do not belong together keep below nineteen times in twenty, `related`
    the median of those that do."""

    unrelated: float
    related: float


LIKENESS = {
    Encoder.Kind.DESCRIPTION: Likeness(0.21, 0.53),
    Encoder.Kind.VISION_LANGUAGE: Likeness(0.2, 0.3),
}
"""Descriptions: measured with the sentence encoder on ten queries with a description each that answers them, and on
ten queries about other things (100 pairs: median .12, 95 in 100 below .21). Vision–language models differ from one to
the next: these are round figures until an encoder's own are measured."""

LIKE_A_SHOT = Likeness(0.76, 0.95)
"""Between two shots, which have more in common than words have with a shot: of 90 pairs of different descriptions the
median was .56, and 95 in 100 were below .76."""


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
