"""REST API of the pixel network's versions and of the runs that train them."""

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
from ava.model_trainings import CannotTrain
from qc.model_versions import NotReleasable, use_model
from qc.models import PixelModel, PixelTraining
from qc.pixel.model_file import UnfitModel
from qc.selectors import access_pixel_models, access_pixel_trainings
from qc.training_runs import cancel_training, retry_training, start_training


class PixelModelSerializer(serializers.ModelSerializer[PixelModel]):
    created_by = serializers.CharField(source="created_by.username", read_only=True, default=None, allow_null=True)
    recipe = serializers.JSONField(read_only=True, help_text="Command, seed, data and settings that made it.")
    measures = serializers.JSONField(
        read_only=True,
        help_text="On the held-out set: `own` and `parent` with recall by kind ([found, all]), false alarms, rejected "
        "places raised again; `is_fit` and `verdict`. Empty until a worker has measured it.",
    )

    class Meta:
        model = PixelModel
        fields = [
            "id", "version", "sha256", "parent", "is_shipped", "is_active", "recipe", "measures", "created_by",
            "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class PixelTrainingSerializer(TrainingSerializer):
    curve = serializers.JSONField(read_only=True, help_text="[[step, loss, held-out loss or null], …]")
    examples = serializers.JSONField(read_only=True, help_text="What it learns from, counted.")

    class Meta:
        model = PixelTraining
        fields = [
            "id", "state", "parent", "result", "settings", "examples", "steps_done", "steps_total", "curve", "error",
            "created_by", "created_at", "started_at", "finished_at",
        ]  # fmt: skip
        read_only_fields = fields


class PixelModelViewSet(VersionViewSet):
    """Versions of the network that finds hot pixels, for administrators; newest first."""

    queryset = PixelModel.objects.none()
    serializer_class = PixelModelSerializer
    filterset_fields = ["is_active", "is_shipped"]
    trained = "pixel models"
    refused = NotReleasable

    def get_queryset(self) -> QuerySet[PixelModel]:
        return access_pixel_models(self.request.user).select_related("created_by")

    @extend_schema(request=None, responses={200: PixelModelSerializer, 409: CONFLICT}, filters=False)
    @action(detail=True, methods=["post"])
    def use(self, request: Request, pk: str) -> Response:
        """Have new scans use this version; refused while it finds fewer errors than its parent. Superusers only."""
        return self.switch(request, use_model)


@document_trainings(
    starting="Train the next version from the one in use; while a run is at it, that one is given. Superusers only."
)
class PixelTrainingViewSet(TrainingViewSet):
    """Runs that train the next version on what reviewers said, for administrators; newest first."""

    queryset = PixelTraining.objects.none()
    serializer_class = PixelTrainingSerializer
    start_serializer = StartTrainingSerializer
    trained = "pixel models"
    refusals = (CannotTrain, UnfitModel)
    cancel_run = staticmethod(cancel_training)
    retry_run = staticmethod(retry_training)

    def get_queryset(self) -> QuerySet[PixelTraining]:
        return access_pixel_trainings(self.request.user).select_related("created_by")

    def start_run(self, request: Request, **wanted: Any) -> PixelTraining:
        return start_training(request.user, **wanted)
