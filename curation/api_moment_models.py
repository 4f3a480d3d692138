"""REST API of rankers of moments and of the runs that train them."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ava.api_errors import CONFLICT
from ava.api_trainings import (
    StartTrainingSerializer,
    TrainingSerializer,
    TrainingViewSet,
    VersionViewSet,
    document_trainings,
)
from ava.models import User
from curation.models import MomentRanker, MomentTraining
from curation.moment_runs import cancel_training, retry_training, start_training
from curation.moment_versions import NotReleasable, use_ranker
from curation.selectors import access_moment_rankers, access_moment_trainings

_MEASURED = ("titles", "top_ten", "top_used", "is_fit", "verdict")


class MomentRankerSerializer(serializers.ModelSerializer[MomentRanker]):
    created_by = serializers.CharField(source="created_by.username", read_only=True, default=None, allow_null=True)
    measures = serializers.SerializerMethodField(
        help_text="Means over titles left out: `top_ten` and `top_used` by method, the shares, 0–1, of the best ten "
        "shots and of as many as trailers use that are in them; `titles`, `is_fit` and `verdict`."
    )

    class Meta:
        model = MomentRanker
        fields = ["id", "version", "sha256", "space", "parent", "is_active", "measures", "created_by", "created_at"]
        read_only_fields = fields

    def get_measures(self, ranker: MomentRanker) -> dict[str, Any]:
        """Nothing of single titles: they may be those of other teams."""
        return {name: ranker.measures[name] for name in _MEASURED if name in ranker.measures}


class MomentTrainingSerializer(TrainingSerializer):
    curve = serializers.JSONField(
        read_only=True, help_text="[[step, loss, share of the best ten of titles left out so far, or null], …]"
    )
    counts = serializers.JSONField(
        source="settings.counts", read_only=True, default=dict, help_text="Titles, films, shots, shots in trailers."
    )

    class Meta:
        model = MomentTraining
        fields = [
            "id", "state", "parent", "result", "settings", "counts", "steps_done", "steps_total", "curve", "error",
            "created_by", "created_at", "started_at", "finished_at",
        ]  # fmt: skip
        read_only_fields = fields


class MomentRankerViewSet(VersionViewSet):
    """Versions of the network that ranks a film's shots as moments, for administrators; newest first."""

    queryset = MomentRanker.objects.none()
    serializer_class = MomentRankerSerializer
    filterset_fields = ["is_active"]
    trained = "rankers of moments"
    refused = NotReleasable

    def get_queryset(self) -> QuerySet[MomentRanker]:
        return access_moment_rankers(self.request.user).select_related("created_by")

    @extend_schema(request=None, responses={200: MomentRankerSerializer, 409: CONFLICT}, filters=False)
    @action(detail=True, methods=["post"])
    def use(self, request: Request, pk: str) -> Response:
        """Rank the moments of every film with this version; refused while it ranks worse than the prior.
        Superusers only."""
        return self.switch(request, use_ranker)

    @extend_schema(request=None, responses={200: MomentRankerSerializer, 409: CONFLICT}, filters=False)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Go back to the prior; refused for a version that is not in use. Superusers only."""
        return self.switch(request, _withdraw)


def _withdraw(ranker: MomentRanker, *, user: User) -> None:
    if not ranker.is_active:
        raise NotReleasable(f"Version {ranker.version} is not in use.")
    use_ranker(None, user=user)


@document_trainings(
    starting="Train the next version on films and their trailers; while a run is at work, that one is given. "
    "`steps` are those of each of its trainings. Superusers only."
)
class MomentTrainingViewSet(TrainingViewSet):
    """Runs that train the next ranker of moments, for administrators; newest first."""

    queryset = MomentTraining.objects.none()
    serializer_class = MomentTrainingSerializer
    start_serializer = StartTrainingSerializer
    trained = "rankers of moments"
    cancel_run = staticmethod(cancel_training)
    retry_run = staticmethod(retry_training)

    def get_queryset(self) -> QuerySet[MomentTraining]:
        return access_moment_trainings(self.request.user).select_related("created_by")

    def start_run(self, request: Request, **wanted: Any) -> MomentTraining:
        return start_training(request.user, **wanted)
