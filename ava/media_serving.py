"""Stored films and pictures over HTTP, to those who may see them.

Local files are streamed by ranges, or handed to nginx where `AVA_X_ACCEL_PREFIX` names an internal location over
the media root; files in object storage are fetched by the browser at a signed address.
"""

from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import path
from django.views.decorators.http import require_safe

from ava.file_responses import guard, serve_file
from ava.filmstrip import filmstrip_name
from ava.models import Video
from ava.selectors import access_videos

REVALIDATED = "private, no-cache"  # kept by the browser, shown only after asking whether it is still so

# QuickTime files that browsers can play, they play under MP4's name.
_TYPES = {
    "mov,mp4,m4a,3gp,3g2,mj2": "video/mp4",
    "avi": "video/x-msvideo",
    "mpegts": "video/mp2t",
    "mpeg": "video/mpeg",
    "mxf": "application/mxf",
    "flv": "video/x-flv",
    "asf": "video/x-ms-asf",
    "ogg": "video/ogg",
}
_WEB_CODECS = {"vp8", "vp9", "av1"}


@require_safe
def video_play(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The film for the player: its proxy where there is one, else the file itself."""
    videos = access_videos(request.user).only("file", "proxy", "sha256", "container", "codec")
    video = get_object_or_404(videos, pk=pk)
    if video.proxy:
        etag = f'"{Path(video.proxy.name).stem}"'
        return serve_stored(request, name=video.proxy.name, content_type="video/mp4", etag=etag)
    return serve_stored(request, name=video.file.name, content_type=film_type(video), etag=f'"{video.sha256}"')


@require_safe
def video_filmstrip(request: HttpRequest, pk: int, chunk: int) -> HttpResponseBase:
    """The sheet of small pictures of one chunk; `ava.filmstrip` says which frame lies where on it."""
    video = get_object_or_404(access_videos(request.user).only("pk"), pk=pk)
    return serve_stored(request, name=filmstrip_name(video.pk, chunk), content_type="image/jpeg")


def film_type(video: Video) -> str:
    """The media type of a film's own file."""
    if video.container in {"matroska,webm", "matroska", "webm"}:
        return "video/webm" if video.codec in _WEB_CODECS else "video/x-matroska"
    return _TYPES.get(video.container, "application/octet-stream")


def serve_stored(
    request: HttpRequest, *, name: str, content_type: str, etag: str | None = None, cache_control: str = REVALIDATED
) -> HttpResponseBase:
    """Answer with a file of the media storage; who may see it, the caller has checked.

    `etag` (in quotes) changes with the content; without it the file's time and size stand for it.
    Raises Http404 when nothing is stored under the name.
    """
    try:
        local = Path(default_storage.path(name))
    except NotImplementedError:
        return HttpResponseRedirect(default_storage.url(name), headers={"Cache-Control": "private, no-store"})
    prefix = getattr(settings, "AVA_X_ACCEL_PREFIX", "")
    if prefix:
        address = f"{prefix.rstrip('/')}/{quote(name)}"
        headers = {"X-Accel-Redirect": address, "Content-Type": content_type, "Cache-Control": cache_control}
        return guard(HttpResponse(headers=headers))
    return serve_file(request, local, content_type=content_type, cache_control=cache_control, etag=etag)


urlpatterns = [
    path("videos/<int:pk>/play", video_play, name="video-play"),
    path("videos/<int:pk>/filmstrip/<int:chunk>.jpg", video_filmstrip, name="video-filmstrip"),
]
