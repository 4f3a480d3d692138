"""Marks in films, as every report tells them: where in which film, what, and who said so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ava.handoff.films import Film, Span


class Word(NamedTuple):
    """What one person said of a mark; ``said_at`` in ISO 8601."""

    who: str
    verdict: str
    said_at: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing to look at in a film.

    ``number``: what the installation knows it by. ``kind``: such as "hot" or "stuck"; ``state``: such as "confirmed".
    ``spans``: at least one, in order. ``x``, ``y``: pixels of the upright picture, 0.0 the middle of the first one.
    ``area_px``: pixels; ``amplitude``: above (negative: below) the surroundings in 8-bit luma levels. ``confidence``:
    0–1. ``shot``: 1-based, None where no shots are known. ``model``: the version that raised it first, "" for none.
    ``at_place``: marks at the same place of the picture, this one included.
    """

    number: int
    film: Film
    kind: str
    state: str
    spans: tuple[Span, ...]
    x: float
    y: float
    area_px: float
    amplitude: float
    confidence: float
    shot: int | None = None
    model: str = ""
    at_place: int = 1
    words: tuple[Word, ...] = ()

    @property
    def first(self) -> Span:
        """The span in which it begins."""
        return self.spans[0]

    @property
    def last(self) -> Span:
        """The span in which it ends."""
        return self.spans[-1]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a report says before its marks; all of it is shown as it stands.

    ``counts``: kind → state → flags, of all states. ``facts``: name → sentence, in order (models, scans, agreement …).
    """

    counts: Mapping[str, Mapping[str, int]]
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Report:
    """A title's films and the marks of those states that were asked for, in the order of films and frames.

    ``made_at`` in ISO 8601.
    """

    title: str
    made_at: str
    states: tuple[str, ...]
    films: tuple[Film, ...]
    marks: tuple[Mark, ...]
    summary: Summary
