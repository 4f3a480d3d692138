"""REST API of exports."""

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from ava.api_fields import AccessField
from ava.api_filters import accessible
from ava.models import Title
from ava.roles import require_editor
from ava.selectors import access_titles
from curation.api_lists import FrameKeySerializer, frame_key
from curation.export_artworks import all_artworks, name_export
from curation.export_request import (
    DOCUMENTS,
    FORMATS,
    MOST_STILLS,
    InvalidExport,
    cancel_export,
    picked_frames,
    request_export,
)
from curation.models import Export, PickList
from curation.pick_list_frames import FrameKey, listed_frames
from curation.selectors import access_exports, access_pick_lists


class ExportSerializer(serializers.ModelSerializer[Export]):
    title = serializers.PrimaryKeyRelatedField(read_only=True)
    created_by = serializers.CharField(source="created_by.username", read_only=True, default=None, allow_null=True)
    file = serializers.SerializerMethodField(help_text="The ZIP; null until it is ready.")
    wanted = serializers.JSONField(read_only=True, help_text="What was asked for.")

    class Meta:
        model = Export
        fields = [
            "id", "title", "state", "done_count", "total_count", "error", "file", "wanted", "created_by", "created_at",
            "finished_at",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field({"type": "string", "format": "uri", "nullable": True})
    def get_file(self, export: Export) -> str | None:
        if not export.file:
            return None
        return str(self.context["request"].build_absolute_uri(reverse("export-file", args=[export.pk])))


class ExportRequestSerializer(serializers.Serializer[Any]):
    """What to export: stills as one of `frames`, `pick_list` and `picks`, artworks as one of `artworks` and
    `all_artworks`, or both."""

    title = AccessField(access=access_titles, model=Title)
    frames = FrameKeySerializer(many=True, required=False)
    pick_list = AccessField(access=access_pick_lists, model=PickList, required=False)
    picks = serializers.BooleanField(default=False, help_text="Every frame that stands picked.")
    artworks = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), required=False, default=[],
        max_length=MOST_STILLS, help_text="Numbers of artworks of the title.",
    )  # fmt: skip
    all_artworks = serializers.BooleanField(default=False, help_text="Every artwork of the title.")
    formats = serializers.MultipleChoiceField(choices=list(FORMATS.items()), required=False, default=["png"])
    documents = serializers.MultipleChoiceField(choices=list(DOCUMENTS.items()), required=False, default=[])
    canvases = serializers.ListField(
        child=serializers.CharField(max_length=40), required=False, default=[], max_length=100,
        help_text="Keys of canvases of the title's teams: every picture comes in each one's exact pixel size.",
    )  # fmt: skip
    full_size = serializers.BooleanField(
        default=True, help_text="Each picture whole, too; without canvases always."
    )
    pattern = serializers.CharField(required=False, max_length=120, help_text="Of the files' names.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        stills = sum(bool(attrs.get(name)) for name in ("frames", "pick_list", "picks"))
        artworks = sum(bool(attrs.get(name)) for name in ("artworks", "all_artworks"))
        if stills > 1 or stills + artworks == 0:
            raise ValidationError("Give one of frames, pick_list and picks, or artworks.")
        if artworks > 1:
            raise ValidationError("Give artworks or all_artworks, not both.")
        pick_list = attrs.get("pick_list")
        if pick_list and pick_list.title_id != attrs["title"].pk:
            raise ValidationError({"pick_list": ["This list is of another title."]})
        return attrs


class ExportFilter(filters.FilterSet):
    title = filters.ModelChoiceFilter(queryset=accessible(access_titles))
    state = filters.MultipleChoiceFilter(choices=Export.State.choices)

    class Meta:
        model = Export
        fields: list[str] = []


class ExportViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, GenericViewSet[Export]
):
    """Stills and artworks in full resolution and on canvases in a ZIP, made by a worker and kept for a week. Whoever
    sees a title may ask."""

    queryset = Export.objects.none()
    serializer_class = ExportSerializer
    filterset_class = ExportFilter

    def get_queryset(self) -> QuerySet[Export]:
        return access_exports(self.request.user).select_related("created_by").order_by("-id")

    @extend_schema(request=ExportRequestSerializer, responses={201: ExportSerializer})
    def create(self, request: Request) -> Response:
        """Have an export made."""
        form = ExportRequestSerializer(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        given = form.validated_data
        stills, artworks, name = _chosen(given)
        try:
            export = request_export(
                given["title"], stills=stills, artworks=artworks, user=request.user, formats=given["formats"],
                name=name, documents=given["documents"], pattern=given.get("pattern", ""), canvases=given["canvases"],
                full_size=given["full_size"],
            )  # fmt: skip
        except InvalidExport as error:
            raise ValidationError({"non_field_errors": [str(error)]}) from error
        return Response(self.get_serializer(export).data, status=status.HTTP_201_CREATED)

    def perform_destroy(self, instance: Export) -> None:
        """Stop it if it is being made, and delete it with its file: one's own, or as an editor anybody's."""
        if instance.created_by_id != self.request.user.pk:
            require_editor(self.request.user, title_id=instance.title_id, action="delete somebody else's export")
        cancel_export(instance)
        Export.objects.get(pk=instance.pk).delete()


def _chosen(given: dict[str, Any]) -> tuple[list[FrameKey], list[int], str]:
    stills, name = _chosen_stills(given)
    artworks = all_artworks(given["title"]) if given["all_artworks"] else given["artworks"]
    return stills, artworks, name_export(name if stills else "", has_artworks=bool(artworks))


def _chosen_stills(given: dict[str, Any]) -> tuple[list[FrameKey], str]:
    if given.get("pick_list"):
        return listed_frames(given["pick_list"]), given["pick_list"].name
    if given["picks"]:
        return picked_frames(given["title"]), "Picks"
    return [frame_key(each) for each in given.get("frames", [])], "Selection"
