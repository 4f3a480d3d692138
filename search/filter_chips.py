"""The parts of a query as people read them, each with what is left of the query without it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from ava.models import Shot
from search.query import Query, write_query


class Names(NamedTuple):
    """What the person may see of titles and attributes, by number; what is not in it has no name here."""

    titles: Mapping[int, str]
    attributes: Mapping[int, str]


class Part(NamedTuple):
    """One part of a query: a sentence's worth of it, and the query without it."""

    text: str
    without: Query

    @property
    def query_without(self) -> str:
        return write_query(self.without)


def filter_parts(query: Query, *, names: Names) -> list[Part]:
    """The filters in force, in the order of the form; what is written in the box is not among them."""
    return [
        *_each(query, "titles", lambda key: names.titles.get(key, "a title that you do not see")),
        *_each(query, "characters", lambda name: f"With {name}"),
        *_each(query, "scale", lambda value: Shot.Scale(value).label),
        *_each(query, "camera", lambda value: f"Camera: {Shot.Camera(value).label.lower()}"),
        *_each(query, "colour", lambda value: value.capitalize()),
        *_each(query, "attributes", lambda key: names.attributes.get(key, "an attribute that is not in use")),
        *_durations(query),
        *([Part(f"Said: {query.dialogue}", replace(query, dialogue=""))] if query.dialogue else []),
    ]


def example_parts(query: Query) -> list[Part]:
    """The example picture and its marked region, where there are some."""
    parts = []
    if query.like:
        text = {"shot": "Like a shot", "still": "Like a still", "upload": "Like your picture"}[query.like.kind]
        parts.append(Part(text, replace(query, like=None, region=None)))
    if query.region:
        parts.append(Part("Only the marked region", replace(query, region=None)))
    return parts


def written_parts(query: Query) -> list[Part]:
    """What in the box narrows results: phrases in quotes and what must not be there."""
    return [
        *_each(query, "phrases", lambda phrase: f"“{phrase}”"),
        *_each(query, "negatives", lambda term: f"Without {term}"),
    ]


def _each(query: Query, field: str, tell: Any) -> Iterator[Part]:
    values = getattr(query, field)
    for value in values:
        yield Part(str(tell(value)), replace(query, **{field: tuple(each for each in values if each != value)}))


def _durations(query: Query) -> Iterator[Part]:
    if query.shortest_s is not None:
        yield Part(f"{query.shortest_s:g} s or longer", replace(query, shortest_s=None))
    if query.longest_s is not None:
        yield Part(f"{query.longest_s:g} s or shorter", replace(query, longest_s=None))
