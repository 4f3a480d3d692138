"""How likely a proposed line is lettering, from what three independent looks at it say."""

import math
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from ava.annotate.text_reading import Reading

LEAST_PROBABILITY = 0.5
"""Lines below this are no lettering."""

DOUBTFUL = (0.02, 0.97)
"""Lines that detection and reading make less or more likely than this need no second look through views."""

MOST_LETTERS = 8
"""More letters than this make a line no likelier: chance reads few."""


class Weights(NamedTuple):
    """A logistic regression; ``agreement`` counts only where views were looked at."""

    constant: float
    proposal: float
    confidence: float
    letters: float
    agreement: float


# Fitted to 408 proposals on photographs and films, labelled by eye, and 912 on drawn lettering at half their weight.
_BEFORE_VIEWS = Weights(constant=-15.75, proposal=6.75, confidence=11.68, letters=2.47, agreement=0.0)
_AFTER_VIEWS = Weights(constant=-14.73, proposal=6.06, confidence=9.25, letters=2.51, agreement=3.29)


def agree(reading: Reading, views: Sequence[Reading]) -> float:
    """Share 0–1 of the words that the transformed views give again, averaged over the views; spaces do not count.

    Likeness of two words is twice their matching letters over all their letters (Ratcliff & Metzener 1988).
    """
    words = _letters(reading.words)
    if not words or not views:
        return 0.0
    likeness = [SequenceMatcher(None, words, _letters(view.words), autojunk=False).ratio() for view in views]
    return sum(likeness) / len(likeness)


def judge(proposal: float, reading: Reading, *, agreement: float | None = None) -> float:
    """Probability 0–1 that a line is lettering, from the detector's score, its reading and the views' agreement."""
    letters = sum(letter.isalnum() for letter in reading.words)
    if not letters:
        return 0.0
    weights = _BEFORE_VIEWS if agreement is None else _AFTER_VIEWS
    odds = (
        weights.constant
        + weights.proposal * proposal
        + weights.confidence * reading.confidence
        + weights.letters * math.log2(min(letters, MOST_LETTERS))
        + weights.agreement * (agreement or 0.0)
    )
    return 1 / (1 + math.exp(-odds))


def _letters(words: str) -> str:
    return "".join(words.split())
