"""REST API of logos."""

from typing import Any

import django_filters as filters
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from ava.api_fields import AccessField
from ava.api_filters import accessible
from ava.api_parsers import JSONParser
from ava.models import Team
from ava.selectors import access_teams, packed_fields
from curation.logos import access_logos, access_sightings, delete_logo, save_logo, with_stills
from curation.models import Logo, LogoLook
from curation.stills.logo_pictures import MOST_BYTES, UnusableLogo

MOST_BYTES_OF_A_FORM = 2**16


class LogoSerializer(serializers.ModelSerializer[Logo]):
    team = AccessField(access=access_teams, model=Team, help_text="Fixed once the logo is made.")
    brand_words = serializers.ListField(
        child=serializers.CharField(max_length=60),
        required=False,
        help_text="Names to find among the words that are read in a still.",
    )
    upload = serializers.FileField(
        write_only=True, required=False, allow_empty_file=True, help_text="PNG, JPEG or WebP of up to 8 MB."
    )
    picture = serializers.SerializerMethodField(help_text="PNG; null where only brand words are looked for.")
    shown_in = serializers.IntegerField(read_only=True, help_text="How many stills show it.")
    created_by = serializers.CharField(source="created_by.username", read_only=True, default=None, allow_null=True)

    class Meta:
        model = Logo
        fields = [
            "id", "team", "name", "is_wanted", "brand_words", "upload", "picture", "shown_in", "created_by",
            "created_at",
        ]  # fmt: skip
        # Names are checked by the model, which knows the team of a logo that is changed.
        validators: list[Any] = []

    @extend_schema_field({"type": "string", "format": "uri", "nullable": True})
    def get_picture(self, logo: Logo) -> str | None:
        if not logo.picture:
            return None
        return self.context["request"].build_absolute_uri(reverse("logo-picture", args=[logo.pk]))


class FindSerializer(serializers.Serializer[Any]):
    """One place in a still where the logo is."""

    box = serializers.ListField(child=serializers.FloatField(), help_text="[x0, y0, x1, y1] in pixels of the film.")
    quadrilateral = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField()),
        help_text="Its corners [x, y], clockwise from its own top left.",
    )
    probability = serializers.FloatField(help_text="0–1.")
    by = serializers.ChoiceField(choices=["picture", "words"], help_text="The mark was seen, or a brand word read.")
    words = serializers.CharField(required=False, help_text="What was read.")


class SightingSerializer(serializers.ModelSerializer[LogoLook]):
    still = serializers.IntegerField(source="still_id", read_only=True)
    title = serializers.IntegerField(source="video.title_id", read_only=True)
    timecode = serializers.CharField(read_only=True)
    found = FindSerializer(many=True, read_only=True)
    probability = serializers.FloatField(read_only=True, help_text="Of the surest find, 0–1.")

    class Meta:
        model = LogoLook
        fields = ["still", "video", "title", "frame_index", "timecode", "probability", "found"]
        read_only_fields = fields


class LogoFilter(filters.FilterSet):
    team = filters.ModelChoiceFilter(queryset=accessible(access_teams))
    name = filters.CharFilter(lookup_expr="icontains")
    ordering = filters.OrderingFilter(fields=["name", "created_at", "id"])

    class Meta:
        model = Logo
        fields = ["is_wanted"]


class LogoViewSet(ModelViewSet[Logo]):
    """Logos that your teams want in their pictures or must avoid. Editors and administrators write.

    Every still of the team's titles is searched for a new or changed logo in the background.
    """

    queryset = Logo.objects.none()
    serializer_class = LogoSerializer
    filterset_class = LogoFilter
    parser_classes = [MultiPartParser, JSONParser]
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES + MOST_BYTES_OF_A_FORM:
            raise ValidationError({"upload": [f"The picture is larger than {MOST_BYTES // 2**20} MB."]})
        super().initial(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Logo]:
        looks = access_sightings(self.request.user).filter(logo=OuterRef("pk")).order_by().values("logo")
        shown_in = Coalesce(Subquery(looks.annotate(count=Count("pk")).values("count")), 0)
        logos = access_logos(self.request.user).select_related("created_by")
        return logos.annotate(shown_in=shown_in).order_by("team_id", "name", "id")

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        form = self.get_serializer(data=request.data)
        form.is_valid(raise_exception=True)
        return self._save(Logo(), form.validated_data, status=status.HTTP_201_CREATED)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        logo = self.get_object()
        form = self.get_serializer(logo, data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        if form.validated_data.get("team", logo.team) != logo.team:
            raise ValidationError({"team": ["A logo stays with its team; add it to the other one too."]})
        return self._save(logo, form.validated_data, status=status.HTTP_200_OK)

    def perform_destroy(self, instance: Logo) -> None:
        delete_logo(instance, user=self.request.user)

    def _save(self, logo: Logo, given: dict[str, Any], *, status: int) -> Response:
        upload = given.pop("upload", None)
        for name, value in given.items():
            setattr(logo, name, value)
        if upload is not None and upload.size > MOST_BYTES:
            raise ValidationError({"upload": [f"The picture is larger than {MOST_BYTES // 2**20} MB."]})
        try:
            save_logo(logo, user=self.request.user, upload=upload.read() if upload is not None else None)
        except UnusableLogo as error:
            raise ValidationError({"upload": [str(error)]}) from error
        return Response(self.get_serializer(self.get_queryset().get(pk=logo.pk)).data, status=status)

    @extend_schema(responses={200: SightingSerializer(many=True)}, filters=False)
    @action(detail=True, filterset_class=None)
    def sightings(self, request: Request, pk: str | None = None) -> Response:
        """The stills that show a logo, the surest first, with the places where it is."""
        logo = self.get_object()
        looks = with_stills(access_sightings(request.user).filter(logo=logo)).select_related("video")
        shown = self.paginate_queryset(looks.defer(*packed_fields("video__")))
        return self.get_paginated_response(SightingSerializer(shown, many=True).data)
