"""REST API of encoders and of the runs that train them."""

from collections.abc import Callable
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
from search.contrastive_runs import MOST_STEPS, VARIANTS, cancel_training, retry_training, start_training
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


class ContrastiveTrainingSerializer(serializers.ModelSerializer[ContrastiveTraining]):
    created_by = serializers.CharField(source="created_by.username", read_only=True, default=None, allow_null=True)
    variant = serializers.CharField(source="settings.variant", read_only=True, default="")
    settings = serializers.JSONField(
        source="settings.train", read_only=True, default=dict, help_text="Seed, steps, rates."
    )
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


class StartEncoderTrainingSerializer(serializers.Serializer[Any]):
    parent = serializers.PrimaryKeyRelatedField(queryset=Encoder.objects.defer("weights"))
    variant = serializers.ChoiceField(choices=VARIANTS, default=VARIANTS[0])
    steps = serializers.IntegerField(min_value=1, max_value=MOST_STEPS, required=False, allow_null=True)
    seed = serializers.IntegerField(min_value=0, max_value=2**31 - 1, required=False, allow_null=True)


class EncoderViewSet(ReadOnlyModelViewSet[Encoder]):
    """Encoders and their versions, for administrators."""

    queryset = Encoder.objects.none()
    serializer_class = EncoderSerializer
    filterset_fields = ["is_serving", "is_wanted", "kind", "name"]

    def get_queryset(self) -> QuerySet[Encoder]:
        return access_encoders(self.request.user).select_related("created_by")

    @extend_schema(request=None, responses={200: EncoderSerializer, 409: CONFLICT}, filters=False)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: str) -> Response:
        """Have searches use this version as soon as every shot has a vector of it; also goes back to one.
        Superusers only."""
        return self._change(request, release)

    @extend_schema(request=None, responses={200: EncoderSerializer, 409: CONFLICT}, filters=False)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Have searches do without this encoder, or give up its release. Superusers only."""
        return self._change(request, withdraw)

    def _change(self, request: Request, change: Callable[..., object]) -> Response:
        encoder = self.get_object()
        _require_superuser(request, action="switch encoders")
        try:
            change(encoder, user=request.user)
        except NotReleasable as error:
            raise Conflict(str(error)) from error
        return Response(EncoderSerializer(get_object_or_404(self.get_queryset(), pk=encoder.pk)).data)


class ContrastiveTrainingViewSet(ReadOnlyModelViewSet[ContrastiveTraining]):
    """Runs that train the next version of an encoder on people's labels, for administrators; newest first."""

    queryset = ContrastiveTraining.objects.none()
    serializer_class = ContrastiveTrainingSerializer
    filterset_fields = ["state"]

    def get_queryset(self) -> QuerySet[ContrastiveTraining]:
        return access_contrastive_trainings(self.request.user).select_related("created_by")

    @extend_schema(
        request=StartEncoderTrainingSerializer, responses={201: ContrastiveTrainingSerializer, 409: CONFLICT},
        filters=False,
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        """Train the next version from an encoder; while a run is at work, that one is given. Superusers only."""
        _require_superuser(request, action="train encoders")
        form = StartEncoderTrainingSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        try:
            run = start_training(request.user, **form.validated_data)
        except CannotTrain as error:
            raise Conflict(str(error)) from error
        return Response(ContrastiveTrainingSerializer(run).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={200: ContrastiveTrainingSerializer, 409: CONFLICT}, filters=False)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Stop a run that waits or trains; its checkpoint stays for another try. Superusers only."""
        return self._change(request, cancel_training, wish="cancel trainings")

    @extend_schema(request=None, responses={200: ContrastiveTrainingSerializer, 409: CONFLICT}, filters=False)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Go on with a run that failed or was cancelled. Superusers only."""
        return self._change(request, retry_training, wish="try trainings again")

    def _change(self, request: Request, change: Callable[[ContrastiveTraining], None], *, wish: str) -> Response:
        run = self.get_object()
        _require_superuser(request, action=wish)
        try:
            change(run)
        except CannotTrain as error:
            raise Conflict(str(error)) from error
        return Response(ContrastiveTrainingSerializer(get_object_or_404(self.get_queryset(), pk=run.pk)).data)


def _require_superuser(request: Request, *, action: str) -> None:
    if not request.user.is_superuser:
        raise PermissionDenied(f"Only people who run this installation may {action}.")
