"""REST API of the people of films: characters, their tracks, what was done to them, and what is to be asked."""

from collections.abc import Callable, Collection
from functools import partial
from typing import Any

import django_filters as filters
from django.db import transaction
from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ReadOnlyModelViewSet, ViewSet

from ava.api_errors import CONFLICT, Conflict
from ava.api_filters import accessible
from ava.models import Title, User
from ava.roles import require_editor
from ava.selectors import EDITING_ROLES, access_titles, access_videos
from curation import people_actions
from curation.api_people_serializers import (
    AnswerSerializer,
    CastSerializer,
    CharacterSerializer,
    DoneSerializer,
    FaceTrackSerializer,
    MergeSerializer,
    MoveSerializer,
    NotFacesSerializer,
    PeopleActionSerializer,
    PeopleQuerySerializer,
    QuestionSerializer,
    QuestionsQuerySerializer,
    SplitSerializer,
    access_track_keys,
)
from curation.cast import load_cast
from curation.models import Character, FaceTrack, PeopleAction
from curation.people_actions import Done, InvalidPeopleAction
from curation.people_forms import require_editor_of
from curation.people_questions import open_questions
from curation.people_selectors import (
    access_characters,
    access_face_tracks,
    access_people_actions,
    cast_scope,
    titles_in_scope,
)
from curation.people_undo import undo

_ACTION = "change its people"


class CharacterFilter(filters.FilterSet):
    title = filters.ModelChoiceFilter(
        queryset=accessible(access_titles), method="of_title", help_text="Those of its film or series."
    )
    video = filters.ModelChoiceFilter(
        queryset=accessible(access_videos), method="seen_in", help_text="Those who are seen in it."
    )
    named = filters.BooleanFilter(method="with_name", help_text="Whether somebody has given it a name.")
    importance = filters.MultipleChoiceFilter(
        choices=Character.Importance.choices, help_text="What a person said; what AVA judges is among a title's people."
    )

    class Meta:
        model = Character
        fields: list[str] = ["is_locked"]

    def of_title(self, characters: QuerySet[Character], name: str, value: Title) -> QuerySet[Character]:
        return characters.filter(scope=cast_scope(value))

    def seen_in(self, characters: QuerySet[Character], name: str, value: Any) -> QuerySet[Character]:
        return characters.filter(pk__in=FaceTrack.objects.filter(video=value, is_face=True).values("character"))

    def with_name(self, characters: QuerySet[Character], name: str, value: bool) -> QuerySet[Character]:
        return characters.exclude(name="") if value else characters.filter(name="")


class FaceTrackFilter(filters.FilterSet):
    video = filters.ModelChoiceFilter(queryset=accessible(access_videos))
    character = filters.ModelChoiceFilter(queryset=accessible(access_characters))
    given_by = filters.MultipleChoiceFilter(choices=FaceTrack.GivenBy.choices)
    ordering = filters.OrderingFilter(fields=["start_frame", "confidence", "id"])

    class Meta:
        model = FaceTrack
        fields = ["is_face", "is_static"]


class PeopleActionFilter(filters.FilterSet):
    title = filters.ModelChoiceFilter(queryset=accessible(access_titles), method="of_title")
    user = filters.CharFilter(field_name="user__username", help_text="Who did it, by user name.")
    created = filters.IsoDateTimeFromToRangeFilter(field_name="created_at")

    class Meta:
        model = PeopleAction
        fields: list[str] = []

    def of_title(self, actions: QuerySet[PeopleAction], name: str, value: Title) -> QuerySet[PeopleAction]:
        return actions.filter(scope=cast_scope(value))


class CharacterViewSet(ReadOnlyModelViewSet[Character]):
    """Who is seen in films and series, the number counting within each. Editors and administrators change them.

    The list leaves out those who were merged into others and those of whom nothing is left.
    """

    queryset = Character.objects.none()
    serializer_class = CharacterSerializer
    filterset_class = CharacterFilter
    http_method_names = ["get", "post", "patch", "head", "options"]

    def get_queryset(self) -> QuerySet[Character]:
        titles, tracks = access_titles(self.request.user), access_face_tracks(self.request.user)
        mine = tracks.filter(character=OuterRef("pk"), is_face=True).order_by().values("character")
        characters = access_characters(self.request.user).annotate(
            visible_scope_id=Case(When(scope__in=titles.values("pk"), then=F("scope_id")), output_field=IntegerField()),
            track_count=Coalesce(Subquery(mine.annotate(count=Count("pk")).values("count")), 0),
        )
        if self.action == "list":
            characters = characters.filter(Q(is_kept=True) | Q(track_count__gt=0), merged_into=None)
        return characters.select_related("scope").order_by("scope_id", "number")

    @extend_schema(request=CharacterSerializer, responses=CharacterSerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Name a character, say how important it is, or lock it: each is an action that can be undone."""
        character = self._to_edit()
        form = self.get_serializer(character, data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        with transaction.atomic():
            for name, value in form.validated_data.items():
                if getattr(character, name) != value:
                    _do(partial(_SETTERS[name], character, value, request.user), field=name)
        return Response(self.get_serializer(self.get_queryset().get(pk=character.pk)).data)

    @extend_schema(request=MergeSerializer, responses={201: DoneSerializer}, filters=False)
    @action(detail=True, methods=["post"], filterset_class=None)
    def merge(self, request: Request, pk: str | None = None) -> Response:
        """Say that others are the same person: they become part of this character, which keeps its name."""
        character = self._to_edit()
        others = _read(MergeSerializer, request)["others"]
        return _done(lambda: people_actions.merge_characters(character, others=others, user=request.user))

    @extend_schema(request=SplitSerializer, responses={201: DoneSerializer}, filters=False)
    @action(detail=True, methods=["post"], filterset_class=None)
    def split(self, request: Request, pk: str | None = None) -> Response:
        """Make a new character of some of its tracks; that they are two people is remembered."""
        character = self._to_edit()
        tracks = _read(SplitSerializer, request)["tracks"]
        _require_editor_of(request.user, tracks)
        return _done(lambda: people_actions.split_character(character, tracks=tracks, user=request.user))

    def _to_edit(self) -> Character:
        """The character, where its user edits the film or series or any part of it."""
        character = self.get_object()
        if not access_characters(self.request.user, roles=EDITING_ROLES).filter(pk=character.pk).exists():
            raise PermissionDenied(f"Only editors and administrators of this title's teams may {_ACTION}.")
        return character


class FaceTrackViewSet(ReadOnlyModelViewSet[FaceTrack]):
    """One person through one shot, as far as they were followed; frames are half-open."""

    queryset = FaceTrack.objects.none()
    serializer_class = FaceTrackSerializer
    filterset_class = FaceTrackFilter

    def get_queryset(self) -> QuerySet[FaceTrack]:
        tracks = access_face_tracks(self.request.user).defer("vector", "portrait").prefetch_related("faces")
        return tracks.annotate(has_portrait=Q(portrait__isnull=False)).order_by("video_id", "start_frame", "id")

    @extend_schema(request=MoveSerializer, responses={201: DoneSerializer}, filters=False)
    @action(detail=False, methods=["post"], filterset_class=None)
    def move(self, request: Request) -> Response:
        """Say who some tracks are. What a person said is never overruled by a later analysis."""
        given = _read(MoveSerializer, request)
        _require_editor_of(request.user, given["tracks"])
        return _done(
            lambda: people_actions.move_tracks(
                given["tracks"], to=given["to"], user=request.user, spread=given["spread"]
            )
        )

    @extend_schema(request=NotFacesSerializer, responses={201: DoneSerializer}, filters=False)
    @action(detail=False, methods=["post"], url_path="not-faces", url_name="not-faces", filterset_class=None)
    def not_faces(self, request: Request) -> Response:
        """Say that some tracks show no face."""
        tracks = _read(NotFacesSerializer, request)["tracks"]
        _require_editor_of(request.user, tracks)
        return _done(lambda: people_actions.mark_not_faces(tracks, user=request.user))


class PeopleActionViewSet(mixins.ListModelMixin, GenericViewSet[PeopleAction]):
    """Everything that people did to casts, newest first. Nothing is overwritten: undoing is an action too."""

    queryset = PeopleAction.objects.none()
    serializer_class = PeopleActionSerializer
    filterset_class = PeopleActionFilter

    def get_queryset(self) -> QuerySet[PeopleAction]:
        actions = access_people_actions(self.request.user).defer("changes").select_related("user")
        return actions.annotate(is_undone=Q(undone_by__isnull=False)).order_by("-id")


class TitlePeopleViewSet(ViewSet):
    """The people of a title: its cast with who meets whom, and what there is to ask about it."""

    @extend_schema(operation_id="titles_people_retrieve", parameters=[PeopleQuerySerializer], responses=CastSerializer)
    def people(self, request: Request, pk: int) -> Response:
        """Who is in a title's films, the most prominent first, and who is seen together with whom and how long."""
        title = self._title(pk)
        form = PeopleQuerySerializer(data=request.query_params, context={"request": request})
        form.is_valid(raise_exception=True)
        cast = load_cast(request.user, title, video=form.validated_data.get("video"))
        return Response(CastSerializer(cast, context={"request": request}).data)

    @extend_schema(
        operation_id="titles_people_questions_list",
        parameters=[QuestionsQuerySerializer],
        responses=QuestionSerializer(many=True),
    )
    def questions(self, request: Request, pk: int) -> Response:
        """What is to be asked about a title's people, the most worthwhile first."""
        title = self._title(pk)
        form = QuestionsQuerySerializer(data=request.query_params)
        form.is_valid(raise_exception=True)
        asked = open_questions(request.user, title, limit=form.validated_data["limit"])
        return Response(QuestionSerializer(asked, many=True).data)

    @extend_schema(
        operation_id="titles_people_questions_answer", request=AnswerSerializer, responses={201: DoneSerializer}
    )
    def answer(self, request: Request, pk: int) -> Response:
        """Answer a question by yes or no."""
        title = self._title_to_edit(pk)
        return _done(lambda: _answer(title, request.user, **_read(AnswerSerializer, request)))

    @extend_schema(
        operation_id="titles_people_undo",
        request=None,
        responses={201: PeopleActionSerializer, 409: CONFLICT},
    )
    def undo(self, request: Request, pk: int) -> Response:
        """Take back your latest action on the title's cast that is not taken back yet."""
        undone = undo(cast_scope(self._title_to_edit(pk)), user=request.user)
        if undone is None:
            raise Conflict("There is nothing of yours to undo in this cast.")
        undone.is_undone = False
        return Response(PeopleActionSerializer(undone).data, status=status.HTTP_201_CREATED)

    def _title(self, pk: int) -> Title:
        return get_object_or_404(access_titles(self.request.user).select_related("parent__parent"), pk=pk)

    def _title_to_edit(self, pk: int) -> Title:
        title = self._title(pk)
        require_editor(self.request.user, title_id=title.pk, action=_ACTION)
        return title


_SETTERS: dict[str, Callable[[Character, Any, User], Done]] = {
    "name": lambda character, value, user: people_actions.name_character(character, name=value, user=user),
    "importance": lambda character, value, user: people_actions.set_importance(
        character, importance=value, user=user
    ),
    "is_locked": lambda character, value, user: people_actions.set_locked(character, locked=value, user=user),
}


def _answer(title: Title, user: User, *, kind: str, first: int, second: int, same: bool) -> Done:
    """Yes and no to the questions of `open_questions`."""
    scope = cast_scope(title)
    characters = Character.objects.filter(scope=scope).select_related("scope")
    whom = _find(characters, second, field="second")
    if kind == "characters":
        who = _find(characters, first, field="first")
        if same:
            return people_actions.merge_characters(whom, others=[who], user=user)
        return people_actions.declare_different(who, whom, user=user)
    track = _find(access_track_keys(user).filter(video__title__in=titles_in_scope(scope)), first, field="first")
    _require_editor_of(user, [track])
    if not same:
        return people_actions.refuse_track(track, character=whom, user=user)
    if track.character_id == whom.pk:
        return people_actions.confirm_track(track, user=user)
    return people_actions.move_tracks([track], to=whom, user=user)


def _find(rows: QuerySet[Any], pk: int, *, field: str) -> Any:
    found = rows.filter(pk=pk).first()
    if found is None:
        raise ValidationError({field: [f'Invalid pk "{pk}" - object does not exist.']})
    return found


def _read(serializer: Any, request: Request) -> dict[str, Any]:
    form = serializer(data=request.data, context={"request": request})
    form.is_valid(raise_exception=True)
    return form.validated_data


def _require_editor_of(user: User, tracks: Collection[FaceTrack]) -> None:
    videos = {track.video_id for track in tracks}
    require_editor_of(user, Title.objects.filter(videos__in=videos).values_list("pk", flat=True))


def _done(act: Callable[[], Done]) -> Response:
    return Response(DoneSerializer(_do(act)).data, status=status.HTTP_201_CREATED)


def _do(act: Callable[[], Done], *, field: str = "non_field_errors") -> Done:
    try:
        return act()
    except InvalidPeopleAction as error:
        raise ValidationError({field: [str(error)]}) from error
