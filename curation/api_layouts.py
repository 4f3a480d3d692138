"""REST API of the layouts of stills and artworks, and of what is chosen for them."""

from abc import abstractmethod
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from ava.api_errors import CONFLICT, Conflict
from ava.roles import require_editor
from curation.api import one_or_many
from curation.layout.described import describe_layout, write_box
from curation.layout.layouts import Chosen
from curation.layout_checks import Choice, InvalidLayoutChoice
from curation.layout_choices import MOST_AT_ONCE, LayoutChange, choose_many, chosen_for, reset_layout
from curation.layout_sources import LayoutSource, UnreadableSource, source_of_artwork, source_of_frame
from curation.models import LayoutStep, Picture
from curation.picture_layouts import layout_of
from curation.selectors import access_artworks, access_stills

Subject = LayoutStep.Subject
ACTION = "choose how its pictures are laid out"


class _BoxField(serializers.ListField):
    """x0, y0, x1, y1 in pixels of the picture; right and bottom are where the next pixel begins."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=serializers.FloatField(), min_length=4, max_length=4, **kwargs)


class FocalPointSerializer(serializers.Serializer[Any]):
    x = serializers.FloatField(help_text="Pixels of the picture.")
    y = serializers.FloatField(help_text="Pixels of the picture.")
    extent = _BoxField(help_text="What must stay visible.")
    confidence = serializers.FloatField(help_text="0–1.")
    by = serializers.ChoiceField(choices=["person", "group", "edges", "middle", "chosen"])
    person = serializers.IntegerField(allow_null=True, help_text="Its place among the picture's people.")
    why = serializers.CharField()


class PlacementSerializer(serializers.Serializer[Any]):
    box = _BoxField(allow_null=True, help_text="Null: no place is free; `why` says so.")
    ink = serializers.ChoiceField(choices=["light", "dark"], help_text="The lettering that is read better there.")
    contrast = serializers.FloatField(help_text="1–21, as WCAG 2.2 has it.")
    why = serializers.CharField()
    moved_from = _BoxField(allow_null=True, help_text="Where the canvas would have put it.")
    collides = serializers.ListField(child=serializers.CharField(), help_text="What it would have covered there.")
    is_chosen = serializers.BooleanField()


class LaidOutCanvasSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    width_px = serializers.IntegerField()
    height_px = serializers.IntegerField()
    crop = _BoxField(help_text="The window that fills the canvas.")
    suits = serializers.FloatField(help_text="How well the picture suits the canvas, 0–1.")
    parts = serializers.DictField(child=serializers.FloatField(), help_text="What that comes from, each 0–1.")
    reasons = serializers.ListField(child=serializers.CharField(), help_text="What speaks against it.")
    enlarged = serializers.FloatField(help_text="Above 1 the picture is enlarged.")
    is_chosen = serializers.BooleanField(help_text="Whether somebody chose the crop.")
    placements = serializers.DictField(child=PlacementSerializer(), help_text="By kind: badge, subtitle, logo, title.")


class ChosenSerializer(serializers.Serializer[Any]):
    """What people chose; all else is proposed."""

    focal_point = serializers.ListField(
        child=serializers.FloatField(), min_length=2, max_length=2, allow_null=True, help_text="x, y."
    )
    crops = serializers.DictField(child=_BoxField(), help_text="Box by canvas, as it was chosen.")
    placements = serializers.DictField(
        child=serializers.DictField(child=_BoxField()), help_text="Box by canvas and kind."
    )


class PictureLayoutSerializer(serializers.Serializer[Any]):
    """A picture's focal point, and crop and placements for every canvas of its title's teams, by canvas key."""

    width = serializers.IntegerField(help_text="Of the picture, in whose pixels all is told.")
    height = serializers.IntegerField()
    focal_point = FocalPointSerializer()
    canvases = serializers.DictField(child=LaidOutCanvasSerializer())
    unknown = serializers.ListField(child=serializers.CharField(), help_text="What could not be looked for, and why.")
    chosen = ChosenSerializer()


class LayoutChoiceSerializer(serializers.Serializer[Any]):
    """Something to choose, or to reset."""

    subject = serializers.ChoiceField(choices=Subject.choices)
    canvas = serializers.CharField(
        required=False, allow_blank=True, max_length=40, default="", help_text="Its key; none for the focal point."
    )
    value = serializers.ListField(
        child=serializers.FloatField(), allow_null=True, min_length=2, max_length=4,
        help_text="x, y of a focal point; x0, y0, x1, y1 of all else, in pixels of the picture. Null: as proposed.",
    )  # fmt: skip


class LayoutChangeSerializer(serializers.Serializer[Any]):
    """What came of a choice."""

    sentence = serializers.CharField()
    steps = serializers.IntegerField(help_text="How many things changed.")
    chosen = ChosenSerializer()


class _LayoutViewSet(ViewSet):
    """GET, POST and DELETE of one picture's layout."""

    @abstractmethod
    def find_source(self, request: Request, pk: int) -> LayoutSource:
        """The picture, if the user sees it; raises Http404."""

    @extend_schema(responses={200: PictureLayoutSerializer, 409: CONFLICT})
    def show(self, request: Request, pk: int) -> Response:
        """The layout as it is now: what is chosen, and what is proposed for all else."""
        source = self.find_source(request, pk)
        try:
            layout = layout_of(source)
        except UnreadableSource as error:
            raise Conflict(str(error)) from error
        width, height = source.size
        chosen = _tell_chosen(chosen_for(source.known_picture()))
        return Response({"width": width, "height": height, **describe_layout(layout), "chosen": chosen})

    @extend_schema(
        request=one_or_many("LayoutChoiceOneOrMany", LayoutChoiceSerializer), responses={201: LayoutChangeSerializer}
    )
    def choose(self, request: Request, pk: int) -> Response:
        """Choose one thing, or several in one action: all of them or, when one is refused, none."""
        source = self._to_edit(request, pk)
        many = isinstance(request.data, list)
        if many and len(request.data) > MOST_AT_ONCE:
            raise ValidationError(f"Send {MOST_AT_ONCE} choices at once at most.")
        form = LayoutChoiceSerializer(data=request.data, many=many)
        form.is_valid(raise_exception=True)
        wanted = [Choice(**given) for given in (form.validated_data if many else [form.validated_data])]
        picture = source.picture()
        try:
            change = choose_many(picture, wanted, user=request.user)
        except InvalidLayoutChoice as error:
            raise ValidationError({"non_field_errors": [str(error)]}) from error
        return Response(_tell_change(change, picture), status=status.HTTP_201_CREATED)

    @extend_schema(
        parameters=[OpenApiParameter("canvas", str, description="Key of the only canvas to reset; all without.")],
        responses={200: LayoutChangeSerializer},
    )
    def reset(self, request: Request, pk: int) -> Response:
        """Reset what is chosen to what is proposed."""
        source = self._to_edit(request, pk)
        picture = source.picture()
        change = reset_layout(picture, user=request.user, canvas=request.query_params.get("canvas"))
        return Response(_tell_change(change, picture))

    def _to_edit(self, request: Request, pk: int) -> LayoutSource:
        source = self.find_source(request, pk)
        require_editor(request.user, title_id=source.title.pk, action=ACTION)
        return source


class StillLayoutViewSet(_LayoutViewSet):
    """The layout of a still's frame; what is chosen stays with the frame through every analysis."""

    def find_source(self, request: Request, pk: int) -> LayoutSource:
        still = get_object_or_404(access_stills(request.user).select_related("video__title"), pk=pk)
        return source_of_frame(still.video, still.frame_index)


class ArtworkLayoutViewSet(_LayoutViewSet):
    """The layout of an artwork."""

    def find_source(self, request: Request, pk: int) -> LayoutSource:
        return source_of_artwork(get_object_or_404(access_artworks(request.user).select_related("title"), pk=pk))


def _tell_chosen(chosen: Chosen) -> dict[str, Any]:
    placements: dict[str, dict[str, list[float]]] = {}
    for (canvas, kind), box in chosen.placements.items():
        placements.setdefault(canvas, {})[kind] = write_box(box)
    return {
        "focal_point": chosen.focal_point and list(chosen.focal_point),
        "crops": {canvas: write_box(box) for canvas, box in chosen.crops.items()},
        "placements": placements,
    }


def _tell_change(change: LayoutChange, picture: Picture) -> dict[str, Any]:
    return {"sentence": change.sentence, "steps": len(change.steps), "chosen": _tell_chosen(chosen_for(picture))}
