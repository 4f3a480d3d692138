"""REST API of what trailers take from films, and of what people say of it."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from ava.api_errors import CONFLICT, Conflict
from ava.api_fields import AccessField
from ava.models import Title, Video
from ava.roles import require_editor
from ava.selectors import access_titles, access_videos
from curation.models import TrailerVerdict
from curation.moments.trailer_passages import Reason
from curation.trailer_actions import UnknownPart, say_verdict
from curation.trailer_exports import describe_map
from curation.trailer_pages import read_rows, read_trailer_page, title_matchings

MOST_FRAMES = 2**31 - 1


class TrailerPartSerializer(serializers.Serializer[Any]):
    """Frames of a trailer and where in the film they are from; spans are half-open frames."""

    trailer_shot = serializers.IntegerField(allow_null=True)
    trailer_start_frame = serializers.IntegerField()
    trailer_end_frame = serializers.IntegerField()
    trailer_timecode = serializers.CharField()
    in_film = serializers.BooleanField(help_text="Found in the film, and nobody said that this is wrong.")
    film_shot = serializers.IntegerField(allow_null=True)
    film_start_frame = serializers.IntegerField(allow_null=True)
    film_end_frame = serializers.IntegerField(allow_null=True)
    film_timecode = serializers.CharField()
    first_frame = serializers.IntegerField(allow_null=True, help_text="What the first trailer frame shows.")
    speed = serializers.FloatField(allow_null=True, help_text="Film seconds a trailer second; negative: backwards.")
    mirrored = serializers.BooleanField()
    window = serializers.ListField(
        child=serializers.FloatField(), allow_null=True, help_text="Part of the film's picture, x0, y0, x1, y1 of 0–1."
    )
    confidence = serializers.FloatField(allow_null=True, help_text="0.5–1; null where only a person said it.")
    reason = serializers.ChoiceField(choices=["", *(each.value for each in Reason)], help_text="Why not in the film.")
    nearest_frame = serializers.IntegerField(allow_null=True, help_text="Of the film, where it is another take.")
    verdict = serializers.ChoiceField(choices=TrailerVerdict.Verdict.choices)
    said_by = serializers.CharField()


class TrailerMapSerializer(serializers.Serializer[Any]):
    """A trailer laid against a film."""

    film = serializers.IntegerField()
    trailer = serializers.IntegerField()
    made_at = serializers.DateTimeField(allow_null=True)
    belongs = serializers.BooleanField(help_text="Enough of it is in the film to be its trailer.")
    share_unit = serializers.FloatField(help_text="Of its pictures, how much is in the film, 0–1.")
    error = serializers.CharField()
    parts = TrailerPartSerializer(many=True)


class TrailerSayingSerializer(serializers.Serializer[Any]):
    """A word about one match, named by the frames at which it begins."""

    film = AccessField(access=access_videos, model=Video)
    trailer = AccessField(access=access_videos, model=Video)
    trailer_start_frame = serializers.IntegerField(min_value=0, max_value=MOST_FRAMES)
    film_start_frame = serializers.IntegerField(min_value=0, max_value=MOST_FRAMES)
    verdict = serializers.ChoiceField(choices=TrailerVerdict.Verdict.choices, help_text="Empty takes it back.")


class TitleTrailerViewSet(ViewSet):
    """What a title's trailers take from it; the first matched pair where none is named."""

    @extend_schema(
        operation_id="titles_trailer_retrieve",
        parameters=[
            OpenApiParameter("film", int, description="One of the title's films."),
            OpenApiParameter("trailer", int, description="A film of one of its trailers."),
        ],
        responses=TrailerMapSerializer,
    )
    def show(self, request: Request, pk: int) -> Response:
        """Every part of a trailer, and where in the film it is from."""
        title: Title = get_object_or_404(access_titles(request.user), pk=pk)
        page = read_trailer_page(title, query=request.query_params, user=request.user)
        if page.matching is None:
            raise Http404("No trailer of this title is matched with it yet.")
        return Response(TrailerMapSerializer(describe_map(page.matching, page.rows)).data)

    @extend_schema(
        operation_id="titles_trailer_say", request=TrailerSayingSerializer,
        responses={200: TrailerMapSerializer, 409: CONFLICT},
    )  # fmt: skip
    def say(self, request: Request, pk: int) -> Response:
        """Say that a match is right or wrong, or take that back; answers with the map."""
        title: Title = get_object_or_404(access_titles(request.user), pk=pk)
        form = TrailerSayingSerializer(data=request.data, context={"request": request})
        form.is_valid(raise_exception=True)
        said = form.validated_data
        rows = title_matchings(title, user=request.user).select_related("film__title", "trailer")
        matching = rows.filter(film=said["film"], trailer=said["trailer"]).first()
        if matching is None:
            raise ValidationError({"trailer": ["This trailer of the title is not matched with this film."]})
        require_editor(request.user, title_id=matching.film.title_id, action="judge what a trailer takes from it")
        try:
            say_verdict(
                matching,
                trailer_start=said["trailer_start_frame"],
                film_start=said["film_start_frame"],
                verdict=said["verdict"],
                user=request.user,
            )
        except UnknownPart as error:
            raise Conflict(str(error)) from error
        return Response(TrailerMapSerializer(describe_map(matching, read_rows(matching))).data)
