"""REST API of dialogue and of what people write about shots."""

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ReadOnlyModelViewSet

from ava.api_fields import AccessField
from ava.api_filters import accessible
from ava.models import Video
from ava.roles import require_editor
from ava.selectors import access_videos
from search import labels
from search.dialogue_upload import ACTION, MOST_BYTES, UnusableDialogue, bring_dialogue
from search.labels import InvalidLabel
from search.models import DialogueLine, ShotLabel
from search.selectors import access_dialogue_lines, access_shot_labels
from search.words_views import LARGEST_FRAME, MOST_BYTES_OF_A_FORM


class DialogueLineSerializer(serializers.ModelSerializer[DialogueLine]):
    """One line with its frames, half-open."""

    class Meta:
        model = DialogueLine
        fields = ["id", "video", "source", "language", "start_frame", "end_frame", "text"]
        read_only_fields = fields


class DialogueFileSerializer(serializers.Serializer[Any]):
    """An SRT or WebVTT file of a film; it takes the place of the one brought before in that language."""

    video = AccessField(access=access_videos, model=Video)
    file = serializers.FileField(allow_empty_file=True, help_text=f"At most {MOST_BYTES // 2**20} MB.")
    language = serializers.CharField(
        required=False, allow_blank=True, max_length=35, help_text="A BCP 47 tag; else that of the file's name."
    )


class DialogueBroughtSerializer(serializers.Serializer[Any]):
    language = serializers.CharField()
    lines = serializers.IntegerField(help_text="That lie within the film.")
    outside = serializers.IntegerField(help_text="That do not, and were left out.")
    replaced = serializers.IntegerField(help_text="Of the file brought before.")


class DialogueLineFilter(filters.FilterSet):
    video = filters.ModelChoiceFilter(queryset=accessible(access_videos))
    source = filters.MultipleChoiceFilter(choices=DialogueLine.Source.choices)
    language = filters.CharFilter()

    class Meta:
        model = DialogueLine
        fields: list[str] = []


class DialogueLineViewSet(ReadOnlyModelViewSet[DialogueLine]):
    """What is said in films, as their own tracks, subtitle files and text read off the picture tell it."""

    queryset = DialogueLine.objects.none()
    serializer_class = DialogueLineSerializer
    filterset_class = DialogueLineFilter

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > MOST_BYTES + MOST_BYTES_OF_A_FORM:
            raise ValidationError({"file": [f"The file is larger than {MOST_BYTES // 2**20} MB."]})
        super().initial(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[DialogueLine]:
        return access_dialogue_lines(self.request.user).defer("words").order_by("video_id", "start_frame", "id")

    @extend_schema(
        request={"multipart/form-data": DialogueFileSerializer},
        responses={201: DialogueBroughtSerializer},
        filters=False,
    )
    @action(detail=False, methods=["post"], parser_classes=[MultiPartParser], pagination_class=None)
    def bring(self, request: Request) -> Response:
        """Bring in a subtitle file; all of it is taken, or nothing."""
        form = DialogueFileSerializer(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        given = form.validated_data
        require_editor(request.user, title_id=given["video"].title_id, action=ACTION)
        try:
            brought = bring_dialogue(given["video"], given["file"], language=given.get("language") or None)
        except UnusableDialogue as error:
            raise ValidationError({"file": [str(error)]}) from error
        return Response(DialogueBroughtSerializer(brought._asdict()).data, status=status.HTTP_201_CREATED)


class ShotLabelSerializer(serializers.ModelSerializer[ShotLabel]):
    """What one person wrote about a span of a film; frames are half-open."""

    video = AccessField(access=access_videos, model=Video)
    user = serializers.CharField(source="user.username", read_only=True)
    start_frame = serializers.IntegerField(min_value=0, max_value=LARGEST_FRAME)
    end_frame = serializers.IntegerField(min_value=1, max_value=LARGEST_FRAME)

    class Meta:
        model = ShotLabel
        fields = ["id", "video", "start_frame", "end_frame", "text", "user", "stands", "created_at"]
        read_only_fields = ["id", "user", "stands", "created_at"]


class ShotLabelFilter(filters.FilterSet):
    video = filters.ModelChoiceFilter(queryset=accessible(access_videos))
    stands = filters.BooleanFilter(help_text="False: those that were taken back.")

    class Meta:
        model = ShotLabel
        fields: list[str] = []


class ShotLabelViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[ShotLabel]):
    """People's own words about shots. Editors and administrators write; whatever is taken back can be brought back."""

    queryset = ShotLabel.objects.none()
    serializer_class = ShotLabelSerializer
    filterset_class = ShotLabelFilter

    def get_queryset(self) -> QuerySet[ShotLabel]:
        found = access_shot_labels(self.request.user).defer("words").select_related("user", "video__title")
        return found.order_by("video_id", "start_frame", "id")

    def create(self, request: Request) -> Response:
        """Write about a span; the same said twice is kept once."""
        form = self.get_serializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        video = given.pop("video")
        require_editor(request.user, title_id=video.title_id, action=labels.ACTION)
        try:
            label = labels.add_label(video, **given, user=request.user)
        except InvalidLabel as error:
            raise ValidationError({"text": [str(error)]}) from error
        return Response(self.get_serializer(label).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=ShotLabelSerializer)
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, pk: str | None = None) -> Response:
        """Have a label count no more."""
        return self._turn(labels.take_back)

    @extend_schema(request=None, responses=ShotLabelSerializer)
    @action(detail=True, methods=["post"], url_path="bring-back")
    def bring_back(self, request: Request, pk: str | None = None) -> Response:
        """Have a label that was taken back count again."""
        return self._turn(labels.bring_back)

    def _turn(self, change: Any) -> Response:
        label = self.get_object()
        if not labels.may_take_back(self.request.user, label):
            raise PermissionDenied("Only who wrote a label, and administrators of the film's teams, take it back.")
        change(label)
        return Response(self.get_serializer(self.get_object()).data)
