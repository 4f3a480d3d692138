"""What the REST API does with training runs alike, whichever network they train."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from ava.api_errors import CONFLICT, Conflict
from ava.model_trainings import MOST_STEPS, CannotTrain
from ava.roles import require_superuser


class TrainingSerializer(serializers.ModelSerializer[Any]):
    created_by = serializers.CharField(source="created_by.username", read_only=True, default=None, allow_null=True)
    settings = serializers.JSONField(
        source="settings.train", read_only=True, default=dict, help_text="Seed, steps, rates."
    )


class StartTrainingSerializer(serializers.Serializer[Any]):
    steps = serializers.IntegerField(min_value=1, max_value=MOST_STEPS, required=False, allow_null=True)
    seed = serializers.IntegerField(min_value=0, max_value=2**31 - 1, required=False, allow_null=True)


class VersionViewSet(ReadOnlyModelViewSet[Any]):
    """Versions that are put to use and given up by people who run the installation."""

    trained: str
    """What is switched, in the sentence that refuses."""
    refused: type[Exception]
    """What is raised, with a sentence, for a version that may not be switched."""

    def switch(self, request: Request, change: Callable[..., object]) -> Response:
        """Change the version that the address names by ``change(version, user=…)``, and tell it as it is then."""
        version = self.get_object()
        require_superuser(request.user, action=f"switch {self.trained}")
        try:
            change(version, user=request.user)
        except self.refused as error:
            raise Conflict(str(error)) from error
        return Response(self.get_serializer(get_object_or_404(self.get_queryset(), pk=version.pk)).data)


class TrainingViewSet(ReadOnlyModelViewSet[Any]):
    """Runs that are started, cancelled and tried again by people who run the installation."""

    filterset_fields: ClassVar[list[str]] = ["state"]
    start_serializer: type[serializers.Serializer[Any]]
    trained: str
    """What is trained, in the sentence that refuses."""
    refusals: tuple[type[Exception], ...] = (CannotTrain,)

    def start_run(self, request: Request, **wanted: Any) -> Any:
        """Have a worker train, as the checked form wants it; raises one of `refusals`."""
        raise NotImplementedError

    def cancel_run(self, run: Any) -> None:
        raise NotImplementedError

    def retry_run(self, run: Any) -> None:
        raise NotImplementedError

    def create(self, request: Request) -> Response:
        require_superuser(request.user, action=f"train {self.trained}")
        form = self.start_serializer(data=request.data)
        form.is_valid(raise_exception=True)
        try:
            run = self.start_run(request, **form.validated_data)
        except self.refusals as error:
            raise Conflict(str(error)) from error
        return Response(self.get_serializer(run).data, status=status.HTTP_201_CREATED)

    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Stop a run that waits or trains; its checkpoint stays for another try. Superusers only."""
        return self._change(request, self.cancel_run, wish="cancel trainings")

    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Go on with a run that failed or was cancelled. Superusers only."""
        return self._change(request, self.retry_run, wish="try trainings again")

    def _change(self, request: Request, change: Callable[[Any], None], *, wish: str) -> Response:
        run = self.get_object()
        require_superuser(request.user, action=wish)
        try:
            change(run)
        except CannotTrain as error:
            raise Conflict(str(error)) from error
        return Response(self.get_serializer(get_object_or_404(self.get_queryset(), pk=run.pk)).data)


def document_trainings(*, starting: str) -> Callable[[type[TrainingViewSet]], type[TrainingViewSet]]:
    """Tell the API's schema what starting, cancelling and trying again take and answer; ``starting`` says the first."""

    def document(view: type[TrainingViewSet]) -> type[TrainingViewSet]:
        made, changed = ({code: view.serializer_class, 409: CONFLICT} for code in (201, 200))
        start = extend_schema(description=starting, request=view.start_serializer, responses=made, filters=False)
        change = extend_schema(request=None, responses=changed, filters=False)
        return extend_schema_view(create=start, cancel=change, retry=change)(view)

    return document
