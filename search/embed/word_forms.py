"""The forms in which words are kept and looked for: one case, one width, and pairs of characters where a script writes
no spaces between words."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

_UNSPACED = (
    "\u0e00-\u0eff"  # Thai and Lao
    "\u1000-\u109f"  # Burmese
    "\u1780-\u17ff"  # Khmer
    "\u3040-\u30ff"  # Hiragana and Katakana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # Han
    "\U00020000-\U0003134f"
)
_UNSPACED_RUN = re.compile(f"[{_UNSPACED}]+")
_WORD = re.compile(rf"[{_UNSPACED}]+|(?:(?![{_UNSPACED}])[^\W_])+(?:['’](?:(?![{_UNSPACED}])[^\W_])+)*")
_MARKS_OF_SCRIPTS = ("Mn", "Mc")


def fold_text(text: str) -> str:
    """The text in one case and one width (Unicode's NFKC and case folding); lengths may change."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


def index_form(text: str) -> str:
    """What a full-text index is given of a text: folded, scripts without spaces as overlapping pairs of characters.

    "世界和平" becomes "世界 界和 和平 平" (character bigrams: Lee and Ahn 1996; the last character also alone, so that
    every single one begins some word).
    Joiners within words ("don't") become spaces, as in :func:`words_of_text`. Bytes that Postgres refuses (NUL) go.
    """
    return _UNSPACED_RUN.sub(lambda run: f" {' '.join(_pairs(run[0]))} ", _plain(text))


def query_form(text: str) -> str:
    """What a full-text query is given of a text, so that it finds what :func:`index_form` kept one after the other."""
    return _UNSPACED_RUN.sub(lambda run: f" {' '.join(_pairs(run[0])[:-1]) or run[0]} ", _plain(text))


def words_of_text(text: str) -> list[str]:
    """The words of a text, folded and in order; a run of a script without spaces is one word of it."""
    return [match[0].replace("’", "'") for match in _WORD.finditer(fold_text(text).replace("\0", " "))]


def is_unspaced(word: str) -> bool:
    """Whether a word is of a script that writes none between words."""
    return bool(_UNSPACED_RUN.fullmatch(word))


def find_marks(text: str, wanted: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Where words or phrases stand in a text: half-open character offsets, in order, merged where they overlap.

    A word matches words that begin as its stem does ("explosion" marks "explosions"); a phrase of several words marks
    the whole phrase; one of a script without spaces marks itself wherever it stands.
    """
    places = _word_places(text)
    found: list[tuple[int, int]] = []
    for phrase in wanted:
        parts = words_of_text(phrase)
        if len(parts) == 1:
            found += _find_word(places, parts[0])
        elif parts:
            words = [place.word for place in places]
            for first in range(len(places) - len(parts) + 1):
                if words[first : first + len(parts)] == parts:
                    found.append((places[first].start, places[first + len(parts) - 1].end))
    return _merge(found)


def count_words(text: str, wanted: Sequence[str]) -> int:
    """How many of some single words stand in a text, in the forms in which :func:`find_marks` marks them."""
    words = {place.word for place in _word_places(text)}
    stems = {stem(word) for word in words}
    return sum(
        any(one in word for word in words) if is_unspaced(one) else one in words or stem(one) in stems for one in wanted
    )


class _Place(NamedTuple):
    start: int
    end: int
    word: str


def _word_places(text: str) -> list[_Place]:
    return [
        _Place(match.start(), match.end(), fold_text(match[0]).replace("’", "'")) for match in _WORD.finditer(text)
    ]


def _find_word(places: Sequence[_Place], wanted: str) -> list[tuple[int, int]]:
    if is_unspaced(wanted):
        found = ((place, place.word.find(wanted)) for place in places)
        return [(place.start + at, place.start + at + len(wanted)) for place, at in found if at >= 0]
    stemmed = stem(wanted)
    return [(start, end) for start, end, word in places if word == wanted or stem(word) == stemmed]


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """An English word without its commonest endings (the first steps of Porter 1980): for marking, not for finding."""
    if len(word) <= 3:
        return word
    for ending, least in (("'s", 2), ("ies", 3), ("ings", 3), ("ing", 3), ("ed", 3), ("es", 3), ("s", 3), ("y", 3)):
        if word.endswith(ending) and len(word) - len(ending) >= least and not word.endswith("ss"):
            return word[: -len(ending)].rstrip("e") or word
    return word.rstrip("e") or word


def _plain(text: str) -> str:
    return fold_text(text).replace("\0", " ").replace("’", "'")


def _pairs(run: str) -> list[str]:
    characters = _clusters(run)
    return [*(first + second for first, second in pairwise(characters)), characters[-1]]


def _clusters(run: str) -> list[str]:
    """Characters with the marks that belong to them, such as Thai vowels written above."""
    clusters: list[str] = []
    for character in run:
        if clusters and unicodedata.category(character) in _MARKS_OF_SCRIPTS:
            clusters[-1] += character
        else:
            clusters.append(character)
    return clusters


def _merge(spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
