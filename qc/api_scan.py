"""REST API of scans for pixel errors: how far a film is scanned, and starting a scan."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from ava.api import job_to_tell
from ava.api_errors import CONFLICT, Conflict
from ava.api_serializers import JobSerializer
from ava.selectors import access_videos
from ava.services import AnalysisRunning
from qc.pixel.model_file import UnfitModel
from qc.scan_services import require_scanner, scan_state, start_scan


class ScanStateSerializer(serializers.Serializer[Any]):
    scanned_frames = serializers.IntegerField()
    frame_count = serializers.IntegerField()
    models = serializers.ListField(child=serializers.IntegerField(), help_text="Versions that scanned it, newest first")
    is_complete = serializers.BooleanField(help_text="Every frame is scanned, and nothing is at work on the film.")
    has_shots = serializers.BooleanField(help_text="Flags know their shots, which an analysis finds.")
    sentences = serializers.ListField(child=serializers.CharField(), help_text="What readers of its flags should know.")
    job = serializers.IntegerField(source="job.pk", allow_null=True, default=None, help_text="The job at work on it.")


class VideoScanViewSet(ViewSet):
    """The scan of a film for pixel errors."""

    @extend_schema(operation_id="videos_scan_retrieve", responses=ScanStateSerializer, filters=False)
    def state(self, request: Request, pk: int) -> Response:
        """How far the film is scanned, and with which versions of the model."""
        video = get_object_or_404(access_videos(request.user), pk=pk)
        return Response(ScanStateSerializer(scan_state(video)).data)

    @extend_schema(
        operation_id="videos_scan_create", request=None, responses={201: JobSerializer, 409: CONFLICT}, filters=False
    )
    def start(self, request: Request, pk: int) -> Response:
        """Scan what the model in use has not scanned yet, and measure nothing. Editors, administrators, reviewers."""
        video = get_object_or_404(access_videos(request.user), pk=pk)
        require_scanner(request.user, title_id=video.title_id)
        try:
            job = start_scan(video, request.user)
        except (AnalysisRunning, UnfitModel) as error:
            raise Conflict(str(error)) from error
        return Response(JobSerializer(job_to_tell(job.pk)).data, status=status.HTTP_201_CREATED)
