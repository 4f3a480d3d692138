"""Starting a scan for pixel errors from a page: permission, one call, response."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from ava.form_answers import answer
from ava.selectors import access_videos
from ava.services import AnalysisRunning
from qc.pixel.model_file import UnfitModel
from qc.scan_services import require_scanner, start_scan


@require_POST
def scan_video(request: HttpRequest, pk: int) -> HttpResponse:
    """Scan whatever of a film the model in use has not scanned yet."""
    video = get_object_or_404(access_videos(request.user).select_related("title"), pk=pk)
    require_scanner(request.user, title_id=video.title_id)
    fallback = f"{video.title.get_absolute_url()}?video={video.pk}"
    try:
        job = start_scan(video, request.user)
    except (AnalysisRunning, UnfitModel) as error:
        return answer(request, {"detail": str(error)}, fallback=fallback, status=409)
    return answer(request, {"job": job.pk}, fallback=fallback, status=201)
