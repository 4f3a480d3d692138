"""One search through everything that is known of shots: vectors, descriptions, labels and dialogue, fused."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import DataError

from ava.models import User
from search import encoders
from search.dialogue_search import search_dialogue
from search.embed.fusion import Scored, fuse
from search.embed.hits import Hit, Reason
from search.hit_reasons import describe_hits
from search.query import Query
from search.query_vectors import EncodedQuery, encode_query
from search.search_notes import tell_notes
from search.search_scope import Scope, read_scope
from search.shot_lookup import Span
from search.strength import is_weak_match, strength_of
from search.vector_search import Near, nearest_shots
from search.word_search import WordMatch, search_descriptions, search_labels

CANDIDATES = 200
"""Shots that each source names; what stands lower in all of them is not among the best of the fused."""

WEIGHTS: Mapping[str, float] = {"description": 1.0, "dialogue": 1.0, "label": 1.0}
"""Of sources in the fusion; encoders weigh 1 each."""


class Results(NamedTuple):
    """What a search gives: the best hits first, sentences for the person, and milliseconds by step.

    `is_weak`: nothing matched well; `total` is in `took_ms` whatever else is.
    """

    hits: tuple[Hit, ...]
    notes: tuple[str, ...]
    took_ms: dict[str, float]
    is_weak: bool = False


@dataclass
class _Found:
    """What the sources found of one query, by source."""

    near: dict[str, list[Near]] = field(default_factory=dict)
    words: dict[str, list[WordMatch]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def lists(self) -> dict[str, list[Scored]]:
        near = {name: [Scored(each.shot.key, each.cosine) for each in found] for name, found in self.near.items()}
        words = {name: [Scored(each.shot.key, each.share) for each in found] for name, found in self.words.items()}
        return near | words

    def shots(self) -> dict[tuple[int, int], Span]:
        every = [each.shot for found in (*self.words.values(), *self.near.values()) for each in found]
        return {shot.key: shot for shot in every}


class _Clock:
    def __init__(self) -> None:
        self.took_ms: dict[str, float] = {}
        self._began = time.perf_counter()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.took_ms[name] = self.took_ms.get(name, 0.0) + 1000 * (time.perf_counter() - began)

    def stop(self) -> dict[str, float]:
        self.took_ms["total"] = 1000 * (time.perf_counter() - self._began)
        return {name: round(value, 2) for name, value in self.took_ms.items()}


def search(query: Query, *, user: User, limit: int = 60) -> Results:
    """Search what the person may see; never raises for what they typed.

    With words or an example: the sources' lists fused by reciprocal rank. With filters alone: the shots that pass, in
    the order of the films. With nothing: nothing, and a sentence.
    """
    clock = _Clock()
    if query.is_empty:
        notes = query.remarks or ("Type what you look for, or choose a filter.",)
        return Results((), notes, clock.stop())
    with clock.step("scope"):
        scope = read_scope(query, user=user)
    if not query.is_ranked:
        return _browse(query, scope, clock, limit=limit)
    with clock.step("encode"):
        encoded = encode_query(query, encoders.serving(), user=user)
    found = _find(query, scope, encoded, clock)
    with clock.step("fuse"):
        fused = fuse(found.lists(), weights=WEIGHTS, graded=found.words)[:limit]
    with clock.step("why"):
        hits = _explain(query, found, fused, encoded)
    is_weak = bool(hits) and not found.words.get("dialogue") and _is_weak(found, encoded)
    with clock.step("notes"):
        notes = (*found.problems, *tell_notes(query, scope, encoded, hits=len(hits), is_weak=is_weak))
    return Results(tuple(hits), notes, clock.stop(), is_weak)


def _find(query: Query, scope: Scope, encoded: EncodedQuery, clock: _Clock) -> _Found:
    found = _Found()
    with clock.step("vectors"):
        for each in encoded.vectors:
            try:
                near = nearest_shots(each.encoder, each.vector, scope, limit=CANDIDATES, without=each.without)
            except DataError:  # what Postgres says of vectors of different dimensions
                near = []
                found.problems.append(
                    f"The vectors of {each.encoder} are not of its dimension; have the films described anew."
                )
            found.near[each.encoder.name] = near
    if not query.words:
        return found
    near = {shot.key for shot in found.shots().values()}
    with clock.step("words"):
        found.words["description"] = search_descriptions(query.words, scope, limit=CANDIDATES, among=near)
        found.words["label"] = search_labels(query.words, scope, limit=CANDIDATES)
    with clock.step("dialogue"):
        found.words["dialogue"] = search_dialogue(query.text, scope, limit=CANDIDATES, phrases=query.phrases)
    return found


def _explain(query: Query, found: _Found, fused: Sequence[Scored], encoded: EncodedQuery) -> list[Hit]:
    shots = found.shots()
    kept = [shots[entry.key] for entry in fused]  # type: ignore[index]
    by_source: dict[tuple[int, int], list[Reason]] = {shot.key: [] for shot in kept}
    for name, matches in found.words.items():
        for match in matches:
            if match.shot.key in by_source:
                by_source[match.shot.key].append(match.reason or Reason(name, "", match.share))
    for each in encoded.vectors:
        for near in found.near[each.encoder.name]:
            if near.shot.key in by_source:
                strength = strength_of(each.encoder, near.cosine, by_example=each.by_example)
                by_source[near.shot.key].append(Reason(each.encoder.name, "", strength))
    reasons = describe_hits(kept, by_source, query=query, encoded=encoded)
    return [
        Hit(shot.video_id, shot.start_frame, shot.end_frame, entry.score, reasons[shot.key])
        for shot, entry in zip(kept, fused, strict=True)
    ]


def _is_weak(found: _Found, encoded: EncodedQuery) -> bool:
    """Whether neither all words were found anywhere nor any vector is near."""
    if any(match.share == 1 for matches in found.words.values() for match in matches):
        return False
    return all(
        is_weak_match(each.encoder, found.near[each.encoder.name][0].cosine, by_example=each.by_example)
        for each in encoded.vectors
        if found.near[each.encoder.name]
    )


def _browse(query: Query, scope: Scope, clock: _Clock, *, limit: int) -> Results:
    """Only filters: the shots that pass, in the films' order."""
    assert scope.shots is not None
    with clock.step("filter"):
        rows = scope.shots.order_by("video_id", "start_frame").values_list("video_id", "start_frame", "end_frame")
        shots = [Span(*row) for row in rows[: limit + 1]]
    notes = list(query.remarks)
    if not shots:
        notes.append("No shot passes these filters; take one away.")
    elif len(shots) > limit:
        notes.append(f"The first {limit} shots that pass the filters, in the films' order; add words to rank them.")
    hits = tuple(Hit(*shot, score=1.0) for shot in shots[:limit])
    return Results(hits, tuple(notes), clock.stop())
