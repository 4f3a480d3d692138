"""REST API of attributes: what is taught, the examples of it, its versions, and what they tell of shots."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from ava.api_errors import CONFLICT, Conflict
from ava.form_numbers import read_number
from ava.models import Video
from ava.selectors import EDITING_ROLES, access_teams, access_videos
from search.api_attribute_serializers import (
    AttributeAnswerSerializer,
    AttributeChangeSerializer,
    AttributeExampleSerializer,
    AttributeGuessesSerializer,
    AttributeProbabilitySerializer,
    AttributeSerializer,
    AttributeUseSerializer,
    AttributeVersionSerializer,
)
from search.attribute_actions import InvalidAttribute, change_attribute, delete_attribute, make_attribute
from search.attribute_examples import InvalidAnswer, ShotSpan, say, undo
from search.attribute_page import GUESSES, may_teach
from search.attribute_renewal import renew_spans
from search.attribute_teaching import Guess, ask, choose_encoder, study
from search.attribute_versions import NO_VECTORS, NotReady, make_version, stop_using, use_version
from search.attribute_views import ONLY_EDITORS
from search.models import Attribute, ShotAttribute
from search.selectors import access_attributes


class AttributeViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, GenericViewSet[Attribute]
):
    """Attributes of shots that your teams teach by example. Editors and administrators teach, everybody looks."""

    queryset = Attribute.objects.none()
    serializer_class = AttributeSerializer

    def get_queryset(self) -> QuerySet[Attribute]:
        return access_attributes(self.request.user).select_related("created_by").order_by("team_id", "name", "id")

    def create(self, request: Request) -> Response:
        """Make an attribute that nothing is known of yet."""
        form = self.get_serializer(data=request.data)
        form.is_valid(raise_exception=True)
        team = form.validated_data["team"]
        if not access_teams(request.user, roles=EDITING_ROLES).filter(pk=team.pk).exists():
            raise PermissionDenied(ONLY_EDITORS)
        try:
            attribute = make_attribute(team, name=form.validated_data["name"], user=request.user)
            change_attribute(attribute, use=form.validated_data.get("use"))
        except InvalidAttribute as error:
            raise ValidationError({"name": [str(error)]}) from error
        return Response(self.get_serializer(attribute).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=AttributeChangeSerializer, responses=AttributeSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Rename it, or say what it is used for."""
        attribute = self._teachable()
        form = AttributeChangeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        try:
            change_attribute(attribute, **form.validated_data)
        except InvalidAttribute as error:
            raise ValidationError({"name": [str(error)]}) from error
        return Response(self.get_serializer(attribute).data)

    def perform_destroy(self, instance: Attribute) -> None:
        self._require_teacher(instance)
        delete_attribute(instance)

    @extend_schema(responses=AttributeExampleSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], url_name="examples")
    def examples(self, request: Request, pk: str) -> Response:
        """Everything that was said of films that you see, newest first; what was taken back does not stand."""
        said = self.get_object().examples.filter(video__in=access_videos(request.user))
        rows = said.select_related("user").order_by("-id")
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(AttributeExampleSerializer(page, many=True).data)

    @extend_schema(
        request=AttributeAnswerSerializer, responses={201: AttributeExampleSerializer(many=True)}, filters=False
    )
    @examples.mapping.post
    def say(self, request: Request, pk: str) -> Response:
        """Say of shots that they have it or have it not."""
        attribute = self._teachable()
        form = AttributeAnswerSerializer(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        given = form.validated_data["shots"]
        spans = [ShotSpan(each["video"].pk, each["start_frame"], each["end_frame"]) for each in given]
        try:
            said = say(attribute, spans, has_it=form.validated_data["has_it"], user=request.user)
        except InvalidAnswer as error:
            raise ValidationError({"shots": [str(error)]}) from error
        renew_spans(attribute, spans)
        return Response(AttributeExampleSerializer(said, many=True).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=AttributeExampleSerializer(many=True), filters=False)
    @action(detail=True, methods=["post"], url_name="undo", pagination_class=None)
    def undo(self, request: Request, pk: str) -> Response:
        """Take back the last that you said here; what comes back is what was taken back."""
        attribute = self._teachable()
        taken = undo(attribute, user=request.user)
        renew_spans(attribute, [ShotSpan(row.video_id, row.start_frame, row.end_frame) for row in taken])
        for row in taken:
            row.stands = False
        return Response(AttributeExampleSerializer(taken, many=True).data)

    @extend_schema(
        responses=AttributeGuessesSerializer, filters=False,
        parameters=[OpenApiParameter("video", int, description="Of this film only.")],
    )  # fmt: skip
    @action(detail=True, methods=["get"], url_name="guesses", pagination_class=None)
    def guesses(self, request: Request, pk: str) -> Response:
        """What it would ask about next: its best guesses, then what it is unsure of, then what is new to it."""
        attribute = self.get_object()
        video = self._video(request)
        encoder = choose_encoder(attribute)
        if encoder is None:
            return Response({"lacking": NO_VECTORS, "guesses": []})
        lesson = study(attribute, encoder)
        asked = [_told(guess) for guess in ask(lesson, count=GUESSES, video=video)]
        return Response({"lacking": lesson.learned.lacking, "guesses": asked})

    @extend_schema(responses=AttributeVersionSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], url_name="versions", pagination_class=None)
    def versions(self, request: Request, pk: str) -> Response:
        """Its versions with their measures, newest first."""
        rows = self.get_object().models.select_related("encoder").defer("weights", "encoder__weights")
        return Response(AttributeVersionSerializer(rows, many=True).data)

    @extend_schema(
        request=AttributeUseSerializer, responses={200: AttributeVersionSerializer(many=True), 409: CONFLICT},
        filters=False,
    )  # fmt: skip
    @action(detail=True, methods=["post"], url_name="use", pagination_class=None)
    def use(self, request: Request, pk: str) -> Response:
        """Put a version to use, a new one of all that stands, or none; 409 with a sentence where there can be none."""
        attribute = self._teachable()
        form = AttributeUseSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        number = form.validated_data.get("version")
        try:
            if number == 0:
                stop_using(attribute, user=request.user)
            elif number is None:
                use_version(make_version(attribute, user=request.user), user=request.user)
            else:
                use_version(get_object_or_404(attribute.models, version=number), user=request.user)
        except NotReady as error:
            raise Conflict(str(error)) from error
        return self.versions(request, pk)

    @extend_schema(
        responses=AttributeProbabilitySerializer(many=True), filters=False,
        parameters=[OpenApiParameter("video", int, description="Of this film only.")],
    )  # fmt: skip
    @action(detail=True, methods=["get"], url_name="shots")
    def shots(self, request: Request, pk: str) -> Response:
        """How probably each shot has it by the version in use, film by film."""
        rows = ShotAttribute.objects.filter(
            attribute=self.get_object(), model__is_active=True, video__in=access_videos(request.user)
        )
        video = self._video(request)
        if video is not None:
            rows = rows.filter(video=video)
        rows = rows.select_related("model").defer("model__weights").order_by("video_id", "start_frame")
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(AttributeProbabilitySerializer(page, many=True).data)

    def _teachable(self) -> Attribute:
        attribute = self.get_object()
        self._require_teacher(attribute)
        return attribute

    def _require_teacher(self, attribute: Attribute) -> None:
        if not may_teach(self.request.user, attribute):
            raise PermissionDenied(ONLY_EDITORS)

    def _video(self, request: Request) -> Video | None:
        text = request.query_params.get("video", "")
        if not text:
            return None
        number = read_number(text)
        if number is None:
            raise ValidationError({"video": ["A film is named by its number."]})
        return get_object_or_404(access_videos(request.user), pk=number)


def _told(guess: Guess) -> dict[str, Any]:
    span = {"video": guess.span.video_id, "start_frame": guess.span.start_frame, "end_frame": guess.span.end_frame}
    return span | {"why": guess.why, "probability": guess.probability, "low": guess.low, "high": guess.high}
