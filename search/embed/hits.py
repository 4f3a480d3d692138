"""What searching gives, as plain values."""

from typing import NamedTuple


class Reason(NamedTuple):
    """Why something matched: the source ("description", "dialogue", "label", "picture", "attribute", an encoder's
    name), a phrase for people (a line with its matched words, a fact), and its strength 0–1 within that source."""

    source: str
    text: str
    strength_unit: float


class Hit(NamedTuple):
    """One span of a film that matched; frames are half-open, the highest score is the best."""

    video_id: int
    start_frame: int
    end_frame: int
    score: float
    reasons: tuple[Reason, ...] = ()
