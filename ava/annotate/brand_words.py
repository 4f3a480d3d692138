"""Brand names among the words that were read in a picture."""

import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

LEAST_LIKENESS = 0.8
"""Share of matching letters from which a misread word counts: one wrong letter in five."""

LEAST_TOLERANT_LETTERS = 5
"""Shorter names must be read exactly: too many words differ from them by one letter."""

# Letters that recognisers take for one another, and what they are compared as.
_ALIKE = str.maketrans({"0": "o", "1": "l", "i": "l", "|": "l", "!": "l", "5": "s", "$": "s", "8": "b"})


class BrandWord(NamedTuple):
    """A brand ``name`` found in line number ``line``, the ``words`` that were read for it, and their ``likeness``
    0.8–1."""

    name: str
    line: int
    words: str
    likeness: float


def find_brand_words(lines: Sequence[str], *, names: Sequence[str]) -> list[BrandWord]:
    """Find brand names in recognised lines, at most once a line and name, the likeliest first.

    Case, accents, spaces and punctuation do not count, nor do letters that recognisers mix up (O and 0, I and 1).
    Words are compared as wholes: "art" is not in "start". Likeness is twice the matching letters over all letters
    (Ratcliff & Metzener 1988); names shorter than five letters must match fully.
    """
    found = []
    for number, line in enumerate(lines):
        words = line.split()
        for name in names:
            best = _best_run(words, name)
            if best is not None:
                found.append(BrandWord(name, number, best[1], best[0]))
    return sorted(found, key=lambda word: (-word.likeness, word.line, word.name))


def _best_run(words: Sequence[str], name: str) -> tuple[float, str] | None:
    """The run of neighbouring words most like a name: likeness and the words; None when none is like enough."""
    wanted = _fold(name)
    if not wanted:
        return None
    least = LEAST_LIKENESS if len(wanted) >= LEAST_TOLERANT_LETTERS else 1.0
    longest = len(name.split()) + 1  # a recogniser may see a gap too many
    best: tuple[float, str] | None = None
    for first in range(len(words)):
        for end in range(first + 1, min(first + longest, len(words)) + 1):
            run = " ".join(words[first:end])
            likeness = SequenceMatcher(None, wanted, _fold(run), autojunk=False).ratio()
            if likeness >= least and (best is None or likeness > best[0]):
                best = (likeness, run)
    return best


def _fold(text: str) -> str:
    """Letters and digits without case, accents and doubts."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain.translate(_ALIKE) if letter.isalnum())
