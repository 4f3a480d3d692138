"""Words that are spelled like another one, by the trigrams that they share."""

from __future__ import annotations

from collections.abc import Mapping

LEAST_SIMILARITY = 0.3
SHORTEST_WORD = 4
"""Of shorter words too few trigrams are left for a slip of the finger to spare."""


def trigrams(word: str) -> frozenset[str]:
    """Every three letters in a row of a word, two blanks before it and one behind it."""
    padded = f"  {word} "
    return frozenset(padded[at : at + 3] for at in range(len(padded) - 2))


def similarity(first: str, second: str) -> float:
    """The share of two words' trigrams that both have, 0–1 (Angell, Freund & Willett 1983; here Jaccard's index)."""
    one, other = trigrams(first), trigrams(second)
    return len(one & other) / len(one | other)


def nearest_words(word: str, *, known: Mapping[str, int], most: int = 3) -> list[str]:
    """The known words spelled most like a word, best first; equals are ordered by how often they occur, then by letter.

    ``known`` maps words to counts. None for a word that is known itself, too short, or like nothing: at least
    ``LEAST_SIMILARITY``, and not twice as long or half as short.
    """
    if word in known or len(word) < SHORTEST_WORD:
        return []
    found = []
    for other, count in known.items():
        if not len(word) / 2 < len(other) < len(word) * 2:
            continue
        alike = similarity(word, other)
        if alike >= LEAST_SIMILARITY:
            found.append((-alike, -count, other))
    return [other for _, _, other in sorted(found)[:most]]
