"""Shots found by what is said in them."""

from search.models import DialogueLine
from search.search_scope import Scope
from search.word_query import phrase_query, telling_words
from search.word_search import FILMS_ORDER, Matched, WordMatch, as_shots, match_rows, read_rows


def search_dialogue(text: str, scope: Scope, *, limit: int, phrases: tuple[str, ...] = ()) -> list[WordMatch]:
    """Shots in which lines with the words are spoken, the line the reason, its matched words marked.

    Of lines with as many of the words those come first of which they are the larger part. With phrases, a line has
    all of them.
    """
    lines = scope.of_films(DialogueLine.objects.all())
    for phrase in phrases:
        lines = lines.filter(words=phrase_query(phrase))
    if text:
        matched = match_rows(lines, text, limit=limit)
    else:
        matched = [Matched(line, 1.0) for line in read_rows(lines, most=limit, order=FILMS_ORDER)]
    matched.sort(key=lambda each: (-each.share, len(each.row.text.split())))
    return as_shots(matched, source="dialogue", words=(*phrases, *(telling_words(text) if text else ())), scope=scope)
