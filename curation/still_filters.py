"""The board's filters and orders: read from an address, applied to stills."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import inf, isfinite
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import QueryDict

from ava.models import Video
from curation.models import Decision, Still
from curation.people_filters import ANY, MODES, narrow_to_people
from curation.still_facts import FACETS, fact_alias, signal_value, with_signals

VERDICTS = {"": "All", "undecided": "Undecided", "pick": "Picked", "reject": "Rejected"}
PLAIN_SORTS = {"rank": "Rank", "time": "Time in the film", "stars": "Stars"}


@dataclass(frozen=True, slots=True)
class StillFilters:
    """What the board was asked for, cleaned: anything unknown is ignored.

    `shots` are 0-based inclusive spans; `people` are characters, in the order of the cast, asked for as the
    `people_mode` says; `facets` map a facet's name to the chosen values in their own order;
    `ranges` map "annotator.column" to (lowest, highest).
    """

    verdict: str = ""
    least_stars: int = 0
    shots: tuple[tuple[int, int], ...] = ()
    people: tuple[int, ...] = ()
    people_mode: str = ANY
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    sort: str = "rank"

    @classmethod
    def read(cls, query: QueryDict, *, columns: Iterable[str], people: Iterable[int] = ()) -> "StillFilters":
        columns = list(columns)
        ranges = {
            name: (low, high)
            for name in columns
            if (low := _number(query.get(f"{name}.min", ""), -inf))
            < (high := _number(query.get(f"{name}.max", ""), inf))
            or low == high
        }
        chosen = {
            facet.name: tuple(value for value in facet.values if value in query.getlist(facet.name)) for facet in FACETS
        }
        asked, mode = set(query.getlist("people")), query.get("people_mode", ANY)
        stars, sort = query.get("stars", ""), query.get("sort", "")
        return cls(
            verdict=query.get("verdict", "") if query.get("verdict") in VERDICTS else "",
            least_stars=int(stars) if stars in {"1", "2", "3", "4", "5"} else 0,
            shots=_shot_spans(query.get("shot", "")),
            people=tuple(character for character in people if str(character) in asked),
            people_mode=mode if mode in MODES else ANY,
            facets={name: values for name, values in chosen.items() if values},
            ranges={name: span for name, span in ranges.items() if span != (-inf, inf)},
            sort=sort if sort in PLAIN_SORTS or sort.removeprefix("-") in columns else "rank",
        )

    @property
    def are_any(self) -> bool:
        """Whether anything may be filtered out."""
        return bool(self.verdict or self.least_stars or self.shots or self.people or self.facets or self.ranges)

    def narrow(self, stills: QuerySet[Still], *, video: Video | None) -> QuerySet[Still]:
        """Those of a film's stills that pass, in the order asked for."""
        stills = self._narrow_decisions(stills, video=video)
        if self.shots:
            spans = Q()
            for first, last in self.shots:
                spans |= Q(shot__index__range=(first, last))
            stills = stills.filter(spans)
        stills = narrow_to_people(stills, self.people, mode=self.people_mode)
        for facet in FACETS:
            stills = facet.narrow(stills, self.facets.get(facet.name, ()))
        for name, (low, high) in self.ranges.items():
            bounds = {"gte": low} if low > -inf else {}
            bounds |= {"lte": high} if high < inf else {}
            stills = with_signals(stills, [name])
            stills = stills.filter(**{f"{fact_alias(name)}__{side}": end for side, end in bounds.items()})
        return stills.order_by(*_order(self.sort))

    def _narrow_decisions(self, stills: QuerySet[Still], *, video: Video | None) -> QuerySet[Still]:
        """What was said is looked up once for the film: once a still takes seconds of 100,000."""
        rows = Decision.objects.filter(video=video)
        newest = rows.order_by("frame_index", "-id").distinct("frame_index").values("pk")
        now = Decision.objects.filter(pk__in=newest).order_by()
        if self.verdict == "undecided":
            stills = stills.exclude(frame_index__in=now.exclude(verdict="").values("frame_index"))
        elif self.verdict:
            stills = stills.filter(frame_index__in=now.filter(verdict=self.verdict).values("frame_index"))
        if self.least_stars:
            stills = stills.filter(frame_index__in=now.filter(stars__gte=self.least_stars).values("frame_index"))
        if self.sort == "stars":
            of_frame = Decision.objects.filter(video=video, frame_index=OuterRef("frame_index")).order_by("-id")
            stills = stills.annotate(stars_now=Coalesce(Subquery(of_frame.values("stars")[:1]), 0))
        return stills


def _number(text: str, default: float) -> float:
    try:
        number = float(text)
    except ValueError:
        return default
    return number if isfinite(number) else default


def _shot_spans(text: str) -> tuple[tuple[int, int], ...]:
    """ "3-9, 12" as people count shots, from 1, in 0-based spans."""
    found = re.findall(r"(\d{1,6})(?:\s*[-–]\s*(\d{1,6}))?", text)
    spans = ((int(first) - 1, int(last or first) - 1) for first, last in found)
    return tuple((first, last) for first, last in spans if 0 <= first <= last)


def _order(sort: str) -> list[Any]:
    if sort == "time":
        return ["frame_index"]
    if sort == "stars":
        return ["-stars_now", "rank", "id"]
    if sort == "rank":
        return ["rank", "id"]
    value = signal_value(sort.removeprefix("-"))
    return [value.desc(nulls_last=True) if sort.startswith("-") else value.asc(nulls_last=True), "rank", "id"]
