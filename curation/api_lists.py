"""REST API of pick lists."""

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from ava.api_errors import CONFLICT, Conflict
from ava.api_fields import AccessField
from ava.api_filters import accessible
from ava.models import Title
from ava.roles import require_editor
from ava.selectors import access_titles
from curation import pick_lists as lists
from curation.models import PickList
from curation.pick_list_frames import FrameKey, listed_frames
from curation.pick_list_undo import undo
from curation.pick_lists import InvalidPickList
from curation.selectors import access_pick_lists

ACTION = "keep its lists"


class FrameKeySerializer(serializers.Serializer[Any]):
    """One frame of one film."""

    video = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    frame_index = serializers.IntegerField(min_value=0, max_value=2**31 - 1)


class PickListSerializer(serializers.ModelSerializer[PickList]):
    title = AccessField(access=access_titles, model=Title, help_text="Fixed once the list is made.")
    created_by = serializers.CharField(source="created_by.username", read_only=True, default=None, allow_null=True)
    url = serializers.SerializerMethodField(help_text="Its page.")

    class Meta:
        model = PickList
        fields = ["id", "title", "name", "purpose", "created_by", "created_at", "url"]
        validators: list[Any] = []  # names are checked by the model, which knows what is deleted

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_url(self, pick_list: PickList) -> str:
        return str(self.context["request"].build_absolute_uri(reverse("pick-list", args=[pick_list.pk])))


class PickListFramesSerializer(serializers.Serializer[Any]):
    """Something to do to a list's frames."""

    action = serializers.ChoiceField(choices=["add", "remove", "move", "undo"], default="add")
    frames = FrameKeySerializer(many=True, required=False, help_text=f"At most {lists.MOST_AT_ONCE}; not for undo.")
    before = FrameKeySerializer(
        required=False, allow_null=True, help_text="Where to move to; the end without. Only for move."
    )


class PickListFilter(filters.FilterSet):
    title = filters.ModelChoiceFilter(queryset=accessible(access_titles))
    name = filters.CharFilter(lookup_expr="icontains")

    class Meta:
        model = PickList
        fields: list[str] = []


class PickListViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, GenericViewSet[PickList]
):
    """Stills that are gathered for a purpose. Editors and administrators write; whatever they do can be undone."""

    queryset = PickList.objects.none()
    serializer_class = PickListSerializer
    filterset_class = PickListFilter
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def get_queryset(self) -> QuerySet[PickList]:
        found = access_pick_lists(self.request.user).select_related("title", "created_by")
        return found.order_by("title_id", "name", "id")

    def create(self, request: Request) -> Response:
        """Begin a list."""
        form = self.get_serializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        require_editor(request.user, title_id=given["title"].pk, action=ACTION)
        try:
            made = lists.create_list(
                given["title"], name=given["name"], purpose=given.get("purpose", ""), user=request.user
            )
        except InvalidPickList as error:
            raise ValidationError({"name": [str(error)]}) from error
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Give a list another name or purpose."""
        found = self._to_edit()
        form = self.get_serializer(found, data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        if given.get("title", found.title) != found.title:
            raise ValidationError({"title": ["A list stays with its title."]})
        try:
            lists.change_list(found, user=request.user, name=given.get("name"), purpose=given.get("purpose"))
        except InvalidPickList as error:
            raise ValidationError({"name": [str(error)]}) from error
        return Response(self.get_serializer(self.get_object()).data)

    def perform_destroy(self, instance: PickList) -> None:
        require_editor(self.request.user, title_id=instance.title_id, action=ACTION)
        lists.delete_list(instance, user=self.request.user)

    @extend_schema(methods=["GET"], responses={200: FrameKeySerializer(many=True)}, filters=False)
    @extend_schema(
        methods=["POST"],
        request=PickListFramesSerializer,
        responses={200: FrameKeySerializer(many=True), 409: CONFLICT},
        filters=False,
    )
    @action(detail=True, methods=["get", "post"], filterset_class=None, pagination_class=None)
    def frames(self, request: Request, pk: str | None = None) -> Response:
        """The frames in their order; POST adds, removes or moves some, or takes back your last step on the list."""
        found = self.get_object()
        if request.method == "POST":
            require_editor(request.user, title_id=found.title_id, action=ACTION)
            form = PickListFramesSerializer(data=request.data)
            form.is_valid(raise_exception=True)
            try:
                self._act(found, **form.validated_data)
            except InvalidPickList as error:
                raise ValidationError({"frames": [str(error)]}) from error
        return Response([{"video": key.video_id, "frame_index": key.frame_index} for key in listed_frames(found)])

    def _act(
        self, found: PickList, *, action: str, frames: Any = (), before: dict[str, int] | None = None
    ) -> None:
        keys, user = [frame_key(each) for each in frames], self.request.user
        if action == "undo":
            if undo(found, user=user) is None:
                raise Conflict("There is nothing of yours left to undo in this list.")
        elif action == "move":
            lists.move_frames(found, frames=keys, before=frame_key(before) if before else None, user=user)
        else:
            change = lists.add_frames if action == "add" else lists.remove_frames
            change(found, frames=keys, user=user)

    def _to_edit(self) -> PickList:
        found = self.get_object()
        require_editor(self.request.user, title_id=found.title_id, action=ACTION)
        return found


def frame_key(given: dict[str, int]) -> FrameKey:
    """What a FrameKeySerializer has read."""
    return FrameKey(given["video"], given["frame_index"])
