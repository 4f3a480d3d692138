"""REST API of the order of stills, of what is held back, and of the weightings that teams keep."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ViewSet

from ava.api_fields import AccessField
from ava.models import Team, Title, Video
from ava.roles import require_editor
from ava.selectors import EDITING_ROLES, access_teams, access_titles, access_videos
from curation.board_order import order_board, part_percentages
from curation.held_back import held_back
from curation.maturity_overrides import MOST_REASON, InvalidOverride, say_maturity
from curation.models import MaturityOverride, RankingProfile
from curation.pages import choose_video
from curation.ranking_profiles import MOST_NAME, InvalidProfile, delete_profile, save_profile
from curation.selectors import access_ranking_profiles
from curation.stills.maturity import KINDS
from curation.stills.parts import FRAME_PARTS
from curation.stills.table import VECTOR_NAMES, VECTOR_WEIGHTS
from curation.stills.weighting import Weighting
from curation.weighting_query import MOST_VECTOR_WEIGHT, WHOLE, read_weighting

MOST_ORDERED = 1000


class _WeightsField(serializers.DictField):
    """Names → weights; only known names are kept, and numbers that are none refused."""

    def __init__(self, *, names: tuple[str, ...], most: float, **kwargs: Any) -> None:
        self._names = names
        super().__init__(child=serializers.FloatField(min_value=0, max_value=most), **kwargs)

    def to_internal_value(self, data: Any) -> dict[str, float]:
        given = super().to_internal_value(data)
        unknown = sorted(set(given) - set(self._names))
        if unknown:
            raise ValidationError(f"There is no {unknown[0][:60]!r}; choose of {', '.join(self._names)}.")
        return dict(given)


class RankingProfileSerializer(serializers.ModelSerializer[RankingProfile]):
    team = AccessField(access=access_teams, model=Team, help_text="Whose weighting it is.")
    name = serializers.CharField(max_length=MOST_NAME, help_text="The purpose; the one of this name is replaced.")
    weights = _WeightsField(names=FRAME_PARTS, most=WHOLE, help_text="Part of the score → weight, of any sum.")
    variety = serializers.FloatField(min_value=0, max_value=1, help_text="0: by quality alone; 1: as varied as can be.")
    vector_weights = _WeightsField(
        names=VECTOR_NAMES, most=MOST_VECTOR_WEIGHT, required=False, help_text="Respect of difference → weight."
    )
    updated_by = serializers.CharField(source="updated_by.username", read_only=True, default=None, allow_null=True)

    class Meta:
        model = RankingProfile
        fields = [
            "id", "team", "name", "weights", "variety", "vector_weights", "is_default", "updated_by", "updated_at",
        ]  # fmt: skip
        read_only_fields = ["updated_at"]
        validators: list[Any] = []  # one of the same name is replaced


class RankingProfileViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, GenericViewSet[RankingProfile]
):
    """Weightings that your teams keep for their purposes. Editors and administrators write."""

    queryset = RankingProfile.objects.none()
    serializer_class = RankingProfileSerializer

    def get_queryset(self) -> QuerySet[RankingProfile]:
        return access_ranking_profiles(self.request.user).select_related("updated_by").order_by("team_id", "name", "id")

    def create(self, request: Request) -> Response:
        """Keep a weighting; the team's one of that name is replaced."""
        form = self.get_serializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        self._require_editor(given["team"])
        weighting = Weighting(
            given["name"], given["weights"], given["variety"], dict(VECTOR_WEIGHTS) | given.get("vector_weights", {})
        )
        try:
            profile = save_profile(
                given["team"],
                name=given["name"],
                weighting=weighting,
                user=request.user,
                is_default=given.get("is_default", False),
            )
        except InvalidProfile as error:
            raise ValidationError({"non_field_errors": [str(error)]}) from error
        return Response(self.get_serializer(profile).data, status=status.HTTP_201_CREATED)

    def perform_destroy(self, instance: RankingProfile) -> None:
        self._require_editor(instance.team)
        delete_profile(instance)

    def _require_editor(self, team: Team) -> None:
        if not access_teams(self.request.user, roles=EDITING_ROLES).filter(pk=team.pk).exists():
            raise PermissionDenied("Only editors and administrators of this team may keep its weightings.")


class OrderQuerySerializer(serializers.Serializer[Any]):
    video = AccessField(access=access_videos, model=Video, required=False, help_text="The newest with stills without.")
    purpose = serializers.CharField(required=False, max_length=MOST_NAME, help_text="Built-in, or a team's own.")
    variety = serializers.FloatField(required=False, min_value=0, max_value=1)
    limit = serializers.IntegerField(required=False, default=100, min_value=1, max_value=MOST_ORDERED)


class OrderedStillSerializer(serializers.Serializer[Any]):
    rank = serializers.IntegerField()
    frame_index = serializers.IntegerField()
    score = serializers.FloatField(help_text="0–1, never rising.")
    explanation = serializers.DictField(child=serializers.FloatField(), help_text="Part of the score → 0–1.")


class OrderSerializer(serializers.Serializer[Any]):
    """The best stills of a film under a weighting."""

    video = serializers.IntegerField()
    purpose = serializers.CharField()
    percent = serializers.DictField(child=serializers.FloatField(), help_text="What each part can give, together 100.")
    count = serializers.IntegerField(help_text="Stills altogether.")
    stills = OrderedStillSerializer(many=True)


class KindSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=KINDS)
    probability = serializers.FloatField(allow_null=True)
    kept = serializers.FloatField(help_text="Share of the score that is kept, 0–1.")
    verdict = serializers.ChoiceField(choices=MaturityOverride.Verdict.choices, help_text="What an editor said.")


class HeldStillSerializer(serializers.Serializer[Any]):
    frame_index = serializers.IntegerField()
    timecode = serializers.CharField()
    kept = serializers.FloatField()
    rank = serializers.IntegerField()
    rank_without = serializers.IntegerField(help_text="If everything were allowed.")
    score = serializers.FloatField()
    score_without = serializers.FloatField()
    kinds = KindSerializer(many=True)


class HeldBackSerializer(serializers.Serializer[Any]):
    """Stills whose score is cut, the most first, and those whose cut somebody lifted."""

    count = serializers.IntegerField()
    of = serializers.IntegerField()
    stills = HeldStillSerializer(many=True)
    allowed = HeldStillSerializer(many=True)


class SayMaturitySerializer(serializers.Serializer[Any]):
    video = AccessField(access=access_videos, model=Video, help_text="One of the title's films.")
    frame_index = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    kind = serializers.ChoiceField(choices=KINDS)
    verdict = serializers.ChoiceField(
        choices=MaturityOverride.Verdict.choices, allow_blank=True, help_text="Empty: what was measured holds again."
    )
    reason = serializers.CharField(max_length=MOST_REASON, required=False, allow_blank=True, default="")


class OverrideSerializer(serializers.ModelSerializer[MaturityOverride]):
    user = serializers.CharField(source="user.username", read_only=True)

    class Meta:
        model = MaturityOverride
        fields = ["id", "video", "frame_index", "kind", "verdict", "reason", "user", "created_at"]
        read_only_fields = fields


class TitleRankingViewSet(ViewSet):
    """The order of a title's stills, and what its maturity holds back."""

    @extend_schema(operation_id="titles_order_retrieve", parameters=[OrderQuerySerializer], responses=OrderSerializer)
    def order(self, request: Request, pk: int) -> Response:
        """The best stills of a film under a weighting; `w.PART`, 0–100, and `v.VECTOR`, 0–5, change single weights."""
        title, video, form = self._asked(request, pk)
        weighting = read_weighting(request.query_params, user=request.user, title=title)
        ordered = order_board(video, weighting)
        best = range(min(form["limit"], len(ordered.frames)))
        stills = [
            {
                "rank": place + 1,
                "frame_index": int(ordered.frames[place]),
                "score": float(ordered.scores[place]),
                "explanation": {part: float(values[place]) for part, values in ordered.explanation.items()},
            }
            for place in best
        ]
        told = {"video": video.pk, "purpose": weighting.name, "percent": part_percentages(weighting)}
        return Response(OrderSerializer({**told, "count": len(ordered.frames), "stills": stills}).data)

    @extend_schema(
        operation_id="titles_held_back_retrieve", parameters=[OrderQuerySerializer], responses=HeldBackSerializer
    )
    def held_back(self, request: Request, pk: int) -> Response:
        """Stills of a film that are held back for their maturity, and why."""
        title, video, _ = self._asked(request, pk)
        weighting = read_weighting(request.query_params, user=request.user, title=title)
        return Response(HeldBackSerializer(held_back(video, weighting)).data)

    @extend_schema(
        operation_id="titles_held_back_say", request=SayMaturitySerializer, responses={201: OverrideSerializer}
    )
    def say(self, request: Request, pk: int) -> Response:
        """Say that a frame is allowed or held back whatever was measured; nothing that was said before is lost."""
        title = self._title(request, pk)
        require_editor(request.user, title_id=title.pk, action="say what it may show")
        form = SayMaturitySerializer(data=request.data, context={"request": request})
        form.is_valid(raise_exception=True)
        given = dict(form.validated_data)
        video = given.pop("video")
        if video.title_id != title.pk:
            raise ValidationError({"video": ["This is no film of this title."]})
        try:
            override = say_maturity(video, user=request.user, **given)
        except InvalidOverride as error:
            raise ValidationError({"non_field_errors": [str(error)]}) from error
        return Response(OverrideSerializer(override).data, status=status.HTTP_201_CREATED)

    def _asked(self, request: Request, pk: int) -> tuple[Title, Video, dict[str, Any]]:
        title = self._title(request, pk)
        form = OrderQuerySerializer(data=request.query_params, context={"request": request})
        form.is_valid(raise_exception=True)
        given = form.validated_data.get("video")
        if given is not None and given.title_id != title.pk:
            raise ValidationError({"video": ["This is no film of this title."]})
        _, video = choose_video(title, video_id=str(given.pk) if given else "")
        if video is None:
            raise Http404
        return title, video, dict(form.validated_data)

    def _title(self, request: Request, pk: int) -> Title:
        return get_object_or_404(access_titles(request.user), pk=pk)
