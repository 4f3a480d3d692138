"""Shots found by the words of their descriptions and of people's labels."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

from django.db.models import Model, QuerySet

from search.embed.hits import Reason
from search.embed.word_forms import find_marks
from search.models import ShotDescription, ShotLabel
from search.search_scope import Scope
from search.shot_lookup import Span, at_places, shots_at
from search.word_query import any_word_query, matching_levels, telling_words

Row = TypeVar("Row", bound=Model)


class WordMatch(NamedTuple):
    """A shot whose words matched, how large a share of what was looked for it has, and why."""

    shot: Span
    share: float
    reason: Reason | None = None


class Matched(NamedTuple):
    """A row of words and the share of the looked-for words that it has, 0–1."""

    row: Any
    share: float


def match_rows(
    rows: QuerySet[Row], text: str, *, limit: int, among: Iterable[tuple[int, int]] = ()
) -> list[Matched]:
    """Rows with the most of a text's words first, in the films' order where they have equally many.

    Where more rows than `limit` have as many, they tell little: those `among` (video, start_frame) are kept then, for
    something else speaks for them too; the first ones where none of these matches.
    """
    words = telling_words(text)
    few = list(rows.filter(words=any_word_query(words)).order_by()[: limit + 1])
    if len(few) <= limit:
        matched = [Matched(row, _share(row.text, words)) for row in few]
        return sorted(matched, key=lambda each: (-each.share, *_in_the_films_order(each.row)))
    return _match_levels(rows, words, limit=limit, preferred=list(among))


def _match_levels(
    rows: QuerySet[Row], words: Sequence[str], *, limit: int, preferred: Sequence[tuple[int, int]]
) -> list[Matched]:
    found: list[Matched] = []
    taken: set[int] = set()
    for share, query in matching_levels(words):
        level, room = rows.filter(words=query).order_by(), limit - len(found)
        # Unordered, Postgres stops at the first rows that it comes by: sorting a tenth of a catalogue takes long.
        new = [row for row in level[: limit + 1] if row.pk not in taken]
        if is_full := len(new) > room:
            new = _keep_preferred(level, preferred) or list(level.order_by("video_id", "start_frame", "pk")[:limit])
            new = [row for row in new if row.pk not in taken][:room]
        found += [Matched(row, share) for row in sorted(new, key=_in_the_films_order)]
        taken |= {row.pk for row in new}
        if is_full:
            break
    return found


def _share(text: str, words: Sequence[str]) -> float:
    """The share of the words that a text has; Postgres knows more forms of a word than are told here: one is there."""
    return max(sum(bool(find_marks(text, [word])) for word in words), 1) / len(words)


def _in_the_films_order(row: Any) -> tuple[int, int, int]:
    return row.video_id, row.start_frame, row.pk


def _keep_preferred(rows: QuerySet[Row], preferred: Sequence[tuple[int, int]]) -> list[Row]:
    """Of matching rows those that begin at preferred places."""
    return list(at_places(rows, preferred)) if preferred else []


def search_descriptions(
    text: str, scope: Scope, *, limit: int, among: Iterable[tuple[int, int]] = ()
) -> list[WordMatch]:
    """Shots whose descriptions have the words."""
    rows = scope.passing(scope.of_films(ShotDescription.objects.only("video_id", "start_frame", "end_frame", "text")))
    matched = match_rows(rows, text, limit=limit, among=among)
    return [WordMatch(Span(row.video_id, row.start_frame, row.end_frame), share) for row, share in matched]


def search_labels(text: str, scope: Scope, *, limit: int) -> list[WordMatch]:
    """Shots that people labelled with the words; the label is the reason."""
    matched = match_rows(scope.of_films(ShotLabel.objects.filter(stands=True).defer("words")), text, limit=limit)
    return as_shots(matched, source="label", words=telling_words(text), scope=scope)


def as_shots(matched: Sequence[Matched], *, source: str, words: Sequence[str], scope: Scope) -> list[WordMatch]:
    """The shots around matched lines or labels, each once with the best of its reasons, the best first."""
    spans = [Span(each.row.video_id, each.row.start_frame, each.row.end_frame) for each in matched]
    best: dict[Span, WordMatch] = {}
    for each, shot in zip(matched, shots_at(spans, scope), strict=True):
        if shot is not None and shot not in best:
            marks = find_marks(each.row.text, words)
            reason = Reason(source, each.row.text, each.share, marks, each.row.start_frame)
            best[shot] = WordMatch(shot, each.share, reason)
    return list(best.values())
