"""REST API of teams' canvases."""

from collections.abc import Mapping
from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from ava.api_fields import AccessField
from ava.api_filters import accessible
from ava.models import Team
from ava.selectors import access_teams
from curation.canvas_checks import LEAST_OVERLAY_UNIT
from curation.layout.canvases import (
    ANCHORS,
    DEFAULT_CANVASES,
    KINDS,
    LEAST_SIDE_PX,
    MOST_MARGIN_UNIT,
    MOST_SIDE_PX,
    Margins,
)
from curation.models import TeamCanvas
from curation.selectors import access_canvases
from curation.team_canvases import DEFAULTS, delete_canvas, fields_of, save_canvas


class MarginsSerializer(serializers.Serializer[Any]):
    """What of each side may be covered or cut off by a device, as a share of the canvas."""

    left, top, right, bottom = (
        serializers.FloatField(min_value=0, max_value=MOST_MARGIN_UNIT, default=default)
        for default in Margins()
    )  # fmt: skip


class OverlaySerializer(serializers.Serializer[Any]):
    """Something that is laid over a canvas."""

    kind = serializers.ChoiceField(choices=KINDS)
    width_unit = serializers.FloatField(
        min_value=LEAST_OVERLAY_UNIT, max_value=1, help_text="Largest width, as a share of the canvas's."
    )
    height_unit = serializers.FloatField(
        min_value=LEAST_OVERLAY_UNIT, max_value=1, help_text="Largest height, as a share of the canvas's."
    )
    anchor = serializers.ChoiceField(choices=ANCHORS, help_text="Where it goes when nothing speaks against it.")


class CanvasFieldsSerializer(serializers.Serializer[Any]):
    """A canvas as every team starts with it."""

    key = serializers.CharField(help_text="Names it in addresses and files.")
    name = serializers.CharField()
    width_px = serializers.IntegerField(min_value=LEAST_SIDE_PX, max_value=MOST_SIDE_PX)
    height_px = serializers.IntegerField(min_value=LEAST_SIDE_PX, max_value=MOST_SIDE_PX)
    safe = MarginsSerializer()
    overlays = OverlaySerializer(many=True)


class CanvasSerializer(serializers.ModelSerializer[TeamCanvas]):
    team = AccessField(access=access_teams, model=Team, help_text="Fixed once the canvas is made.")
    key = serializers.CharField(
        max_length=40,
        help_text="Names it in addresses and files: a–z, 0–9, hyphens. With a default's key it takes its place. Fixed"
        " once the canvas is made, for choices are kept under it.",
    )
    width_px, height_px = (serializers.IntegerField(min_value=LEAST_SIDE_PX, max_value=MOST_SIDE_PX) for _ in range(2))
    safe = MarginsSerializer(required=False)
    overlays = OverlaySerializer(many=True, required=False)
    replaces_default = serializers.SerializerMethodField(help_text="Whether it takes the place of a default canvas.")
    created_by = serializers.CharField(source="created_by.username", read_only=True, default=None, allow_null=True)

    class Meta:
        model = TeamCanvas
        fields = [
            "id", "team", "key", "name", "width_px", "height_px", "safe", "overlays", "is_hidden", "replaces_default",
            "created_by", "created_at",
        ]  # fmt: skip
        validators: list[Any] = []  # the key is checked with all else, in the words of the pages

    def get_replaces_default(self, canvas: TeamCanvas) -> bool:
        return canvas.key in DEFAULTS


class CanvasFilter(filters.FilterSet):
    team = filters.ModelChoiceFilter(queryset=accessible(access_teams))
    key = filters.CharFilter()
    is_hidden = filters.BooleanFilter()

    class Meta:
        model = TeamCanvas
        fields: list[str] = []


class CanvasViewSet(ModelViewSet[TeamCanvas]):
    """Canvases that your teams added, changed or do not use; all others are the defaults. Administrators write."""

    queryset = TeamCanvas.objects.none()
    serializer_class = CanvasSerializer
    filterset_class = CanvasFilter
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def get_queryset(self) -> QuerySet[TeamCanvas]:
        return access_canvases(self.request.user).select_related("created_by", "team").order_by("team__name", "id")

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Add a canvas to a team, or change or hide a default by making one of its key."""
        form = self.get_serializer(data=request.data)
        form.is_valid(raise_exception=True)
        row = TeamCanvas(team=form.validated_data["team"])
        return self._save(row, form.validated_data, status=status.HTTP_201_CREATED)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change a canvas; its choices stay, and crops are brought to a new ratio."""
        row = self.get_object()
        form = self.get_serializer(row, data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        for fixed in ("team", "key"):
            if form.validated_data.get(fixed, getattr(row, fixed)) != getattr(row, fixed):
                raise ValidationError({fixed: [f"A canvas keeps its {fixed}; add another one."]})
        return self._save(row, form.validated_data, status=status.HTTP_200_OK)

    def perform_destroy(self, instance: TeamCanvas) -> None:
        """A default that was changed or hidden is then what it was."""
        delete_canvas(instance, user=self.request.user)

    @extend_schema(responses={200: CanvasFieldsSerializer(many=True)}, filters=False)
    @action(detail=False, filterset_class=None, pagination_class=None)
    def defaults(self, request: Request) -> Response:
        """The canvases that every team starts with."""
        return Response(CanvasFieldsSerializer(list(map(fields_of, DEFAULT_CANVASES)), many=True).data)

    def _save(self, row: TeamCanvas, given: Mapping[str, Any], *, status: int) -> Response:
        for field, value in given.items():
            setattr(row, field, [dict(each) for each in value] if field == "overlays" else value)
        if "safe" in given:
            row.safe = dict(given["safe"])
        save_canvas(row, user=self.request.user)  # what it refuses with is answered by field
        return Response(self.get_serializer(self.get_queryset().get(pk=row.pk)).data, status=status)
