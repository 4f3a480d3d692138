"""REST API of laying out a picture that is sent along: as `manage.py layout IMAGE --json` tells it."""

from __future__ import annotations

import threading
from typing import Any

from django.core.exceptions import TooManyFilesSent
from django.core.files.uploadedfile import UploadedFile
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from ava.annotate.compute_device import DeviceUnavailable
from ava.annotate.network_errors import UnusableNetwork
from ava.api_errors import CONFLICT, Conflict
from ava.detectors import loaded_detectors
from ava.file_names import clean_name
from ava.media.picture_file import UnusablePicture, open_picture
from ava.model_files import weights_store
from ava.weights.errors import WeightsError
from curation.artwork_uploads import as_given_files
from curation.layout.canvases import DEFAULT_CANVASES
from curation.layout.picture import DETECTORS, lacking_detectors, lay_out_picture
from curation.layout.picture_told import tell_picture
from curation.picture_similarity import MOST_BYTES_EACH

MOST_BYTES_OF_A_FORM = 2**18
"""What a request may hold beside the picture."""
PICTURE = "picture"

_looking = threading.Lock()
"""Detectors hold what they last saw; requests of one process take turns with them."""


class SentPictureSerializer(serializers.Serializer[Any]):
    """A picture to lay out, as a file, and of which canvases; all by default."""

    picture = serializers.FileField(allow_empty_file=True)
    canvas = serializers.MultipleChoiceField(
        choices=[(canvas.key, canvas.name) for canvas in DEFAULT_CANVASES], required=False
    )


class LaidOutSerializer(serializers.Serializer[Any]):
    """Focal point, crops and placements of a picture; boxes are x0, y0, x1, y1 in pixels of the upright picture."""

    image = serializers.CharField(help_text="Name of the file.")
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    focal_point = serializers.ListField(child=serializers.FloatField(), min_length=2, max_length=2)
    crops = serializers.DictField(help_text="Box by canvas key.")
    placements = serializers.DictField(help_text="Box on the whole picture by kind, where a place is free.")
    layout = serializers.DictField(help_text="Every canvas with its crop, how it suits and what goes where, and why.")
    faces = serializers.ListField(child=serializers.DictField())
    text_regions = serializers.ListField(child=serializers.DictField())
    remarks = serializers.ListField(child=serializers.CharField(), help_text="On how the file was read.")
    unavailable = serializers.ListField(child=serializers.DictField(), help_text="What could not be looked for.")


class LayoutViewSet(ViewSet):
    """The layout of a picture that is sent along; nothing of it is kept."""

    parser_classes = [MultiPartParser]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if request.method == "POST":
            _refuse_too_large(request)
        super().initial(request, *args, **kwargs)

    @extend_schema(
        operation_id="layout",
        request={"multipart/form-data": SentPictureSerializer},
        responses={200: LaidOutSerializer, 409: CONFLICT},
    )
    def lay_out(self, request: Request) -> Response:
        """Lay out a picture for every canvas, as `manage.py layout` does."""
        try:
            form = SentPictureSerializer(data=request.data)
        except TooManyFilesSent as error:
            raise ValidationError({PICTURE: ["Send one picture."]}) from error
        form.is_valid(raise_exception=True)
        if len(request.FILES.getlist(PICTURE)) > 1:
            raise ValidationError({PICTURE: ["Send one picture at a time."]})
        try:
            told = _lay_out_upload(form.validated_data[PICTURE], keys=form.validated_data.get("canvas") or ())
        except UnusablePicture as error:
            raise ValidationError({PICTURE: [str(error)]}) from error
        except (WeightsError, UnusableNetwork, DeviceUnavailable) as error:
            raise Conflict(str(error)) from error
        return Response(told)


def _refuse_too_large(request: Request) -> None:
    """Before anything of it is read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MOST_BYTES_EACH + MOST_BYTES_OF_A_FORM:
        raise ValidationError({PICTURE: [f"Send a picture of {MOST_BYTES_EACH // 2**20} MB at most."]})


def _lay_out_upload(file: UploadedFile, *, keys: Any) -> dict[str, Any]:
    name = clean_name(file.name or PICTURE)
    with as_given_files([file]) as (given,):
        read = open_picture(given.file, name=name)
    canvases = [canvas for canvas in DEFAULT_CANVASES if not keys or canvas.key in keys]
    with _looking:
        laid_out = lay_out_picture(read.rgb, detectors=loaded_detectors(set(DETECTORS)), canvases=canvases)
    return tell_picture(laid_out, name=name, remarks=read.remarks, unavailable=lacking_detectors(weights_store()))
