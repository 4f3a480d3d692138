"""What to try when a search finds nothing, or little that fits."""

import re
from typing import NamedTuple

from ava.models import User
from search.embed.near_words import nearest_words
from search.embed.word_forms import stem, words_of_text
from search.engine import search
from search.filter_chips import Names, Part, example_parts, filter_parts, written_parts
from search.query import Query, write_query
from search.vocabulary import known_words

MOST_DROPS = 8
MOST_COUNTED = 200
"""Hits beyond this number are told as "or more"."""

_WORD = re.compile(r"\w+")


class Respelling(NamedTuple):
    """The query with a word that occurs in what the person sees, in place of one that does not."""

    was: str
    word: str
    query: str


class Wider(NamedTuple):
    """The query without one of its parts, and how many hits it then has."""

    text: str
    count: int
    query: str

    @property
    def told_count(self) -> str:
        return f"{MOST_COUNTED} or more" if self.count >= MOST_COUNTED else str(self.count)


def respell(query: Query, *, written: str, user: User) -> list[Respelling]:
    """Near words for those words of the box (`written`) that occur nowhere in what the person may see."""
    if not query.words:
        return []
    known = known_words(user)
    stems, found = {stem(word) for word in known}, []
    for word in dict.fromkeys(_WORD.findall(" ".join((query.text, *query.phrases)))):
        folded = (words_of_text(word) or [word])[0]
        if stem(folded) in stems:
            continue
        for other in nearest_words(folded, known=known, most=2):
            respelt = re.sub(rf"\b{re.escape(word)}\b", other, written)
            found.append(Respelling(word, other, respelt))
    return found


def drop_each(query: Query, *, user: User, names: Names) -> list[Wider]:
    """The query without one filter, phrase or negative at a time: those that find something, most hits first."""
    parts: list[Part] = [*filter_parts(query, names=names), *example_parts(query), *written_parts(query)]
    if len(parts) + bool(query.text) < 2:
        return []
    found = []
    for part in parts[:MOST_DROPS]:
        if part.without.is_empty:
            continue
        count = len(search(part.without, user=user, limit=MOST_COUNTED).hits)
        if count:
            found.append(Wider(part.text, count, write_query(part.without)))
    return sorted(found, key=lambda wider: -wider.count)
