"""REST API of artwork."""

from collections.abc import Mapping
from typing import Any

import django_filters as filters
from django.core.exceptions import TooManyFilesSent
from django.core.exceptions import ValidationError as ModelValidationError
from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from ava.api_errors import ErrorSerializer
from ava.api_fields import AccessField
from ava.api_filters import accessible
from ava.api_parsers import JSONParser
from ava.models import Title
from ava.selectors import access_titles
from curation.artwork import LONGEST_LANGUAGE, delete_artwork, require_artwork_editor, set_language
from curation.artwork_facts import describe_artwork
from curation.artwork_filters import ARTWORK_FACETS, SHAPES, SIZES, ArtworkFilters
from curation.artwork_import import Delivery, NoRoom, bring_artwork
from curation.artwork_uploads import TITLE_GONE, UnusableUpload, as_given_files, refuse_too_large
from curation.models import Artwork
from curation.selectors import access_artworks

MOST_FILES = 100
TOO_MANY = f"Send {MOST_FILES} files at once at most, or pack them into a ZIP file."


class DiskFull(APIException):
    """There is no room for what was sent."""

    status_code = status.HTTP_507_INSUFFICIENT_STORAGE


class ArtworkSerializer(serializers.ModelSerializer[Artwork]):
    """An artwork; of its fields only `language` can be changed."""

    name = serializers.CharField(source="original_name", read_only=True)
    picture = serializers.SerializerMethodField(help_text="JPEG; `?w=` gives its width.")
    file = serializers.SerializerMethodField(help_text="As it came.")
    created_by = serializers.CharField(source="created_by.username", read_only=True, default=None, allow_null=True)
    language = serializers.CharField(
        max_length=LONGEST_LANGUAGE, allow_blank=True, required=False, help_text="Of its lettering; BCP 47."
    )
    remarks = serializers.ListField(child=serializers.CharField(), read_only=True, help_text="How it was read.")

    class Meta:
        model = Artwork
        fields = [
            "id", "title", "name", "width", "height", "size_bytes", "sha256", "language", "state", "error", "remarks",
            "signals", "picture", "file", "created_by", "created_at",
        ]  # fmt: skip
        read_only_fields = [name for name in fields if name != "language"]

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_picture(self, artwork: Artwork) -> str:
        return str(self.context["request"].build_absolute_uri(reverse("artwork-picture", args=[artwork.pk])))

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_file(self, artwork: Artwork) -> str:
        return str(self.context["request"].build_absolute_uri(reverse("artwork-file", args=[artwork.pk])))


class ArtworkDetailSerializer(ArtworkSerializer):
    """An artwork with what was found in it."""

    findings = serializers.SerializerMethodField(
        help_text="As a frame's findings: faces, text, people and objects, boxes in pixels of the picture."
    )

    class Meta(ArtworkSerializer.Meta):
        fields = [*ArtworkSerializer.Meta.fields, "findings"]

    @extend_schema_field({"type": "object", "additionalProperties": {}})
    def get_findings(self, artwork: Artwork) -> dict[str, Any]:
        return describe_artwork(artwork)


class ArtworkUploadSerializer(serializers.Serializer[Any]):
    """Pictures, and ZIP files of pictures, for a title."""

    title = AccessField(access=access_titles, model=Title)
    files = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True), max_length=MOST_FILES, allow_empty=False
    )


class BroughtSerializer(serializers.Serializer[Any]):
    """What became of one picture."""

    name = serializers.CharField()
    outcome = serializers.ChoiceField(choices=["added", "duplicate", "refused"])
    sentence = serializers.CharField(help_text="Why, or how it was read; may be empty.")
    artwork = serializers.IntegerField(allow_null=True, help_text="Its number, also of one that was there already.")


class DeliverySerializer(serializers.Serializer[Any]):
    """What became of everything that was sent at once."""

    pictures = BroughtSerializer(many=True)
    leftovers = serializers.IntegerField(help_text="Files of operating systems in archives, which were left out.")


class ArtworkFilter(filters.FilterSet):
    title = filters.ModelChoiceFilter(queryset=accessible(access_titles))
    name = filters.CharFilter(field_name="original_name", lookup_expr="icontains")
    language = filters.CharFilter()
    state = filters.MultipleChoiceFilter(choices=Artwork.State.choices)
    sha256 = filters.CharFilter()
    size = filters.ChoiceFilter(method="narrow", choices=[(value, label) for value, (label, _) in SIZES.items()])
    shape = filters.ChoiceFilter(method="narrow", choices=[(value, label) for value, (label, _) in SHAPES.items()])
    faces, text, colour = (
        filters.ChoiceFilter(method="narrow", choices=[(choice.value, choice.label) for choice in facet.choices])
        for name in ("faces", "text", "colour")
        for facet in ARTWORK_FACETS
        if facet.name == name
    )
    ordering = filters.OrderingFilter(fields=["id", "original_name", "size_bytes", "created_at"])

    class Meta:
        model = Artwork
        fields: list[str] = []

    def narrow(self, artworks: QuerySet[Artwork], name: str, value: str) -> QuerySet[Artwork]:
        """As the library's page narrows it; the order is another filter's."""
        asked: Mapping[str, Any] = {name: value} if name in {"size", "shape"} else {"facets": {name: value}}
        return ArtworkFilters(**asked).narrow(artworks)


class ArtworkViewSet(ModelViewSet[Artwork]):
    """Artwork that was brought into titles. Editors and administrators write.

    Send pictures and ZIP files of them as `files`; what cannot be used is told in a sentence each. Every picture is
    then measured and grouped in the background: `state` tells how far that is.
    """

    queryset = Artwork.objects.none()
    filterset_class = ArtworkFilter
    parser_classes = [MultiPartParser, FormParser, JSONParser]
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        try:
            if request.method == "POST":
                refuse_too_large(request._request)
            super().initial(request, *args, **kwargs)  # may look for a token in the form
        except UnusableUpload as error:
            raise ValidationError({"files": [str(error)]}) from error
        except TooManyFilesSent as error:
            raise ValidationError({"files": [TOO_MANY]}) from error

    def get_queryset(self) -> QuerySet[Artwork]:
        return access_artworks(self.request.user).select_related("created_by").order_by("-id")

    def get_serializer_class(self) -> type[ArtworkSerializer]:
        return ArtworkSerializer if self.action == "list" else ArtworkDetailSerializer

    @extend_schema(
        request={"multipart/form-data": ArtworkUploadSerializer},
        responses={
            201: DeliverySerializer,
            200: OpenApiResponse(DeliverySerializer, description="Nothing new: all of it was there already."),
            507: OpenApiResponse(ErrorSerializer, description="The server's disk is full; nothing was kept."),
        },
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Bring pictures; refused ones are told beside those that came in, and with 400 when none did."""
        try:
            form = ArtworkUploadSerializer(data=request.data, context=self.get_serializer_context())
        except TooManyFilesSent as error:
            raise ValidationError({"files": [TOO_MANY]}) from error
        form.is_valid(raise_exception=True)
        title = form.validated_data["title"]
        require_artwork_editor(request.user, title_id=title.pk)
        try:
            with as_given_files(form.validated_data["files"]) as given:
                delivery = bring_artwork(title, given, user=request.user)
        except NoRoom as error:
            raise DiskFull(str(error)) from error
        except Title.DoesNotExist as error:
            raise NotFound(TITLE_GONE) from error
        return _answer(delivery)

    @extend_schema(request=ArtworkSerializer)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say in which language the lettering is."""
        artwork = self.get_object()
        form = ArtworkSerializer(artwork, data=request.data, partial=True, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        if "language" in form.validated_data:
            try:
                set_language(artwork, form.validated_data["language"], user=request.user)
            except ModelValidationError as error:
                raise ValidationError({"language": error.messages}) from error
        else:
            require_artwork_editor(request.user, title_id=artwork.title_id)
        return Response(self.get_serializer(artwork).data)

    def perform_destroy(self, instance: Artwork) -> None:
        delete_artwork(instance, user=self.request.user)


def _answer(delivery: Delivery) -> Response:
    if delivery.not_added and all(each.artwork is None for each in delivery.pictures):
        raise ValidationError({"files": [each.sentence for each in delivery.pictures]})
    pictures = [each._asdict() | {"outcome": each.outcome.value} for each in delivery.pictures]
    code = status.HTTP_201_CREATED if delivery.added else status.HTTP_200_OK
    return Response({"pictures": pictures, "leftovers": delivery.leftovers}, status=code)
