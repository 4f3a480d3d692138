"""The filters in force as people read them, each with the address that is left when it is taken away."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isinf

from django.http import QueryDict

from ava.signal_names import SignalName
from curation.board_narrowing import Narrowing
from curation.people_filters import MODE_WORDS
from curation.still_facts import FACETS
from curation.still_filters import VERDICTS, StillFilters
from curation.still_people import Person


@dataclass(frozen=True, slots=True)
class ActiveFilter:
    """A filter in force: its words, the query that is left without it, and its name where no field holds it."""

    text: str
    query_without: str
    narrowing: str = ""


def active_filters(
    filters: StillFilters,
    *,
    query: QueryDict,
    signals: Iterable[SignalName],
    cast: Iterable[Person],
    narrowing: Narrowing | None = None,
) -> list[ActiveFilter]:
    """Every filter in force, in the order in which the board offers them."""
    active = []
    if narrowing:
        active.append(ActiveFilter(narrowing.text, _without(query, narrowing.name), narrowing.name))
    if filters.verdict:
        active.append(ActiveFilter(VERDICTS[filters.verdict], _without(query, "verdict")))
    if filters.least_stars:
        active.append(ActiveFilter(f"Stars: {filters.least_stars} or more", _without(query, "stars")))
    if filters.shots:
        active.append(ActiveFilter(f"Shots: {query.get('shot', '')}", _without(query, "shot")))
    for person in cast:
        if person.pk in filters.people:
            text = f"{MODE_WORDS[filters.people_mode]}: {person.label}"
            active.append(ActiveFilter(text, _without(query, "people", value=str(person.pk))))
    for facet in FACETS:
        for choice in facet.choices:
            if choice.value in filters.facets.get(facet.name, ()):
                without = _without(query, facet.name, value=choice.value)
                active.append(ActiveFilter(f"{facet.label}: {choice.label}", without))
    for name in signals:
        if name.column in filters.ranges:
            low, high = filters.ranges[name.column]
            text = f"{name.label}: {_span(low, high)}"
            active.append(ActiveFilter(text, _without(query, f"{name.column}.min", f"{name.column}.max")))
    return active


def _span(low: float, high: float) -> str:
    if isinf(high):
        return f"{low:g} or more"
    return f"{high:g} or less" if isinf(low) else f"{low:g}–{high:g}"


def _without(query: QueryDict, *names: str, value: str | None = None) -> str:
    """The query without some names, or without one value of them."""
    left = query.copy()
    for name in (*names, "page", "still"):
        kept = [each for each in left.getlist(name) if value is not None and name in names and each != value]
        left.setlist(name, kept)
    return left.urlencode()
