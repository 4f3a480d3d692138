"""An artwork's picture at a few widths, cached, and its file as it came."""

import functools
import uuid
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe
from PIL import Image

from ava.file_responses import guard, serve_file
from ava.frame_cache import FrameCache
from ava.frames import WIDTHS_PX, offered_width
from ava.media.picture_copies import JPEG_QUALITY, PREVIEW_WIDTH_PX, shrink
from ava.media.picture_file import UnusablePicture, read_picture
from ava.media_serving import serve_stored
from ava.storage import local_path
from curation.models import Artwork
from curation.selectors import access_artworks

_FOREVER = "private, max-age=31536000, immutable"


@require_safe
def artwork_picture(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The picture as a JPEG of width `w`: the same or next larger of WIDTHS_PX, and never enlarged."""
    found = get_object_or_404(access_artworks(request.user).only("sha256", "picture", "preview"), pk=pk)
    width_px = offered_width(request.GET.get("w", str(PREVIEW_WIDTH_PX)))
    if width_px is None:
        sentence = f"w must be a width of 1 to {WIDTHS_PX[-1]} pixels."
        return guard(HttpResponse(sentence, status=400, content_type="text/plain; charset=utf-8"))
    etag = f'"{found.sha256[:32]}-{width_px}"'
    if width_px == PREVIEW_WIDTH_PX and found.preview:
        return serve_stored(
            request, name=found.preview.name, content_type="image/jpeg", etag=etag, cache_control=_FOREVER
        )
    path = _scaled(found, width_px=width_px)
    return serve_file(request, path, content_type="image/jpeg", cache_control=_FOREVER, etag=etag)


@require_safe
def artwork_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file as it came, always to be saved and never to be shown as a page."""
    found = get_object_or_404(access_artworks(request.user).only("original_name", "sha256", "file"), pk=pk)
    try:
        path = local_path(found.file)
    except FileNotFoundError as error:
        raise Http404("This file is not here any more.") from error
    return serve_file(
        request, path, content_type="application/octet-stream", cache_control="private, no-cache",
        etag=f'"{found.sha256}"', download_name=found.original_name.rpartition("/")[2],
    )  # fmt: skip


def _scaled(artwork: Artwork, *, width_px: int) -> Path:
    """The picture at a width in the cache, made now if it is not there."""
    cache = _cache_in(Path(settings.AVA_CACHE_DIR) / "artwork", settings.AVA_FRAME_CACHE_BYTES // 4)
    name = f"{artwork.sha256[:2]}/{artwork.sha256}-{width_px}.jpg"
    if cache.read(name) is None:
        target = cache.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{uuid.uuid4().hex}")
        try:
            _write(artwork, partial, width_px=width_px)
            partial.replace(target)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        cache.note_written(target.stat().st_size)
    return cache.folder / name


def _write(artwork: Artwork, target: Path, *, width_px: int) -> None:
    """From the copy that AVA made, never from the file that came."""
    try:
        rgb = read_picture(local_path(artwork.picture))
    except (UnusablePicture, FileNotFoundError) as error:
        raise Http404("This picture is not here any more.") from error
    shrink(Image.fromarray(rgb), width_px=width_px).save(target, "JPEG", quality=JPEG_QUALITY)


@functools.cache
def _cache_in(folder: Path, most_bytes: int) -> FrameCache:
    return FrameCache(folder, most_bytes=most_bytes)
