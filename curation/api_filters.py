"""Filters of stills and decisions."""

import re
from collections.abc import Sequence

import django_filters as filters
from django.core.exceptions import ValidationError
from django.db.models import FloatField, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from drf_spectacular.utils import extend_schema_field

from ava.api_filters import accessible
from ava.selectors import access_shots, access_titles, access_videos
from curation.models import Character, Decision, Still
from curation.people_filters import ANY, MODES, narrow_to_people
from curation.people_selectors import access_characters
from curation.still_facts import FACETS, Facet

VERDICTS = [("pick", "Picked"), ("reject", "Rejected"), ("none", "Undecided")]
_SIGNAL_RANGE = re.compile(
    r"(?P<name>[a-z0-9_]+\.[a-z0-9_]+):(?P<low>-?\d+(\.\d+)?)?\.\.(?P<high>-?\d+(\.\d+)?)?", re.ASCII
)
_MOST_SIGNALS = 20


@extend_schema_field({"type": "array", "items": {"type": "string"}, "example": ["exposure.brightness:0.2..0.8"]})
class SignalRangeFilter(filters.CharFilter):
    """`signal=NAME:MIN..MAX`, either end left out, given any number of times."""


class FacetFilter(filters.MultipleChoiceFilter):
    """The board's question about a fact, `NAME=ANSWER`, given any number of times; what is not known never passes."""

    def __init__(self, facet: Facet, *, about: str) -> None:
        self.facet = facet
        together = "all of them together" if facet.needs_all else "any of them"
        choices = [(choice.value, choice.label) for choice in facet.choices]
        super().__init__(choices=choices, help_text=f"{about} Several answers ask for {together}.")

    def filter(self, stills: QuerySet[Still], value: list[str]) -> QuerySet[Still]:
        return self.facet.narrow(stills, value)


@extend_schema_field({"type": "array", "items": {"type": "integer"}})
class PeopleFilter(filters.ModelMultipleChoiceFilter):
    """`people=ID`, given any number of times, as `people_mode` says."""

    def filter(self, stills: QuerySet[Still], value: Sequence[Character]) -> QuerySet[Still]:
        mode = self.parent.form.cleaned_data["people_mode"] or ANY
        return narrow_to_people(stills, [character.pk for character in value], mode=mode)


_FACETS = {facet.name: facet for facet in FACETS}


class StillFilter(filters.FilterSet):
    video = filters.ModelChoiceFilter(queryset=accessible(access_videos))
    title = filters.ModelChoiceFilter(field_name="video__title", queryset=accessible(access_titles))
    shot = filters.ModelChoiceFilter(queryset=accessible(access_shots))
    frame_index = filters.RangeFilter()
    score = filters.RangeFilter(help_text="0–1.")
    verdict = filters.MultipleChoiceFilter(choices=VERDICTS, method="with_verdict")
    stars = filters.RangeFilter(help_text="0–5.")
    signal = SignalRangeFilter(
        method="within_signals",
        help_text="A measurement's range as NAME:MIN..MAX, either end left out; may be given several times.",
    )
    people = PeopleFilter(
        queryset=accessible(access_characters),
        help_text="Characters whose faces are in the frame; pictures of faces on walls do not count.",
    )
    people_mode = filters.ChoiceFilter(
        choices=list(MODES.items()),
        method="leave",
        help_text="How several people are asked for: any of them (the default), all of them, only them (all of them "
        "and no other face, recognised or not), or none of them.",
    )
    faces = FacetFilter(_FACETS["faces"], about="How many faces; 3 stands for three and more.")
    eyes = FacetFilter(
        _FACETS["eyes"], about="Whether the largest face has its eyes open (open, closed), or all (all, any-closed)."
    )
    scale = FacetFilter(_FACETS["scale"], about="How near the shot's picture is.")
    camera = FacetFilter(_FACETS["camera"], about="How the shot's camera moves.")
    colour = FacetFilter(_FACETS["colour"], about="A basic colour term that covers 15 % of the picture or more.")
    text = FacetFilter(_FACETS["text"], about="Whether there is text that can be read in the picture.")
    ordering = filters.OrderingFilter(fields=["rank", "score", "stars", "frame_index", "id"])

    class Meta:
        model = Still
        fields = ["provisional"]

    def leave(self, stills: QuerySet[Still], name: str, value: str) -> QuerySet[Still]:
        """All of them: `people` reads this filter's value."""
        return stills

    def with_verdict(self, stills: QuerySet[Still], name: str, value: list[str]) -> QuerySet[Still]:
        return stills.filter(verdict__in=["" if verdict == "none" else verdict for verdict in value])

    def within_signals(self, stills: QuerySet[Still], name: str, value: str) -> QuerySet[Still]:
        ranges = self.request.query_params.getlist("signal")[:_MOST_SIGNALS]
        for text in ranges:
            stills = _within(stills, text)
        return stills


def _within(stills: QuerySet[Still], text: str) -> QuerySet[Still]:
    match = _SIGNAL_RANGE.fullmatch(text.strip())
    if match is None:
        raise ValidationError({"signal": [f"Write NAME:MIN..MAX, such as exposure.brightness:0.2..0.8, not {text}"]})
    alias = "signal_" + match["name"].replace(".", "_")
    stills = stills.alias(**{alias: Cast(KeyTextTransform(match["name"], "signals"), FloatField())})
    if match["low"] is not None:
        stills = stills.filter(**{f"{alias}__gte": float(match["low"])})
    if match["high"] is not None:
        stills = stills.filter(**{f"{alias}__lte": float(match["high"])})
    return stills.filter(**{f"{alias}__isnull": False})


class DecisionFilter(filters.FilterSet):
    video = filters.ModelChoiceFilter(queryset=accessible(access_videos))
    title = filters.ModelChoiceFilter(field_name="video__title", queryset=accessible(access_titles))
    frame_index = filters.NumberFilter(min_value=0, max_value=2**31 - 1)
    user = filters.CharFilter(field_name="user__username", help_text="Who decided, by user name.")
    verdict = filters.MultipleChoiceFilter(choices=VERDICTS, method="with_verdict")
    created = filters.IsoDateTimeFromToRangeFilter(field_name="created_at")
    ordering = filters.OrderingFilter(fields=["id", "created_at"])

    class Meta:
        model = Decision
        fields: list[str] = []

    def with_verdict(self, decisions: QuerySet[Decision], name: str, value: list[str]) -> QuerySet[Decision]:
        return decisions.filter(verdict__in=["" if verdict == "none" else verdict for verdict in value])
