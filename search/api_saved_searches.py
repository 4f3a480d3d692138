"""REST API of the searches that a person keeps."""

from typing import Any

from django.db.models import Count, F, Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from ava.selectors import access_videos
from search import saved_searches
from search.models import SavedSearch, SavedSearchMatch
from search.saved_searches import MOST_NAME, MOST_QUERY, InvalidSearch
from search.selectors import access_saved_searches


class SavedSearchSerializer(serializers.ModelSerializer[SavedSearch]):
    """A search under a name; `new` counts what it has found since its person looked."""

    name = serializers.CharField(max_length=MOST_NAME)
    query = serializers.CharField(
        max_length=MOST_QUERY, help_text="The query string of /search/, as q=words&scale=full."
    )
    new = serializers.IntegerField(read_only=True, default=0)

    class Meta:
        model = SavedSearch
        fields = ["id", "name", "query", "new", "looked_at", "created_at"]
        read_only_fields = ["id", "looked_at", "created_at"]


class SavedSearchNameSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=MOST_NAME)


class SavedSearchMatchSerializer(serializers.ModelSerializer[SavedSearchMatch]):
    """Where a search found something for the first time."""

    class Meta:
        model = SavedSearchMatch
        fields = ["id", "video", "start_frame", "found_at"]
        read_only_fields = fields


class SavedSearchViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, GenericViewSet[SavedSearch]
):
    """A person's own kept searches. They are run again when films can be searched, and tell once what is new."""

    queryset = SavedSearch.objects.none()
    serializer_class = SavedSearchSerializer

    def get_queryset(self) -> QuerySet[SavedSearch]:
        is_new = Q(matches__found_at__gt=F("looked_at"), matches__video__in=access_videos(self.request.user))
        found = access_saved_searches(self.request.user)
        return found.annotate(new=Count("matches", filter=is_new)).order_by("name", "id")

    @extend_schema(responses={201: SavedSearchSerializer})
    def create(self, request: Request) -> Response:
        """Keep a search; the one of that name is replaced."""
        form = self.get_serializer(data=request.data)
        form.is_valid(raise_exception=True)
        try:
            saved = saved_searches.save_search(request.user, **form.validated_data)
        except InvalidSearch as error:
            raise ValidationError({"detail": [str(error)]}) from error
        return Response(self.get_serializer(saved).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=SavedSearchNameSerializer, responses={200: SavedSearchSerializer})
    @action(detail=True, methods=["post"])
    def rename(self, request: Request, pk: str) -> Response:
        """Give it another name."""
        saved = self.get_object()
        form = SavedSearchNameSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        try:
            saved_searches.rename_search(saved, name=form.validated_data["name"])
        except InvalidSearch as error:
            raise ValidationError({"name": [str(error)]}) from error
        return Response(self.get_serializer(saved).data)

    @extend_schema(responses={200: SavedSearchMatchSerializer(many=True)}, filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def news(self, request: Request, pk: str) -> Response:
        """What it has found since its person looked, in films that the person still sees."""
        found = saved_searches.new_matches(request.user).filter(search=self.get_object()).order_by("pk")
        return Response(SavedSearchMatchSerializer(found, many=True).data)
