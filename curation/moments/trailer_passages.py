"""What is said of a trailer's frames: which frames of the film they show and how, or why they show none of it."""

from enum import StrEnum
from typing import NamedTuple

from curation.moments.film_window import Window
from curation.moments.passage_check import Agreement

LEAST_STILL, SURE_STILL = 0.5, 0.9
LEAST_MOTION, SURE_MOTION = 0.65, 0.9
LEAST_BOTH = 1.55
"""Of both together: drawings of one set-up that the same camera goes over agree a little in either."""
LEAST_STILL_GOING_ON, LEAST_BOTH_GOING_ON = 0.4, 1.2
"""Where a passage that is found goes on: a picture that becomes nearly empty hardly agrees even with itself."""
LEAST_STILL_ALONE = 0.72
"""Where hardly anything moves, only the picture itself can tell, and another take is then as like as the same."""


class Reason(StrEnum):
    """Why frames of a trailer are not said to be of the film."""

    BLACK = "black"
    PLAIN = "plain"
    CARD = "card"
    SHORT = "short"
    ANOTHER_TAKE = "another take"
    NOT_FOUND = "not found"


class Passage(NamedTuple):
    """Frames ``trailer_start`` … ``trailer_end`` − 1 of a trailer show ``film_start`` … ``film_end`` − 1 of the film.

    ``speed``: film seconds a trailer second; below 0 backwards, 0 a frozen frame. ``window``: which part of the film's
    picture. ``agreement`` and ``motion_agreement`` −1 to 1, see ``Agreement``; ``confidence`` 0.5–1: how far both are
    above what is asked for at least. ``first_frame`` is the film frame that the first trailer frame shows.
    """

    trailer_start: int
    trailer_end: int
    film_start: int
    film_end: int
    first_frame: int
    speed: float
    window: Window
    agreement: float
    motion_agreement: float | None
    confidence: float


class Gap(NamedTuple):
    """Frames of a trailer that are not of the film, why, and the film frame that comes nearest to them, if any."""

    trailer_start: int
    trailer_end: int
    reason: Reason
    nearest_frame: int | None = None


def is_same(found: Agreement, *, goes_on: bool = False) -> bool:
    """Whether agreement is enough to say that frames are the film's; ``goes_on``: they lie on the line of a passage of
    the same shot, and right beside it."""
    if found.motion is None:
        return found.still >= LEAST_STILL_ALONE
    still, both = (LEAST_STILL_GOING_ON, LEAST_BOTH_GOING_ON) if goes_on else (LEAST_STILL, LEAST_BOTH)
    return found.still >= still and found.motion >= LEAST_MOTION and found.still + found.motion >= both


def confidence(found: Agreement) -> float:
    """From 0.5 where agreement is just enough to 1; at most 0.85 where nothing moves: another take may look alike."""
    if found.motion is None:
        return 0.5 + 0.35 * _rise(found.still, LEAST_STILL_ALONE, SURE_STILL)
    return 0.5 + 0.5 * min(_rise(found.still, LEAST_STILL, SURE_STILL), _rise(found.motion, LEAST_MOTION, SURE_MOTION))


def _rise(value: float, least: float, most: float) -> float:
    return min(max((value - least) / (most - least), 0.0), 1.0)
