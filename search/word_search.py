"""Shots found by the words of their descriptions and of people's labels."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

from django.db.models import Model, QuerySet

from search.embed.hits import Reason
from search.embed.word_forms import count_words, find_marks
from search.models import ShotDescription, ShotLabel
from search.search_scope import Scope
from search.shot_lookup import Span, at_places, shots_at
from search.word_query import any_word_query, matching_levels, telling_words

Row = TypeVar("Row", bound=Model)
FILMS_ORDER = ("video_id", "start_frame", "pk")


class WordMatch(NamedTuple):
    """A shot whose words matched, how large a share of what was looked for it has, and why."""

    shot: Span
    share: float
    reason: Reason | None = None


class WordRow(NamedTuple):
    """What is read of a description, label or line: no more, for hundreds match."""

    pk: int
    video_id: int
    start_frame: int
    end_frame: int
    text: str

    @property
    def place(self) -> tuple[int, int, int]:
        """By this rows stand in the films' order."""
        return self.video_id, self.start_frame, self.pk


class Matched(NamedTuple):
    """A row of words and the share of the looked-for words that it has, 0–1."""

    row: WordRow
    share: float


def match_rows(
    rows: QuerySet[Row], text: str, *, limit: int, among: Iterable[tuple[int, int]] = ()
) -> list[Matched]:
    """Rows with the most of a text's words first, in the films' order where they have equally many.

    Where more rows than `limit` have as many, they tell little: those `among` (video, start_frame) are kept then, for
    something else speaks for them too; the first ones where none of these matches.
    """
    words = telling_words(text)
    few = read_rows(rows.filter(words=any_word_query(words)), most=limit + 1)
    if len(few) <= limit:
        matched = [Matched(row, _share(row.text, words)) for row in few]
        return sorted(matched, key=lambda each: (-each.share, each.row.place))
    return _match_levels(rows, words, limit=limit, some=few, preferred=list(among))


def read_rows(rows: QuerySet[Any], *, most: int | None = None, order: Sequence[str] = ()) -> list[WordRow]:
    """The first rows of an order; without one those that Postgres comes by, for sorting a tenth of a catalogue takes
    long."""
    return [WordRow(*row) for row in rows.order_by(*order).values_list(*WordRow._fields)[:most]]


def _match_levels(
    rows: QuerySet[Row],
    words: Sequence[str],
    *,
    limit: int,
    some: list[WordRow],
    preferred: Sequence[tuple[int, int]],
) -> list[Matched]:
    """`some` are rows with any of the words, one more than `limit`: of a single word the only level."""
    found: list[Matched] = []
    taken: set[int] = set()
    for share, query in matching_levels(words):
        level, room = rows.filter(words=query), limit - len(found)
        here = some if len(words) == 1 else read_rows(level, most=limit + 1)
        new = [row for row in here if row.pk not in taken]
        if is_full := len(new) > room:
            new = _keep_preferred(level, preferred) or read_rows(level, most=limit, order=FILMS_ORDER)
            new = [row for row in new if row.pk not in taken][:room]
        found += [Matched(row, share) for row in sorted(new, key=lambda row: row.place)]
        taken |= {row.pk for row in new}
        if is_full:
            break
    return found


def _share(text: str, words: Sequence[str]) -> float:
    """The share of the words that a text has; Postgres knows more forms of a word than are told here: one is there."""
    return max(count_words(text, words), 1) / len(words)


def _keep_preferred(rows: QuerySet[Row], preferred: Sequence[tuple[int, int]]) -> list[WordRow]:
    """Of matching rows those that begin at preferred places."""
    return read_rows(at_places(rows, preferred)) if preferred else []


def search_descriptions(
    text: str, scope: Scope, *, limit: int, among: Iterable[tuple[int, int]] = ()
) -> list[WordMatch]:
    """Shots whose descriptions have the words."""
    rows = scope.passing(scope.of_films(ShotDescription.objects.all()))
    matched = match_rows(rows, text, limit=limit, among=among)
    return [WordMatch(Span(row.video_id, row.start_frame, row.end_frame), share) for row, share in matched]


def search_labels(text: str, scope: Scope, *, limit: int) -> list[WordMatch]:
    """Shots that people labelled with the words; the label is the reason."""
    matched = match_rows(scope.of_films(ShotLabel.objects.filter(stands=True)), text, limit=limit)
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
