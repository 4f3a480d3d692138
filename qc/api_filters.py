"""Filters of pixel flags and of what was said of them."""

import django_filters as filters

from ava.api_filters import accessible
from ava.selectors import access_shots, access_titles, access_videos
from qc.models import PixelDecision, PixelFlag, Verdict
from qc.selectors import access_pixel_flags


class PixelFlagFilter(filters.FilterSet):
    title = filters.ModelChoiceFilter(field_name="video__title", queryset=accessible(access_titles))
    video = filters.ModelChoiceFilter(queryset=accessible(access_videos))
    shot = filters.ModelChoiceFilter(queryset=accessible(access_shots))
    kind = filters.MultipleChoiceFilter(choices=PixelFlag.Kind.choices)
    state = filters.MultipleChoiceFilter(choices=PixelFlag.State.choices)
    place = filters.NumberFilter(min_value=0, max_value=2**31 - 1, help_text="Number of a place on the title's sensor.")
    frame_index = filters.RangeFilter()
    confidence = filters.RangeFilter(help_text="0–1.")
    raised_by = filters.NumberFilter(
        field_name="raised_by__version", min_value=0, max_value=2**31 - 1, help_text="Version of the model."
    )
    ordering = filters.OrderingFilter(fields=["confidence", "frame_index", "place", "amplitude", "id"])

    class Meta:
        model = PixelFlag
        fields = ["is_current"]


class PixelDecisionFilter(filters.FilterSet):
    title = filters.ModelChoiceFilter(field_name="flag__video__title", queryset=accessible(access_titles))
    video = filters.ModelChoiceFilter(field_name="flag__video", queryset=accessible(access_videos))
    flag = filters.ModelChoiceFilter(queryset=accessible(access_pixel_flags))
    user = filters.CharFilter(field_name="user__username", help_text="Who said it, by user name.")
    verdict = filters.MultipleChoiceFilter(choices=Verdict.choices)
    scope = filters.MultipleChoiceFilter(choices=PixelDecision.Scope.choices)
    action = filters.UUIDFilter(help_text="All that was said in one go.")
    created = filters.IsoDateTimeFromToRangeFilter(field_name="created_at")
    ordering = filters.OrderingFilter(fields=["id", "created_at"])

    class Meta:
        model = PixelDecision
        fields = ["stands"]
