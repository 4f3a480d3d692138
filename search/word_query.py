"""Words as Postgres looks for them: each as it is written or as English stems it, in any script."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import combinations

from django.contrib.postgres.search import CombinedSearchQuery, SearchQuery, SearchQueryCombinable

from search.embed.word_forms import is_unspaced, query_form, words_of_text

MOST_WORDS = 6
"""Of a longer text the first that say something: every further one makes fewer shots match all."""

_STOP_WORDS = """
    a an the of in on at to for with without from by and or is are was were be been being it its this that these those
    there who which what where when as into over under very some any shot shots scene scenes show me find
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""English words that tell nothing of a shot, and what people call the thing itself when they ask for it."""


@lru_cache(maxsize=1024)
def telling_words(text: str) -> tuple[str, ...]:
    """The words of a text that a shot can be told by; all of them where none is left otherwise."""
    words = tuple(dict.fromkeys(words_of_text(text)))
    return (tuple(word for word in words if word not in STOP_WORDS) or words)[:MOST_WORDS]


def phrase_query(phrase: str) -> SearchQueryCombinable:
    """Rows with these words, one after the other; a single one in any form, several as they are written."""
    if is_unspaced(phrase) and len(phrase) == 1:
        return SearchQuery(f"'{phrase}':*", config="simple", search_type="raw")
    form = query_form(phrase)
    written = SearchQuery(form, config="simple", search_type="phrase")
    if len(words_of_text(phrase)) > 1:  # English drops little words, and with them what a phrase ends in
        return written
    return written | SearchQuery(form, config="english", search_type="phrase")


def any_word_query(words: Sequence[str]) -> SearchQueryCombinable:
    """Rows with at least one of the words."""
    return _join((phrase_query(word) for word in words), any_of=True)


def matching_levels(words: Sequence[str]) -> Iterator[tuple[float, SearchQueryCombinable]]:
    """Queries by how many of the words they want: all, then all but one; with the share of the words.

    Coordination level matching (Lancaster 1979); where many rows have some of the words, lower levels tell nothing.
    """
    each = [phrase_query(word) for word in words]
    for wanted in range(len(each), max(len(each) - 2, 0), -1):
        options = combinations(each, wanted)
        yield wanted / len(each), _join((_join(option, any_of=False) for option in options), any_of=True)


def _join(queries: Iterable[SearchQueryCombinable], *, any_of: bool) -> SearchQueryCombinable:
    joined: SearchQuery | CombinedSearchQuery | None = None
    for query in queries:
        joined = query if joined is None else (joined | query) if any_of else (joined & query)
    assert joined is not None
    return joined
