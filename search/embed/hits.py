"""What searching gives, as plain values."""

from typing import NamedTuple


class Reason(NamedTuple):
    """Why something matched: the source ("description", "dialogue", "label", "picture", "attribute", an encoder's
    name), a phrase for people (a line with its matched words, a fact), and its strength 0–1 within that source.

    ``marks`` are the half-open character offsets in ``text`` of what matched; ``frame`` is where in the film it is
    said, where that is narrower than the shot.
    """

    source: str
    text: str
    strength_unit: float
    marks: tuple[tuple[int, int], ...] = ()
    frame: int | None = None


class Hit(NamedTuple):
    """One span of a film that matched; frames are half-open, the highest score is the best."""

    video_id: int
    start_frame: int
    end_frame: int
    score: float
    reasons: tuple[Reason, ...] = ()
