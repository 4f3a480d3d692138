"""REST API of a title's pixel report."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.viewsets import ViewSet

from ava.selectors import access_titles
from qc.models import PixelFlag
from qc.report_files import REPORT_KINDS, report_response
from qc.report_request import InvalidReport, read_report_request

_DEFAULT = "json"


class TitlePixelReportViewSet(ViewSet):
    """A title's flags as a report for whoever mends them."""

    @extend_schema(
        operation_id="titles_pixels_report_retrieve",
        parameters=[
            OpenApiParameter("as", str, enum=list(REPORT_KINDS), description="Kind of file; json without it."),
            OpenApiParameter(
                "states", str, description=f"Of {', '.join(PixelFlag.State.values)}, with commas, or all; confirmed "
                "without it.",
            ),
            OpenApiParameter("video", int, description="One of the title's films; all without it."),
            OpenApiParameter("kind", str, enum=PixelFlag.Kind.values, description="Both without it."),
        ],
        responses={
            (200, "application/json"): OpenApiResponse(
                {"type": "object", "additionalProperties": {}}, description="`schema` 1: title, films, marks."
            ),
            (200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY, description="The other kinds."),
        },
        filters=False,
    )  # fmt: skip
    def report(self, request: Request, pk: int) -> HttpResponse:
        """The report of a title's flags, confirmed ones unless others are asked for."""
        title = get_object_or_404(access_titles(request.user).select_related("parent"), pk=pk)
        kind = request.query_params.get("as", _DEFAULT)
        if kind not in REPORT_KINDS:
            raise ValidationError({"as": [f"Give one of {', '.join(REPORT_KINDS)}."]})
        try:
            asked = read_report_request(request.query_params, title=title)
            return report_response(title, kind=kind, user=request.user, asked=asked)
        except InvalidReport as error:
            raise ValidationError({"non_field_errors": [str(error)]}) from error
