"""REST API of reels."""

from dataclasses import replace
from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from ava.api_errors import CONFLICT, Conflict
from ava.api_filters import accessible
from ava.selectors import access_teams, access_videos
from search import reels as made
from search.api_reel_serializers import (
    ReelActionSerializer,
    ReelClipSerializer,
    ReelRenderSerializer,
    ReelSerializer,
    StringOutWishSerializer,
)
from search.models import Reel
from search.reel_exports import EXPORT_KINDS, cancel_render, export_response, newest_render, request_render
from search.reel_pages import may_edit_reel
from search.reel_undo import redo, undo
from search.reels import ClipSpan, InvalidReel, standing_clips
from search.selectors import access_reels
from search.string_outs import add_more_like, fit_to_length, propose_again, wish_of

_FILES: dict[tuple[int, str], Any] = {
    (200, kind.content_type.partition(";")[0]): OpenApiTypes.STR for kind in EXPORT_KINDS.values()
} | {(200, "application/json"): OpenApiResponse({"type": "object", "additionalProperties": {}}, "The file.")}
"""What exports are, by kind of content."""


class ReelFilter(filters.FilterSet):
    team = filters.ModelChoiceFilter(queryset=accessible(access_teams))
    name = filters.CharFilter(lookup_expr="icontains")

    class Meta:
        model = Reel
        fields: list[str] = []


class ReelViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, GenericViewSet[Reel]):
    """Clips out of any films of a team. Its editors and administrators write; whatever they do can be undone."""

    queryset = Reel.objects.none()
    serializer_class = ReelSerializer
    filterset_class = ReelFilter
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def get_queryset(self) -> QuerySet[Reel]:
        return access_reels(self.request.user).select_related("team", "created_by").order_by("-id")

    def create(self, request: Request) -> Response:
        """Begin a reel for a team."""
        form = self.get_serializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        self._require_editor(Reel(team=given["team"]))
        reel = _or_refuse(made.create_reel, given["team"], name=given["name"], user=request.user)
        return Response(self.get_serializer(reel).data, status=status.HTTP_201_CREATED)

    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Give a reel another name."""
        found = self._to_edit()
        form = self.get_serializer(found, data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        if given.get("team", found.team) != found.team:
            raise ValidationError({"team": ["A reel stays with its team."]})
        if "name" in given:
            _or_refuse(made.rename_reel, found, name=given["name"], user=request.user)
        return Response(self.get_serializer(self.get_object()).data)

    def perform_destroy(self, instance: Reel) -> None:
        """Delete a reel; its page's list brings it back."""
        self._require_editor(instance)
        made.delete_reel(instance, user=self.request.user)

    @extend_schema(methods=["GET"], responses={200: ReelClipSerializer(many=True)}, filters=False)
    @extend_schema(
        methods=["POST"], request=ReelActionSerializer, filters=False,
        responses={200: ReelClipSerializer(many=True), 409: CONFLICT},
    )  # fmt: skip
    @action(detail=True, methods=["get", "post"], filterset_class=None, pagination_class=None)
    def clips(self, request: Request, pk: str | None = None) -> Response:
        """The clips in their order; POST adds, moves, trims, takes out or brings back some, or takes a step back."""
        found = self.get_object()
        if request.method == "POST":
            self._require_editor(found)
            form = ReelActionSerializer(data=request.data)
            form.is_valid(raise_exception=True)
            self._act(found, form.validated_data)
        return self._told_clips(found)

    @extend_schema(
        parameters=[
            OpenApiParameter("as", str, enum=list(EXPORT_KINDS), description="Kind of file; json without it."),
            OpenApiParameter("handles", int, description="Frames more at both ends of every clip; 0 without it."),
        ],
        responses=_FILES,
        filters=False,
    )
    @action(detail=True, methods=["get"], filterset_class=None, pagination_class=None)
    def export(self, request: Request, pk: str | None = None) -> HttpResponse:
        """The reel as a file for the cutting room: what you may see of it."""
        found, kind = self.get_object(), request.query_params.get("as", "json")
        if kind not in EXPORT_KINDS:
            raise ValidationError({"as": [f"Give one of {', '.join(EXPORT_KINDS)}."]})
        handles = request.query_params.get("handles", "")
        response: HttpResponse = _or_refuse(export_response, found, kind=kind, user=request.user, handles=handles)
        return response

    @extend_schema(methods=["GET"], responses={200: ReelRenderSerializer}, filters=False)
    @extend_schema(
        methods=["POST"], request=ReelRenderSerializer, responses={201: ReelRenderSerializer, 409: CONFLICT},
        filters=False,
    )  # fmt: skip
    @extend_schema(methods=["DELETE"], responses={204: None, 409: CONFLICT}, filters=False)
    @action(detail=True, methods=["get", "post", "delete"], filterset_class=None, pagination_class=None)
    def film(self, request: Request, pk: str | None = None) -> Response:
        """How the reel's newest film stands; POST has one, or a preview, made of what you may see, DELETE stops it."""
        found = self.get_object()
        if request.method == "POST":
            form = ReelRenderSerializer(data=request.data)
            form.is_valid(raise_exception=True)
            preview = form.validated_data.get("is_preview", False)
            try:
                render = request_render(found, user=request.user, preview=preview)
            except InvalidReel as error:
                raise Conflict(str(error)) from error
            return Response(ReelRenderSerializer(render).data, status=status.HTTP_201_CREATED)
        newest = newest_render(found, user=request.user)
        if newest is None:
            raise Http404("There is no film of this reel.")
        if request.method == "DELETE":
            if newest.created_by_id != request.user.pk:
                self._require_editor(found)
            if not cancel_render(newest):
                raise Conflict("No film of this reel is being made.")
            return Response(status=status.HTTP_204_NO_CONTENT)
        return Response(ReelRenderSerializer(newest).data)

    @extend_schema(request=StringOutWishSerializer, responses={200: ReelClipSerializer(many=True)}, filters=False)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def propose(self, request: Request, pk: str | None = None) -> Response:
        """Propose a string-out again, around the clips that people touched; the clips in their order."""
        found = self._to_edit()
        form = StringOutWishSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        wish = replace(_or_refuse(wish_of, found), **form.validated_data)
        _or_refuse(propose_again, found, wish, user=request.user)
        return self._told_clips(found)

    def _act(self, found: Reel, given: dict[str, Any]) -> None:
        user, name = self.request.user, given["action"]
        if name in ("undo", "redo"):
            if (undo if name == "undo" else redo)(found, user=user) is None:
                raise Conflict("There is nothing of yours left to take back or do again in this reel.")
        elif name == "fit":
            _or_refuse(fit_to_length, found, user=user)
        elif name == "add":
            spans = [ClipSpan(*span.values()) for span in map(_in_order, given["spans"])]
            _or_refuse(made.add_clips, found, spans, user=user, before=given["before"])
        else:
            self._act_on_clip(found, given)

    def _act_on_clip(self, found: Reel, given: dict[str, Any]) -> None:
        user, name = self.request.user, given["action"]
        clip = found.clips.filter(pk=given.get("clip", 0)).first()
        if clip is None:
            raise ValidationError({"clip": ["Give the number of a clip of this reel."]})
        is_seen = access_videos(user).filter(pk=clip.video_id).exists()
        if name in ("trim", "note", "more_like") and not is_seen:
            raise ValidationError({"clip": ["This clip is no longer yours to see; move it or take it out."]})
        act, said = {
            "move": (made.move_clip, {"before": given["before"]}),
            "trim": (made.trim_clip, {"in_frame": given["in_frame"], "out_frame": given["out_frame"]}),
            "note": (made.note, {"text": given["text"]}),
            "take_out": (made.take_out, {}),
            "bring_back": (made.bring_back, {}),
            "more_like": (add_more_like, {}),
        }[name]
        _or_refuse(act, clip, user=user, **said)

    def _told_clips(self, found: Reel) -> Response:
        clips = standing_clips(found)
        asked = {clip.video_id for clip in clips}
        seen = set(access_videos(self.request.user).filter(pk__in=asked).values_list("pk", flat=True))
        return Response(ReelClipSerializer(clips, many=True, context={"seen": seen}).data)

    def _to_edit(self) -> Reel:
        found = self.get_object()
        self._require_editor(found)
        return found

    def _require_editor(self, reel: Reel) -> None:
        if not may_edit_reel(self.request.user, reel):
            raise PermissionDenied("Only editors and administrators of this reel's team may change it.")


def _or_refuse(act: Any, *values: Any, **named: Any) -> Any:
    """Do something to a reel; what cannot be done is refused with its sentence."""
    try:
        return act(*values, **named)
    except InvalidReel as error:
        raise ValidationError({"non_field_errors": [str(error)]}) from error


def _in_order(span: dict[str, Any]) -> dict[str, Any]:
    return {name: span[name] for name in ("video", "start_frame", "end_frame", "note")}
