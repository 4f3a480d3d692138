"""REST API of like pictures: a title's groups, what people say of them, and comparing pictures that are sent."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import TooManyFilesSent
from django.db.models import QuerySet
from django.http import QueryDict
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ViewSet

from ava.api_errors import CONFLICT, Conflict
from ava.models import Title
from ava.roles import require_editor
from ava.selectors import access_titles
from curation.models import PictureGroup, SimilarPair
from curation.picture_actions import InvalidPictureAction
from curation.picture_forms import ACTIONS, do_action
from curation.picture_pages import KINDS, GroupCard, Member, group_cards, of_kind, title_groups
from curation.picture_similarity import MOST_PICTURES, UnusablePictures, compare_uploads, refuse_too_large
from curation.picture_undo import undo
from curation.picture_views import ACTION
from curation.similarity.index import INDEX_VERSION, PARTS

UNDO = "undo"


class PartsSerializer(serializers.Serializer[Any]):
    """The four parts of a similarity index, each 0–1, 1 the same."""

    histogram = serializers.FloatField(help_text="Of the colour histograms' distance.")
    structure = serializers.FloatField(help_text="Structural similarity.")
    features = serializers.FloatField(help_text="Matched features whose geometry was verified.")
    emd = serializers.FloatField(help_text="Of the earth mover's distance of the colours.")


class GroupPairSerializer(serializers.Serializer[Any]):
    """How like two pictures of a group are."""

    a = serializers.IntegerField(help_text="Picture.")
    b = serializers.IntegerField(help_text="Picture.")
    index = serializers.FloatField(help_text="0–1; from 0.5 on the two are taken for one picture.")
    parts = PartsSerializer()


class GroupMemberSerializer(serializers.Serializer[Any]):
    """A copy in a group: a still, by its video and frame, or an artwork."""

    picture = serializers.IntegerField(help_text="By which verdicts name it.")
    name = serializers.CharField(help_text="Timecode of a still, file name of an artwork.")
    video = serializers.IntegerField(allow_null=True)
    frame_index = serializers.IntegerField(allow_null=True)
    artwork = serializers.IntegerField(allow_null=True)
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    is_lettered = serializers.BooleanField(allow_null=True, help_text="Null: it could not be read.")
    verdict = serializers.CharField(allow_blank=True, help_text="What was decided on a still.")


class PictureGroupSerializer(serializers.Serializer[Any]):
    """Copies of one picture. Its number stays as long as most of it stays together."""

    id = serializers.IntegerField()
    best = serializers.IntegerField(allow_null=True, help_text="The picture to keep.")
    is_best_chosen = serializers.BooleanField(help_text="A person chose it.")
    why = serializers.CharField(allow_blank=True, help_text="Why this copy is the best.")
    members = GroupMemberSerializer(many=True)
    pairs = GroupPairSerializer(many=True)


class GroupsQuerySerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(
        choices=[name for name in KINDS if name], required=False, help_text="Of stills, of artwork, or mixed."
    )


class PictureVerdictSerializer(serializers.Serializer[Any]):
    """What somebody says of a title's pictures.

    "same": `pictures`, two or more, are one, with all that is grouped with them; "different": two are not;
    "take-out": one is not the same as the rest of its group; "best": one is the copy to keep; "keep": the best copy
    of `group` is picked, its other stills rejected; "undo": your latest of these is taken back.
    """

    action = serializers.ChoiceField(choices=[*ACTIONS, UNDO])
    pictures = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), required=False, max_length=500
    )
    group = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


class PictureActionSerializer(serializers.Serializer[Any]):
    """What was done, in a sentence."""

    action = serializers.IntegerField(source="pk")
    sentence = serializers.CharField()


class TitlePictureGroupsViewSet(GenericViewSet[PictureGroup]):
    """A title's groups of like pictures, stills and artwork, and what people say of them."""

    queryset = PictureGroup.objects.none()
    serializer_class = PictureGroupSerializer
    filter_backends = ()

    @extend_schema(
        operation_id="titles_similar_list",
        parameters=[GroupsQuerySerializer],
        responses=PictureGroupSerializer(many=True),
    )
    def list(self, request: Request, pk: int) -> Response:
        """The groups, the largest first."""
        title = get_object_or_404(access_titles(request.user), pk=pk)
        form = GroupsQuerySerializer(data=request.query_params)
        form.is_valid(raise_exception=True)
        groups = of_kind(title_groups(title), form.validated_data.get("kind", ""))
        page = self.paginate_queryset(groups.order_by("-member_count", "pk")) or []
        return self.get_paginated_response(PictureGroupSerializer(_describe(title, page), many=True).data)

    @extend_schema(
        operation_id="titles_similar_say",
        request=PictureVerdictSerializer,
        responses={201: PictureActionSerializer, 409: CONFLICT},
    )
    def say(self, request: Request, pk: int) -> Response:
        """Say whether pictures are the same, or which copy is the best. It holds through every later grouping."""
        title = get_object_or_404(access_titles(request.user), pk=pk)
        require_editor(request.user, title_id=title.pk, action=ACTION)
        form = PictureVerdictSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        if form.validated_data["action"] == UNDO:
            done = undo(title, user=request.user)
            if done is None:
                raise Conflict("There is nothing of yours to undo among this title's pictures.")
        else:
            try:
                done = do_action(_as_fields(form.validated_data), title=title, user=request.user)
            except InvalidPictureAction as error:
                raise ValidationError({"non_field_errors": [str(error)]}) from error
        return Response(PictureActionSerializer(done).data, status=status.HTTP_201_CREATED)


class SentPicturesSerializer(serializers.Serializer[Any]):
    """Pictures to compare, as files."""

    pictures = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True), min_length=2, max_length=MOST_PICTURES
    )


class SentPairSerializer(serializers.Serializer[Any]):
    """How like two of the files are."""

    a = serializers.CharField()
    b = serializers.CharField()
    index = serializers.FloatField()
    parts = PartsSerializer()


class SentSimilaritySerializer(serializers.Serializer[Any]):
    """Every two of the pictures, and which are one picture, by the names of their files."""

    pairs = SentPairSerializer(many=True)
    groups = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))


class SimilarityViewSet(ViewSet):
    """The similarity of pictures that are sent along; nothing of them is kept."""

    parser_classes = [MultiPartParser]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if request.method == "POST":
            try:
                refuse_too_large(request._request)
            except UnusablePictures as error:
                raise ValidationError({"pictures": list(error.problems)}) from error
        super().initial(request, *args, **kwargs)

    @extend_schema(
        operation_id="similar",
        request={"multipart/form-data": SentPicturesSerializer},
        responses=SentSimilaritySerializer,
    )
    def compare(self, request: Request) -> Response:
        """Compare two or more pictures with one another, as `manage.py similar` does."""
        try:
            form = SentPicturesSerializer(data=request.data)
        except TooManyFilesSent as error:
            raise ValidationError({"pictures": [f"Send {MOST_PICTURES} pictures at once at most."]}) from error
        form.is_valid(raise_exception=True)
        try:
            found = compare_uploads(form.validated_data["pictures"])
        except UnusablePictures as error:
            raise ValidationError({"pictures": list(error.problems)}) from error
        return Response(SentSimilaritySerializer(found).data)


def _as_fields(given: Mapping[str, Any]) -> QueryDict:
    """What a form would have sent."""
    fields = QueryDict(mutable=True)
    fields["action"] = given["action"]
    fields.setlist("pictures", [str(pk) for pk in given.get("pictures", [])])
    fields.setlist("group", [str(given["group"])] if "group" in given else [])
    return fields


def _describe(title: Title, groups: list[PictureGroup]) -> Iterable[dict[str, Any]]:
    pairs = _pairs(groups)
    for card in group_cards(title, groups):
        yield {
            "id": card.group.pk,
            "best": card.group.best_id,
            "is_best_chosen": card.group.is_best_chosen,
            "why": card.why,
            "members": [_describe_member(member) for member in card.members],
            "pairs": [_describe_pair(pair) for pair in _of(card, pairs)],
        }


def _pairs(groups: list[PictureGroup]) -> dict[int, list[SimilarPair]]:
    rows: QuerySet[SimilarPair] = SimilarPair.objects.filter(
        first__group__in=[group.pk for group in groups], version=INDEX_VERSION
    ).select_related("first", "second")
    rows = rows.only("first__group", "second__group", "index", *PARTS)
    found: dict[int, list[SimilarPair]] = {}
    for pair in rows.order_by("-index", "pk"):
        if pair.first.group_id == pair.second.group_id:
            found.setdefault(pair.first.group_id, []).append(pair)
    return found


def _of(card: GroupCard, pairs: Mapping[int, list[SimilarPair]]) -> list[SimilarPair]:
    return pairs.get(card.group.pk, [])


def _describe_member(member: Member) -> dict[str, Any]:
    card = member.card
    return {
        "picture": card.pk, "name": card.label, "video": card.video, "frame_index": card.frame_index,
        "artwork": card.artwork, "width": card.width, "height": card.height, "verdict": member.verdict,
        "is_lettered": member.facts.is_lettered if member.facts else None,
    }  # fmt: skip


def _describe_pair(pair: SimilarPair) -> dict[str, Any]:
    parts = {name: round(getattr(pair, name), 4) for name in PARTS}
    return {"a": pair.first_id, "b": pair.second_id, "index": round(pair.index, 4), "parts": parts}
