"""REST API of stills and decisions."""

from typing import Any

from django.db import transaction
from django.db.models import CharField, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from ava.api_errors import CONFLICT, Conflict
from ava.models import User, Video
from ava.roles import require_editor
from ava.selectors import EDITING_ROLES, access_videos, packed_fields
from curation import decisions
from curation.api_filters import DecisionFilter, StillFilter
from curation.api_serializers import DecideSerializer, DecisionSerializer, StillSerializer, UndoSerializer
from curation.models import Decision, Still
from curation.people_filters import with_characters
from curation.selectors import access_decisions, access_stills

MOST_AT_ONCE = 1000


def one_or_many(name: str, serializer: Any) -> PolymorphicProxySerializer:
    return PolymorphicProxySerializer(
        component_name=name, serializers=[serializer, serializer(many=True)], resource_type_field_name=None, many=False
    )


class StillViewSet(ReadOnlyModelViewSet[Still]):
    """Frames proposed as artwork, best first, each with the parts of its score and what was decided about it."""

    queryset = Still.objects.none()
    serializer_class = StillSerializer
    filterset_class = StillFilter

    def get_queryset(self) -> QuerySet[Still]:
        newest = Decision.objects.filter(video=OuterRef("video"), frame_index=OuterRef("frame_index"))
        newest = newest.order_by("-id")
        return (
            with_characters(access_stills(self.request.user))
            .select_related("video")
            .defer(*packed_fields("video__"))
            .annotate(
                verdict=Coalesce(Subquery(newest.values("verdict")[:1]), Value(""), output_field=CharField()),
                stars=Coalesce(Subquery(newest.values("stars")[:1]), Value(0), output_field=IntegerField()),
            )
            .order_by("video_id", "rank", "id")
        )


class DecisionViewSet(ReadOnlyModelViewSet[Decision]):
    """Everything that was ever decided, newest first. Nothing is overwritten: undoing is a decision too."""

    queryset = Decision.objects.none()
    serializer_class = DecisionSerializer
    filterset_class = DecisionFilter

    def get_queryset(self) -> QuerySet[Decision]:
        decided = access_decisions(self.request.user).select_related("user", "video")
        return decided.defer(*packed_fields("video__")).order_by("-id")

    @extend_schema(
        request=one_or_many("DecideOneOrMany", DecideSerializer),
        responses={201: one_or_many("DecidedOneOrMany", DecisionSerializer)},
    )
    def create(self, request: Request) -> Response:
        """Decide about one frame, or about up to 1000 at once: all of them or, when one is refused, none."""
        many = isinstance(request.data, list)
        if many and len(request.data) > MOST_AT_ONCE:
            raise ValidationError(f"Send at most {MOST_AT_ONCE} decisions at once.")
        form = DecideSerializer(data=request.data, many=many, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        wanted = form.validated_data if many else [form.validated_data]
        self._require_editor_of({each["video"] for each in wanted})
        decided = _decide_all(wanted, user=request.user)
        answer = DecisionSerializer(decided if many else decided[0], many=many)
        return Response(answer.data, status=status.HTTP_201_CREATED)

    @extend_schema(
        request=UndoSerializer,
        responses={201: DecisionSerializer, 409: CONFLICT},
        filters=False,
    )
    @action(detail=False, methods=["post"])
    def undo(self, request: Request) -> Response:
        """Take back your latest decision about a film that is not taken back yet."""
        form = UndoSerializer(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        video = form.validated_data["video"]
        self._require_editor_of({video})
        undone = decisions.undo(video, user=request.user)
        if undone is None:
            raise Conflict("There is nothing of yours to undo in this film.")
        return Response(DecisionSerializer(undone).data, status=status.HTTP_201_CREATED)

    def _require_editor_of(self, videos: set[Video]) -> None:
        """One query when all is well; else the sentence that says what is not."""
        pks = {video.pk for video in videos}
        editable = access_videos(self.request.user, roles=EDITING_ROLES).filter(pk__in=pks)
        if editable.count() != len(pks):
            for video in videos:
                require_editor(self.request.user, title_id=video.title_id, action="decide about its frames")


@transaction.atomic
def _decide_all(wanted: list[dict[str, Any]], *, user: User) -> list[Decision]:
    """Film by film in one order for everybody, since each holds its film until the end; answered as asked."""
    decided: dict[int, Decision] = {}
    for position in sorted(range(len(wanted)), key=lambda index: wanted[index]["video"].pk):
        decided[position] = decisions.decide(user=user, **wanted[position])
    return [decided[position] for position in range(len(wanted))]
