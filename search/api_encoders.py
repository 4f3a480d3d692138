"""REST API of encoders and of the runs that train them."""

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
from search.contrastive_runs import VARIANTS, cancel_training, retry_training, start_training
from search.encoder_versions import NotReleasable, release, withdraw
from search.models import ContrastiveTraining, Encoder
from search.selectors import access_contrastive_trainings, access_encoders


class EncoderSerializer(serializers.ModelSerializer[Encoder]):
    created_by = serializers.CharField(source="created_by.username", read_only=True, default=None, allow_null=True)
    recipe = serializers.JSONField(read_only=True, help_text="What made it: files, or parent, settings and data.")
    measures = serializers.JSONField(
        read_only=True,
        help_text="Of trained ones, on held-out pairs: `own` and `parent` with r1, r5, r10 and median_rank of both "
        "directions; `is_fit` and `verdict`.",
    )

    class Meta:
        model = Encoder
        fields = [
            "id", "name", "version", "kind", "dimension", "parent", "is_wanted", "is_serving", "recipe", "measures",
            "created_by", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class ContrastiveTrainingSerializer(TrainingSerializer):
    variant = serializers.CharField(source="settings.variant", read_only=True, default="")
    counts = serializers.JSONField(
        source="settings.counts", read_only=True, default=dict, help_text="Pairs learnt, pairs held out, films."
    )
    curve = serializers.JSONField(read_only=True, help_text="[[step, loss, held-out R@5 or null], …]")

    class Meta:
        model = ContrastiveTraining
        fields = [
            "id", "state", "parent", "result", "variant", "settings", "counts", "steps_done", "steps_total", "curve",
            "error", "created_by", "created_at", "started_at", "finished_at",
        ]  # fmt: skip
        read_only_fields = fields


class StartEncoderTrainingSerializer(StartTrainingSerializer):
    parent = serializers.PrimaryKeyRelatedField(queryset=Encoder.objects.defer("weights"))
    variant = serializers.ChoiceField(choices=VARIANTS, default=VARIANTS[0])


class EncoderViewSet(VersionViewSet):
    """Encoders and their versions, for administrators."""

    queryset = Encoder.objects.none()
    serializer_class = EncoderSerializer
    filterset_fields = ["is_serving", "is_wanted", "kind", "name"]
    trained = "encoders"
    refused = NotReleasable

    def get_queryset(self) -> QuerySet[Encoder]:
        return access_encoders(self.request.user).select_related("created_by")

    @extend_schema(request=None, responses={200: EncoderSerializer, 409: CONFLICT}, filters=False)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: str) -> Response:
        """Have searches use this version as soon as every shot has a vector of it; also goes back to one.
        Superusers only."""
        return self.switch(request, release)

    @extend_schema(request=None, responses={200: EncoderSerializer, 409: CONFLICT}, filters=False)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Have searches do without this encoder, or give up its release. Superusers only."""
        return self.switch(request, withdraw)


@document_trainings(
    starting="Train the next version from an encoder; while a run is at work, that one is given. Superusers only."
)
class ContrastiveTrainingViewSet(TrainingViewSet):
    """Runs that train the next version of an encoder on people's labels, for administrators; newest first."""

    queryset = ContrastiveTraining.objects.none()
    serializer_class = ContrastiveTrainingSerializer
    start_serializer = StartEncoderTrainingSerializer
    trained = "encoders"
    cancel_run = staticmethod(cancel_training)
    retry_run = staticmethod(retry_training)

    def get_queryset(self) -> QuerySet[ContrastiveTraining]:
        return access_contrastive_trainings(self.request.user).select_related("created_by")

    def start_run(self, request: Request, **wanted: Any) -> ContrastiveTraining:
        return start_training(request.user, **wanted)
