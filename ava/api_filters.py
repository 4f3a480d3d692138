"""Filters of the API's lists. A filter that names an object knows only those the person asking may see."""

from collections.abc import Callable
from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from rest_framework.request import Request

from ava.models import Chunk, Job, Shot, Team, Title, User, Video
from ava.selectors import access_teams, access_titles, access_videos


def accessible(access: Callable[[User], QuerySet[Any]]) -> Callable[[Request], QuerySet[Any]]:
    """A filter's choices: what the person asking may see (nothing while the schema is written)."""

    def choices(request: Request | None) -> QuerySet[Any]:
        if request is None:
            return access(User()).none()
        return access(request.user)

    return choices


class TitleFilter(filters.FilterSet):
    search = filters.CharFilter(method="search_words", help_text="Words of the name, or the genre.")
    team = filters.ModelChoiceFilter(field_name="teams", queryset=accessible(access_teams))
    parent = filters.ModelChoiceFilter(queryset=accessible(access_titles))
    created = filters.IsoDateTimeFromToRangeFilter(field_name="created_at")
    ordering = filters.OrderingFilter(fields=["name", "created_at", "id"])

    class Meta:
        model = Title
        fields = ["kind", "genre", "content_format", "maturity_rating", "language"]

    def search_words(self, titles: QuerySet[Title], name: str, value: str) -> QuerySet[Title]:
        for word in value.split()[:10]:
            titles = titles.filter(Q(name__icontains=word) | Q(genre__icontains=word))
        return titles


class VideoFilter(filters.FilterSet):
    title = filters.ModelChoiceFilter(queryset=accessible(access_titles))
    sha256 = filters.CharFilter()
    name = filters.CharFilter(field_name="original_name", lookup_expr="icontains")
    created = filters.IsoDateTimeFromToRangeFilter(field_name="created_at")
    ordering = filters.OrderingFilter(fields=["created_at", "original_name", "duration_s", "size_bytes", "id"])

    class Meta:
        model = Video
        fields = ["codec"]


class JobFilter(filters.FilterSet):
    video = filters.ModelChoiceFilter(queryset=accessible(access_videos))
    title = filters.ModelChoiceFilter(field_name="video__title", queryset=accessible(access_titles))
    kind = filters.ChoiceFilter(choices=Job.Kind.choices)
    state = filters.MultipleChoiceFilter(choices=Job._meta.get_field("state").choices)
    created = filters.IsoDateTimeFromToRangeFilter(field_name="created_at")
    ordering = filters.OrderingFilter(fields=["created_at", "finished_at", "id"])

    class Meta:
        model = Job
        fields: list[str] = []


class ChunkFilter(filters.FilterSet):
    video = filters.ModelChoiceFilter(queryset=accessible(access_videos))
    state = filters.MultipleChoiceFilter(choices=Chunk._meta.get_field("state").choices)

    class Meta:
        model = Chunk
        fields: list[str] = []


class ShotFilter(filters.FilterSet):
    video = filters.ModelChoiceFilter(queryset=accessible(access_videos))
    title = filters.ModelChoiceFilter(field_name="video__title", queryset=accessible(access_titles))
    transition = filters.MultipleChoiceFilter(choices=Shot.Transition.choices)
    scale = filters.MultipleChoiceFilter(choices=Shot.Scale.choices)
    camera = filters.MultipleChoiceFilter(choices=Shot.Camera.choices)
    frame = filters.NumberFilter(method="containing_frame", help_text="Shots that contain this frame.")
    ordering = filters.OrderingFilter(fields=["start_frame", "id"])

    class Meta:
        model = Shot
        fields = ["provisional"]

    def containing_frame(self, shots: QuerySet[Shot], name: str, value: int) -> QuerySet[Shot]:
        return shots.filter(start_frame__lte=value, end_frame__gt=value)


class TeamFilter(filters.FilterSet):
    name = filters.CharFilter(lookup_expr="icontains")

    class Meta:
        model = Team
        fields: list[str] = []
