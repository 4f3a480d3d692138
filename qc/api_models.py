"""REST API of the pixel network's versions and of the runs that train them."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from ava.api_errors import CONFLICT, Conflict
from ava.model_trainings import CannotTrain
from qc.model_versions import NotReleasable, use_model
from qc.models import PixelModel, PixelTraining
from qc.pixel.model_file import UnfitModel
from qc.selectors import access_pixel_models, access_pixel_trainings
from qc.training_runs import MOST_STEPS, cancel_training, retry_training, start_training


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


class PixelTrainingSerializer(serializers.ModelSerializer[PixelTraining]):
    created_by = serializers.CharField(source="created_by.username", read_only=True, default=None, allow_null=True)
    settings = serializers.JSONField(
        source="settings.train", read_only=True, default=dict, help_text="Seed, steps, rates."
    )
    curve = serializers.JSONField(read_only=True, help_text="[[step, loss, held-out loss or null], …]")
    examples = serializers.JSONField(read_only=True, help_text="What it learns from, counted.")

    class Meta:
        model = PixelTraining
        fields = [
            "id", "state", "parent", "result", "settings", "examples", "steps_done", "steps_total", "curve", "error",
            "created_by", "created_at", "started_at", "finished_at",
        ]  # fmt: skip
        read_only_fields = fields


class StartTrainingSerializer(serializers.Serializer[Any]):
    steps = serializers.IntegerField(min_value=1, max_value=MOST_STEPS, required=False, allow_null=True)
    seed = serializers.IntegerField(min_value=0, max_value=2**31 - 1, required=False, allow_null=True)


class PixelModelViewSet(ReadOnlyModelViewSet[PixelModel]):
    """Versions of the network that finds hot pixels, for administrators; newest first."""

    queryset = PixelModel.objects.none()
    serializer_class = PixelModelSerializer
    filterset_fields = ["is_active", "is_shipped"]

    def get_queryset(self) -> QuerySet[PixelModel]:
        return access_pixel_models(self.request.user).select_related("created_by")

    @extend_schema(request=None, responses={200: PixelModelSerializer, 409: CONFLICT}, filters=False)
    @action(detail=True, methods=["post"])
    def use(self, request: Request, pk: str) -> Response:
        """Have new scans use this version; refused while it finds fewer errors than its parent. Superusers only."""
        model = self.get_object()
        _require_superuser(request, action="switch pixel models")
        try:
            use_model(model, user=request.user)
        except NotReleasable as error:
            raise Conflict(str(error)) from error
        return Response(PixelModelSerializer(get_object_or_404(self.get_queryset(), pk=model.pk)).data)


class PixelTrainingViewSet(ReadOnlyModelViewSet[PixelTraining]):
    """Runs that train the next version on what reviewers said, for administrators; newest first."""

    queryset = PixelTraining.objects.none()
    serializer_class = PixelTrainingSerializer
    filterset_fields = ["state"]

    def get_queryset(self) -> QuerySet[PixelTraining]:
        return access_pixel_trainings(self.request.user).select_related("created_by")

    @extend_schema(
        request=StartTrainingSerializer, responses={201: PixelTrainingSerializer, 409: CONFLICT}, filters=False
    )
    def create(self, request: Request) -> Response:
        """Train the next version from the one in use; while a run is at it, that one is given. Superusers only."""
        _require_superuser(request, action="train pixel models")
        form = StartTrainingSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        try:
            run = start_training(
                request.user, steps=form.validated_data.get("steps"), seed=form.validated_data.get("seed")
            )
        except (CannotTrain, UnfitModel) as error:
            raise Conflict(str(error)) from error
        return Response(PixelTrainingSerializer(run).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={200: PixelTrainingSerializer, 409: CONFLICT}, filters=False)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Stop a run that waits or trains; its checkpoint stays for another try. Superusers only."""
        return self._change(request, cancel_training, wish="cancel trainings")

    @extend_schema(request=None, responses={200: PixelTrainingSerializer, 409: CONFLICT}, filters=False)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Go on with a run that failed or was cancelled. Superusers only."""
        return self._change(request, retry_training, wish="try trainings again")

    def _change(self, request: Request, change: Any, *, wish: str) -> Response:
        run = self.get_object()
        _require_superuser(request, action=wish)
        try:
            change(run)
        except CannotTrain as error:
            raise Conflict(str(error)) from error
        return Response(PixelTrainingSerializer(get_object_or_404(self.get_queryset(), pk=run.pk)).data)


def _require_superuser(request: Request, *, action: str) -> None:
    if not request.user.is_superuser:
        raise PermissionDenied(f"Only people who run this installation may {action}.")
