"""REST API of pixel flags: what scans found, what reviewers say of it, and who has what before them."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet, ViewSet

from ava.api_errors import CONFLICT, Conflict
from ava.models import Title
from ava.roles import require_administrator, require_reviewer
from ava.selectors import access_titles, packed_fields
from qc.api_filters import PixelDecisionFilter, PixelFlagFilter
from qc.api_serializers import (
    AddFlagSerializer,
    ClaimsSerializer,
    DecidedSerializer,
    DecideFlagSerializer,
    NextSerializer,
    PixelDecisionSerializer,
    PixelFlagDetailSerializer,
    PixelFlagSerializer,
    PixelProgressSerializer,
    ReviewsSerializer,
    UndoneSerializer,
)
from qc.claims import claim_next, release, renew
from qc.decision_undo import Undone, redo, undo
from qc.decisions import FlagHeld, InvalidDecision, decide
from qc.flag_adding import add_flag
from qc.models import PixelDecision, PixelFlag
from qc.review_queue import QueueFilters, progress
from qc.reviewing import set_reviews_wanted, visible_decisions
from qc.selectors import access_pixel_decisions, access_pixel_flags

_ACTION = "judge its pixel flags"
_SHOWN_WITH = ("video", "raised_by", "last_raised_by", "added_by")


class PixelFlagViewSet(ReadOnlyModelViewSet[PixelFlag]):
    """Suspected pixel errors of your teams' films, with what reviewers made of them."""

    queryset = PixelFlag.objects.none()
    filterset_class = PixelFlagFilter

    def get_queryset(self) -> QuerySet[PixelFlag]:
        flags = access_pixel_flags(self.request.user).select_related(*_SHOWN_WITH)
        heavy = [*packed_fields("video__"), "raised_by__weights", "last_raised_by__weights"]
        return flags.defer(*heavy).order_by("video_id", "frame_index", "y", "x", "id")

    def get_serializer_class(self) -> Any:
        return PixelFlagDetailSerializer if self.action == "retrieve" else PixelFlagSerializer

    @extend_schema(
        request=DecideFlagSerializer, responses={201: DecidedSerializer, 409: CONFLICT}, filters=False
    )
    @action(detail=True, methods=["post"], filterset_class=None)
    def decide(self, request: Request, pk: str | None = None) -> Response:
        """Say what a flag is, and with a scope what all flags at its place or in its shot are."""
        flag = self.get_object()
        require_reviewer(request.user, title_id=flag.video.title_id, action=_ACTION)
        done = _decide(flag, request=request)
        return Response(DecidedSerializer(done).data, status=status.HTTP_201_CREATED)


class PixelDecisionViewSet(ReadOnlyModelViewSet[PixelDecision]):
    """Everything that was ever said of flags, newest first; `stands` is false for what was taken back.

    Where two people judge every flag, what others said of one is there once you may know it.
    """

    queryset = PixelDecision.objects.none()
    serializer_class = PixelDecisionSerializer
    filterset_class = PixelDecisionFilter

    def get_queryset(self) -> QuerySet[PixelDecision]:
        said = visible_decisions(access_pixel_decisions(self.request.user), user=self.request.user)
        said = said.select_related("user", "flag__video").defer(*packed_fields("flag__video__"))
        return said.order_by("-id")


class TitlePixelsViewSet(ViewSet):
    """The review of a title's pixel flags."""

    @extend_schema(operation_id="titles_pixels_retrieve", responses=PixelProgressSerializer)
    def progress(self, request: Request, pk: int) -> Response:
        """How far the review is, and how well reviewers agree."""
        return Response(PixelProgressSerializer(progress(self._title(pk), user=request.user)).data)

    @extend_schema(
        operation_id="titles_pixels_next", request=NextSerializer, responses={200: PixelFlagDetailSerializer, 204: None}
    )
    def next(self, request: Request, pk: int) -> Response:
        """Claim the next flag of the queue for two minutes; 204 when there is none that nobody else has."""
        title = self._title_to_review(pk)
        given = _read(NextSerializer, request)
        order, skip = given.pop("order"), given.pop("skip")
        filters = QueueFilters(**{name: getattr(value, "pk", value) for name, value in given.items()})
        flag = claim_next(title, user=request.user, order=order, filters=filters, skip=skip)
        if flag is None:
            return Response(status=status.HTTP_204_NO_CONTENT)
        shown = PixelFlag.objects.select_related(*_SHOWN_WITH).get(pk=flag.pk)
        return Response(PixelFlagDetailSerializer(shown, context={"request": request}).data)

    @extend_schema(operation_id="titles_pixels_renew", request=ClaimsSerializer, responses=ClaimsSerializer)
    def renew(self, request: Request, pk: int) -> Response:
        """Hold on to flags that you have before you; answers with those that are still yours."""
        self._title_to_review(pk)
        held = renew(request.user, _read(ClaimsSerializer, request)["flags"])
        return Response({"flags": sorted(held)})

    @extend_schema(operation_id="titles_pixels_release", request=ClaimsSerializer, responses={204: None})
    def release(self, request: Request, pk: int) -> Response:
        """Let go of flags, so that others are given them at once."""
        self._title_to_review(pk)
        release(request.user, _read(ClaimsSerializer, request)["flags"])
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        operation_id="titles_pixels_undo", request=None, responses={201: UndoneSerializer, 409: CONFLICT}
    )
    def undo(self, request: Request, pk: int) -> Response:
        """Take back your latest action on the title's flags that is not taken back yet."""
        return _undone(undo(self._title_to_review(pk), user=request.user), what="undo")

    @extend_schema(
        operation_id="titles_pixels_redo", request=None, responses={201: UndoneSerializer, 409: CONFLICT}
    )
    def redo(self, request: Request, pk: int) -> Response:
        """Do again what you took back last, unless you have decided something since."""
        return _undone(redo(self._title_to_review(pk), user=request.user), what="do again")

    @extend_schema(
        operation_id="titles_pixels_add",
        request=AddFlagSerializer,
        responses={201: PixelFlagDetailSerializer, 409: CONFLICT},
    )
    def add(self, request: Request, pk: int) -> Response:
        """Mark an error that the scan missed; it counts as confirmed by you until you take it back."""
        title = self._title_to_review(pk)
        given = _read(AddFlagSerializer, request)
        video = given.pop("video")
        if video.title_id != title.pk:
            raise ValidationError({"video": ["This film is not one of the title's."]})
        flag = _refusing(lambda: add_flag(video, user=request.user, **given))
        answer = PixelFlagDetailSerializer(flag, context={"request": request}).data
        return Response(answer, status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="titles_pixels_reviews", request=ReviewsSerializer, responses=PixelProgressSerializer
    )
    def reviews(self, request: Request, pk: int) -> Response:
        """Ask one or two people for every flag; administrators of the title's teams do."""
        title = self._title(pk)
        require_administrator(request.user, title_id=title.pk, action="say how many people judge its pixel flags")
        set_reviews_wanted(title, wanted=_read(ReviewsSerializer, request)["reviews_wanted"])
        return Response(PixelProgressSerializer(progress(title, user=request.user)).data)

    def _title(self, pk: int) -> Title:
        return get_object_or_404(access_titles(self.request.user), pk=pk)

    def _title_to_review(self, pk: int) -> Title:
        title = self._title(pk)
        require_reviewer(self.request.user, title_id=title.pk, action=_ACTION)
        return title


def _decide(flag: PixelFlag, *, request: Request) -> Any:
    given = _read(DecideFlagSerializer, request)
    return _refusing(lambda: decide(flag, user=request.user, **given))


def _refusing(act: Callable[[], Any]) -> Any:
    """What a service gives, its refusals said as the API says them."""
    try:
        return act()
    except FlagHeld as error:
        raise Conflict(str(error)) from error
    except InvalidDecision as error:
        raise ValidationError(str(error)) from error


def _undone(undone: Undone | None, *, what: str) -> Response:
    if undone is None:
        raise Conflict(f"There is nothing of yours to {what} in this title.")
    return Response(UndoneSerializer(undone).data, status=status.HTTP_201_CREATED)


def _read(serializer: Any, request: Request) -> dict[str, Any]:
    form = serializer(data=request.data, context={"request": request})
    form.is_valid(raise_exception=True)
    return form.validated_data
