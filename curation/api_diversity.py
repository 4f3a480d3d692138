"""REST API of how varied a film's stills are: its clusters, and which of its elements picks lack."""

from typing import Any

import numpy as np
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from ava.api_fields import AccessField
from ava.models import Title, Video
from ava.selectors import access_titles, access_videos
from curation.cluster_pages import list_film_clusters, read_vector_weights
from curation.coverage_pages import compare_picks, gap_frames
from curation.models import PickList
from curation.pages import choose_video
from curation.selectors import access_pick_lists
from curation.stills.table import VECTOR_NAMES


class ClustersQuerySerializer(serializers.Serializer[Any]):
    video = AccessField(access=access_videos, model=Video, required=False, help_text="One of the title's films.")


class CoverageQuerySerializer(ClustersQuerySerializer):
    list = AccessField(
        access=access_pick_lists, model=PickList, required=False, help_text="A pick list, instead of all picks."
    )


class ClusterSerializer(serializers.Serializer[Any]):
    """Stills of a film that are alike."""

    number = serializers.IntegerField(help_text="From 1; 1 stands for the largest part of the film.")
    words = serializers.CharField(help_text="What is typical of them.")
    film_frames = serializers.IntegerField(help_text="Frames of the film that they stand for.")
    film_share = serializers.FloatField(help_text="The same as a part of the film, 0–1.")
    spread = serializers.FloatField(help_text="Root mean square distance from their middle, 0–1.")
    frames = serializers.ListField(
        child=serializers.IntegerField(), help_text="The representative first, then by quality."
    )


class ClustersSerializer(serializers.Serializer[Any]):
    video = serializers.IntegerField(allow_null=True)
    weights = serializers.DictField(child=serializers.FloatField())
    clusters = ClusterSerializer(many=True)


class ElementSerializer(serializers.Serializer[Any]):
    """One visual element: its shares 0–1 of the film, of its stills and of the picks."""

    vector = serializers.ChoiceField(choices=VECTOR_NAMES)
    key = serializers.CharField()
    label = serializers.CharField()
    film_share = serializers.FloatField()
    stills_share = serializers.FloatField()
    picks_share = serializers.FloatField(allow_null=True)
    pick_count = serializers.IntegerField()
    judgement = serializers.ChoiceField(choices=("missing", "under", "fair", "over"))


class GapSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    lack = serializers.CharField()
    frames = serializers.ListField(child=serializers.IntegerField(), help_text="The best stills that would fill it.")


class DiversitySerializer(serializers.Serializer[Any]):
    """How varied the picks are: worth how many stills that differ in every way, and how unlike two are, 0–1."""

    effective = serializers.FloatField()
    index = serializers.FloatField(allow_null=True)
    by_vector = serializers.DictField(child=serializers.FloatField(allow_null=True))


class CoverageSerializer(serializers.Serializer[Any]):
    video = serializers.IntegerField(allow_null=True)
    pick_count = serializers.IntegerField()
    sentences = serializers.ListField(child=serializers.CharField())
    diversity = DiversitySerializer(allow_null=True)
    elements = ElementSerializer(many=True)
    gaps = GapSerializer(many=True)


_WEIGHTS = [
    OpenApiParameter(f"v.{name}", OpenApiTypes.FLOAT, description=f"What the vector “{name}” weighs, 0–5.")
    for name in VECTOR_NAMES
]


class TitleDiversityViewSet(ViewSet):
    """How varied the stills and the picks of a title's film are; of the newest film with stills where none is named."""

    @extend_schema(
        operation_id="titles_clusters_retrieve",
        parameters=[ClustersQuerySerializer, *_WEIGHTS],
        responses=ClustersSerializer,
    )
    def clusters(self, request: Request, pk: int) -> Response:
        """The clusters of a film's stills."""
        form = ClustersQuerySerializer(data=request.query_params, context={"request": request})
        form.is_valid(raise_exception=True)
        video = _choose(request, pk, form)
        weights = read_vector_weights(request.query_params)
        clusters = list_film_clusters(video, weights=weights) if video else []
        return Response({"video": video.pk if video else None, "weights": weights, "clusters": clusters})

    @extend_schema(
        operation_id="titles_coverage_retrieve", parameters=[CoverageQuerySerializer], responses=CoverageSerializer
    )
    def coverage(self, request: Request, pk: int) -> Response:
        """Which elements of a film its picks lack or overdo."""
        form = CoverageQuerySerializer(data=request.query_params, context={"request": request})
        form.is_valid(raise_exception=True)
        video, chosen = _choose(request, pk, form), form.validated_data.get("list")
        if chosen is not None and (chosen.title_id != pk or chosen.is_deleted):
            raise serializers.ValidationError({"list": "This list is not one of the title's."})
        if video is None:
            nothing = {"pick_count": 0, "sentences": [], "diversity": None, "elements": [], "gaps": []}
            return Response({"video": None, **nothing})
        return Response({"video": video.pk, **_describe(video, chosen)})


def _choose(request: Request, pk: int, form: serializers.Serializer[Any]) -> Video | None:
    title: Title = get_object_or_404(access_titles(request.user), pk=pk)
    asked = form.validated_data.get("video")
    if asked is not None and asked.title_id != title.pk:
        raise serializers.ValidationError({"video": "This film is not one of the title's."})
    return choose_video(title, video_id=str(asked.pk) if asked else "")[1]


def _describe(video: Video, chosen: PickList | None) -> dict[str, Any]:
    found = compare_picks(video, pick_list=chosen)
    return {
        "pick_count": len(found.choice.rows),
        "sentences": found.sentences,
        "diversity": {
            "effective": found.diversity.effective,
            "index": _or_none(found.diversity.index),
            "by_vector": {name: _or_none(index) for name, index in found.diversity.by_vector.items()},
        },
        "elements": [
            {
                "vector": each.element.vector,
                "key": each.element.key,
                "label": each.element.label,
                "film_share": each.film_share,
                "stills_share": each.stills_share,
                "picks_share": _or_none(each.picks_share),
                "pick_count": each.pick_count,
                "judgement": each.verdict,
            }
            for each in found.coverage
        ],
        "gaps": [
            {"key": gap.element.key, "lack": gap.element.lack, "frames": frames} for gap, frames in gap_frames(found)
        ],
    }


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
