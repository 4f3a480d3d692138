"""REST API of a film's moments: its shots ranked for a trailer, and why."""

from typing import Any

from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from ava.api_fields import AccessField
from ava.models import Shot, Title, Video
from ava.selectors import access_titles, access_videos
from curation.moment_cards import RankedFilm, make_cards
from curation.moment_pages import rank_film
from curation.moment_query import (
    DEFAULT_SPOILER,
    DEFAULT_VARIETY,
    MOST_SPOILER,
    InvalidMoments,
    MomentsQuery,
    read_moments_query,
)
from curation.moments.shot_features import FEATURES
from curation.pages import choose_video

USUAL_LIMIT, MOST_LIMIT = 100, 5000


class MomentsQuerySerializer(serializers.Serializer[Any]):
    video = AccessField(access=access_videos, model=Video, required=False, help_text="One of the title's films.")
    limit = serializers.IntegerField(min_value=0, max_value=MOST_LIMIT, default=USUAL_LIMIT)


class MomentSerializer(serializers.Serializer[Any]):
    """One shot; its span is half-open frames."""

    place = serializers.IntegerField(help_text="From 1, after variety.")
    shot = serializers.IntegerField(help_text="Its index in the film, from 0.")
    start_frame = serializers.IntegerField()
    end_frame = serializers.IntegerField()
    start_timecode = serializers.CharField()
    score = serializers.FloatField(help_text="0–1, the rank within the film: not comparable between films.")
    reasons = serializers.ListField(child=serializers.CharField(), help_text="The weightiest, in words.")
    explanation = serializers.DictField(
        child=serializers.FloatField(), help_text="What each measure adds to the score; below 0: takes from it."
    )
    characters = serializers.ListField(child=serializers.IntegerField(), help_text="The longest on screen first.")
    scale = serializers.ChoiceField(choices=Shot.Scale.choices, allow_blank=True, help_text="Empty: not known.")
    trailers = serializers.ListField(child=serializers.IntegerField(), help_text="Trailers' videos that show it.")


class MomentsSerializer(serializers.Serializer[Any]):
    """A film's shots ranked as moments, best first."""

    video = serializers.IntegerField()
    how = serializers.CharField(help_text="Who ranked: the documented table, or a version that learnt from trailers.")
    ranker = serializers.IntegerField(allow_null=True, help_text="The version; null for the table.")
    missing = serializers.ListField(child=serializers.CharField(), help_text="What is not known of the film.")
    shot_count = serializers.IntegerField(help_text="All shots of the film.")
    count = serializers.IntegerField(help_text="Shots that are neither kept back nor filtered out.")
    guard_frame = serializers.IntegerField(
        allow_null=True, help_text="The first frame that is kept back; null for none."
    )
    moments = MomentSerializer(many=True)


class TitleMomentsViewSet(ViewSet):
    """The shots of a title's film that promise most for a trailer."""

    @extend_schema(
        operation_id="titles_moments_retrieve",
        parameters=[
            OpenApiParameter("video", int, description="One of the title's films."),
            OpenApiParameter("variety", int, description=f"0–100 percent, {DEFAULT_VARIETY} unless told."),
            OpenApiParameter(
                "spoiler", int,
                description=f"Percent of the film's end kept back, 0–{MOST_SPOILER}, {DEFAULT_SPOILER} unless told.",
            ),
            OpenApiParameter("characters", OpenApiTypes.INT, many=True, description="Shots of any of these."),
            OpenApiParameter("scale", enum=Shot.Scale.values, many=True, description="Shots of any of these."),
            OpenApiParameter("unused", bool, description="Leave out what a trailer shows already."),
            OpenApiParameter("limit", int, description=f"At most so many, {USUAL_LIMIT} unless told."),
        ],
        responses=MomentsSerializer,
    )  # fmt: skip
    def show(self, request: Request, pk: int) -> Response:
        """A film's shots in the order of the moments page; 404 before the film is analysed."""
        title: Title = get_object_or_404(access_titles(request.user), pk=pk)
        form = MomentsQuerySerializer(data=request.query_params, context={"request": request})
        form.is_valid(raise_exception=True)
        query = _read_query(request.query_params)
        video = _video(title, form.validated_data.get("video"))
        film = rank_film(video, query=query, user=request.user)
        if film is None:
            raise Http404("The film has no shots yet: it has to be analysed first.")
        return Response(MomentsSerializer(_describe(film, query=query, limit=form.validated_data["limit"])).data)


def _read_query(fields: QueryDict) -> MomentsQuery:
    """The same as pages read; programs also write "false" where nothing is meant."""
    fields = fields.copy()
    if fields.get("unused", "").lower() == "false":
        del fields["unused"]
    try:
        return read_moments_query(fields)
    except InvalidMoments as error:
        raise ValidationError({"detail": str(error)}) from error


def _video(title: Title, asked: Video | None) -> Video:
    video = choose_video(title, video_id=str(asked.pk) if asked else "")[1]
    if video is None:
        raise Http404("The title has no film yet.")
    if asked is not None and asked.pk != video.pk:
        raise ValidationError({"video": ["It is no film of this title."]})
    return video


def _describe(film: RankedFilm, *, query: MomentsQuery, limit: int) -> dict[str, Any]:
    moments, ranked = film.moments, film.ranked
    cards = make_cards(film, ranked.order[:limit].tolist(), query=query)
    return {
        "video": film.video.pk,
        "how": moments.how,
        "ranker": moments.model.version if moments.model else None,
        "missing": moments.missing,
        "shot_count": film.shot_count,
        "count": len(ranked.order),
        "guard_frame": ranked.guard_frame if ranked.guard_frame < film.info.frame_count else None,
        "moments": [
            {
                "place": card.place,
                "shot": card.index,
                "start_frame": card.start_frame,
                "end_frame": card.end_frame,
                "start_timecode": card.timecode,
                "score": round(float(moments.scores.score_unit[card.index]), 4),
                "reasons": list(card.reasons),
                "explanation": {
                    feature.name: round(weight, 5)
                    for feature, weight in zip(FEATURES, moments.scores.contributions[card.index].tolist(), strict=True)
                    if weight
                },
                "characters": list(ranked.characters[card.index]),
                "scale": ranked.scales[card.index],
                "trailers": sorted({use.trailer_id for use in film.uses[card.index]}),
            }
            for card in cards
        ],
    }
