"""REST API of comparisons, and of the ranking models that are learnt from them."""

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ReadOnlyModelViewSet

from ava.api_fields import AccessField
from ava.api_filters import accessible
from ava.models import Video
from ava.roles import require_editor
from ava.selectors import access_teams, access_titles, access_videos, packed_fields
from curation.comparisons import MOST_AT_ONCE, MOST_PURPOSE, InvalidComparison, compare
from curation.models import Comparison, RankingModel
from curation.selectors import access_comparisons, access_ranking_models


class ComparisonSerializer(serializers.ModelSerializer[Comparison]):
    title = serializers.IntegerField(source="video.title_id", read_only=True)
    user = serializers.CharField(source="user.username", read_only=True)

    class Meta:
        model = Comparison
        fields = ["id", "video", "title", "better_frame", "worse_frame", "purpose", "user", "stands", "created_at"]
        read_only_fields = fields


class CompareSerializer(serializers.Serializer[Any]):
    """Which frame is better than which others, all of them having been before somebody's eyes."""

    video = AccessField(access=access_videos, model=Video)
    better_frame = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    worse_frames = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=2**31 - 1), min_length=1, max_length=MOST_AT_ONCE
    )
    purpose = serializers.CharField(max_length=MOST_PURPOSE, required=False, allow_blank=True, default="")


class ComparisonFilter(filters.FilterSet):
    video = filters.ModelChoiceFilter(queryset=accessible(access_videos))
    title = filters.ModelChoiceFilter(field_name="video__title", queryset=accessible(access_titles))
    ordering = filters.OrderingFilter(fields=["id", "created_at"])

    class Meta:
        model = Comparison
        fields = ["stands"]


class ComparisonViewSet(ReadOnlyModelViewSet[Comparison]):
    """Which of two stills somebody found better, newest first; `stands` is false for what was taken back."""

    queryset = Comparison.objects.none()
    serializer_class = ComparisonSerializer
    filterset_class = ComparisonFilter

    def get_queryset(self) -> QuerySet[Comparison]:
        compared = access_comparisons(self.request.user).select_related("user", "video")
        return compared.defer(*packed_fields("video__")).order_by("-id")

    @extend_schema(request=CompareSerializer, responses={201: ComparisonSerializer(many=True)}, filters=False)
    def create(self, request: Request) -> Response:
        """Say that a frame is better than one or more others: a comparison each."""
        form = CompareSerializer(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        given = form.validated_data
        require_editor(request.user, title_id=given["video"].title_id, action="compare its stills")
        try:
            said = compare(
                given["video"],
                better=given["better_frame"],
                worse=given["worse_frames"],
                user=request.user,
                purpose=given["purpose"],
            )
        except InvalidComparison as error:
            raise ValidationError(str(error)) from error
        return Response(ComparisonSerializer(said, many=True).data, status=status.HTTP_201_CREATED)


class ScoreSerializer(serializers.Serializer[Any]):
    auc = serializers.FloatField(allow_null=True, help_text="Share of pairs in order, 0–1.")
    ndcg = serializers.FloatField(allow_null=True, help_text="NDCG@10, 0–1.")


class HeldBackScoresSerializer(serializers.Serializer[Any]):
    model = ScoreSerializer()
    weights = ScoreSerializer()
    pairs = serializers.IntegerField()


class MeasuresSerializer(serializers.Serializer[Any]):
    """The model's and the current weights' figures on the same stills, which neither was trained on."""

    model = ScoreSerializer(many=True, required=False, help_text="Fold by fold.")
    weights = ScoreSerializer(many=True, required=False)
    divided_by = serializers.ChoiceField(choices=["films", "shots"], required=False)
    held_back = HeldBackScoresSerializer(required=False, help_text="On what is held back for good.")
    is_better = serializers.BooleanField(required=False)
    verdict = serializers.CharField(required=False)


class EffectSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    label = serializers.CharField()
    effect = serializers.FloatField(help_text="Change of the probability to be preferred, from little to much of it.")
    is_bent = serializers.BooleanField(help_text="The middle is liked best, or least.")
    words = serializers.CharField()
    curve = serializers.ListField(child=serializers.FloatField())


class RankingModelSerializer(serializers.ModelSerializer[RankingModel]):
    measures = MeasuresSerializer(read_only=True)
    effects = EffectSerializer(many=True, read_only=True)
    created_by = serializers.CharField(source="created_by.username", read_only=True, default=None, allow_null=True)

    class Meta:
        model = RankingModel
        fields = [
            "id", "team", "version", "is_active", "pairs", "stills", "films", "measures", "effects", "created_by",
            "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class RankingModelFilter(filters.FilterSet):
    team = filters.ModelChoiceFilter(queryset=accessible(access_teams))

    class Meta:
        model = RankingModel
        fields = ["is_active"]


class RankingModelViewSet(mixins.ListModelMixin, GenericViewSet[RankingModel]):
    """The versions of your teams' ranking models, with what they learnt and how well they do."""

    queryset = RankingModel.objects.none()
    serializer_class = RankingModelSerializer
    filterset_class = RankingModelFilter

    def get_queryset(self) -> QuerySet[RankingModel]:
        models = access_ranking_models(self.request.user).select_related("created_by").defer("weights")
        return models.order_by("team_id", "-version")
