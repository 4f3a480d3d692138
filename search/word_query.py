"""Words as Postgres looks for them: each as it is written or as English stems it, in any script."""

from collections.abc import Iterable, Sequence
from itertools import combinations

from django.contrib.postgres.search import CombinedSearchQuery, SearchQuery, SearchQueryCombinable

from search.embed.word_forms import is_unspaced, query_form, words_of_text

MOST_WORDS = 8
"""Of a longer text the first that say something: every further one makes fewer shots match all."""

_STOP_WORDS = """
    a an the of in on at to for with without from by and or is are was were be been being it its this that these those
    there who which what where when as into over under very some any shot shots scene scenes show me find
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""English words that tell nothing of a shot, and what people call the thing itself when they ask for it."""


def telling_words(text: str) -> tuple[str, ...]:
    """The words of a text that a shot can be told by; all of them where none is left otherwise."""
    words = tuple(dict.fromkeys(words_of_text(text)))
    return (tuple(word for word in words if word not in STOP_WORDS) or words)[:MOST_WORDS]


def phrase_query(phrase: str) -> SearchQueryCombinable:
    """Rows with these words, one after the other."""
    if is_unspaced(phrase) and len(phrase) == 1:
        return SearchQuery(f"'{phrase}':*", config="simple", search_type="raw")
    form = query_form(phrase)
    plain = SearchQuery(form, config="simple", search_type="phrase")
    return plain | SearchQuery(form, config="english", search_type="phrase")


def matching_levels(words: Sequence[str]) -> list[tuple[float, SearchQueryCombinable]]:
    """Queries by how many of the words they want, from all down to half: shares of the words, the largest first.

    Coordination level matching (Lancaster 1979): a row's worth is how many of the words it has.
    """
    each = [phrase_query(word) for word in words]
    levels = []
    for wanted in range(len(each), (len(each) - 1) // 2, -1):
        options = [_join(group, any_of=False) for group in combinations(each, wanted)]
        levels.append((wanted / len(each), _join(options, any_of=True)))
    return levels


def _join(queries: Iterable[SearchQueryCombinable], *, any_of: bool) -> SearchQueryCombinable:
    joined: SearchQuery | CombinedSearchQuery | None = None
    for query in queries:
        joined = query if joined is None else (joined | query) if any_of else (joined & query)
    assert joined is not None
    return joined
