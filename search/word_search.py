"""Shots found by the words of their descriptions and of people's labels."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

from django.db.models import Model, QuerySet

from search.embed.hits import Reason
from search.embed.word_forms import find_marks
from search.models import ShotDescription, ShotLabel
from search.search_scope import Scope
from search.shot_lookup import Span, shots_at
from search.word_query import matching_levels, telling_words

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
    found: list[Matched] = []
    taken: set[int] = set()
    preferred = set(among)
    for share, query in matching_levels(words):
        level = rows.filter(words=query).exclude(pk__in=taken).order_by("video", "start_frame", "pk")
        new = list(level[: limit - len(found) + 1])
        if len(new) > limit - len(found):
            new = _keep_preferred(level, preferred) or new[:-1]
        found += [Matched(row, share) for row in new]
        taken |= {row.pk for row in new}
        if len(found) >= limit:
            break
    return found


def _keep_preferred(rows: QuerySet[Row], preferred: set[tuple[int, int]]) -> list[Row]:
    if not preferred:
        return []
    videos, frames = {video for video, _ in preferred}, {frame for _, frame in preferred}
    near: list[Any] = list(rows.filter(video__in=videos, start_frame__in=frames))
    return [row for row in near if (row.video_id, row.start_frame) in preferred]


def search_descriptions(
    text: str, scope: Scope, *, limit: int, among: Iterable[tuple[int, int]] = ()
) -> list[WordMatch]:
    """Shots whose descriptions have the words."""
    rows = scope.passing(scope.of_films(ShotDescription.objects.only("video_id", "start_frame", "end_frame")))
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
            marks = find_marks(each.row.text, list(words))
            reason = Reason(source, each.row.text, each.share, marks, each.row.start_frame)
            best[shot] = WordMatch(shot, each.share, reason)
    return list(best.values())
