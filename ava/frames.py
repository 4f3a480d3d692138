"""Single frames fetched from the film itself: exact, at a few widths, cached, and cheap to step through."""

import asyncio
import functools
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import path
from django.views.decorators.http import require_safe

from ava.decoder_process import DecoderDied, DecoderPool
from ava.file_responses import guard, serve_file
from ava.form_numbers import read_number
from ava.frame_cache import FrameCache
from ava.info_json import info_to_json
from ava.media.decode import UndecodableFrame
from ava.media.probe import UnusableVideo, VideoInfo
from ava.media.still_file import StillFormat, StillMetadata, still_file_name
from ava.media.timecode import film_timecode
from ava.models import Video
from ava.selectors import access_videos
from ava.storage import local_path
from ava.video_facts import video_info

WIDTHS_PX = (160, 320, 480, 640, 960, 1280, 1920, 2560, 3840)
DEFAULT_WIDTH_PX = 640
FORMATS: dict[StillFormat, str] = {"png": "image/png", "jpeg": "image/jpeg"}
DECODER_VERSION = 1  # raise it when decoding changes what a frame looks like: cached pictures are then made anew

# How far around a frame its neighbours are cached along with it, for people who step through a film.
NEIGHBOURS_BEFORE = 8
NEIGHBOURS_AFTER = 4
SHORTEST_GROUP = 3  # where keyframes are closer than this, any frame is quick to decode alone

DECODERS = DecoderPool(size=2)
LONGEST_WAIT_S = 60.0
_LOOK_EVERY_S = 0.02
_FOREVER = "private, max-age=31536000, immutable"


class Busy(Exception):
    """More frames are asked for than can be decoded in a reasonable time."""


class FramesOrder(NamedTuple):
    """Frames to decode into a folder of the cache."""

    request: dict[str, Any]
    folder: Path


class StillOrder(NamedTuple):
    """A still to write in full resolution, and what its file is called."""

    request: dict[str, Any]
    file_name: str


@require_safe
async def video_frame(request: HttpRequest, pk: int, frame: int) -> HttpResponseBase:
    """One frame as a JPEG of width `w`: the same or next larger of WIDTHS_PX, and never enlarged."""
    width_px = offered_width(request.GET.get("w", str(DEFAULT_WIDTH_PX)))
    video = await sync_to_async(accessible_video)(request, pk=pk, frame=frame)
    if width_px is None:
        return _sentence(400, f"w must be a width of 1 to {WIDTHS_PX[-1]} pixels.")
    etag = f'"{video.sha256[:32]}-{frame}-{width_px}-{DECODER_VERSION}"'
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
    else:
        try:
            content = await frame_jpeg(video, frame=frame, width_px=width_px)
        except (UndecodableFrame, UnusableVideo, DecoderDied, Busy) as error:
            return explain(error, video=video, frame=frame)
        response = HttpResponse(content, content_type="image/jpeg")
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = _FOREVER
    return guard(response)


@require_safe
async def still_download(request: HttpRequest, pk: int, frame: int) -> HttpResponseBase:
    """One frame in full resolution as a PNG or JPEG whose name and metadata say where in the film it is."""
    asked = request.GET.get("format", "png")
    video = await sync_to_async(accessible_video)(request, pk=pk, frame=frame)
    chosen = next((known for known in FORMATS if known == asked), None)
    if chosen is None:
        return _sentence(400, "format must be png or jpeg.")
    target = frame_cache().folder / f".download-{uuid.uuid4().hex}"  # hidden: the cache's pruning clears lost ones away
    try:
        order = await sync_to_async(_still_order)(video.pk, frame=frame, format=chosen, target=target)
        await wait_for_place()
        await in_place(functools.partial(DECODERS.ask, order.request))
    except (UndecodableFrame, UnusableVideo, DecoderDied, Busy) as error:
        return explain(error, video=video, frame=frame)
    return serve_file(
        request, target, content_type=FORMATS[chosen], cache_control="private, no-cache", delete=True,
        etag=f'"{target.name}"', download_name=order.file_name,
    )  # fmt: skip


async def frame_jpeg(video: Video, *, frame: int, width_px: int) -> bytes:
    """The JPEG of a frame, from the cache or from the film, with its neighbours cached for the next step.

    Raises UndecodableFrame, UnusableVideo (the film's file is gone or damaged), DecoderDied and Busy.
    """
    cache, folder = frame_cache(), f"{video.sha256[:2]}/{video.sha256}/{width_px}-{DECODER_VERSION}"
    name = f"{folder}/{frame}.jpg"
    content = await asyncio.to_thread(cache.read, name)
    if content is not None:
        return content
    order = await sync_to_async(_frames_order)(video.pk, frame=frame, width_px=width_px, folder=cache.folder / folder)
    if await wait_for_place(unless=cache.folder / name):
        await in_place(functools.partial(_decode_into, cache, order))
    content = await asyncio.to_thread(cache.read, name)
    if content is None:
        raise UndecodableFrame(f"Frame {frame} of {video} cannot be decoded; take a neighbouring one.")
    return content


async def frame_master(video: Video, *, frame: int) -> bytes:
    """A frame in full resolution as a JPEG of quality 95 without chroma subsampling, from the cache or from the film:
    what other pictures are made from. Raises what `frame_jpeg` raises."""
    cache, name = frame_cache(), f"{video.sha256[:2]}/{video.sha256}/full-{DECODER_VERSION}/{frame}.jpg"
    content = await asyncio.to_thread(cache.read, name)
    if content is not None:
        return content
    target = cache.folder / name
    order = await sync_to_async(_still_order)(video.pk, frame=frame, format="jpeg", target=target)
    if await wait_for_place(unless=target):
        await in_place(functools.partial(DECODERS.ask, order.request))
    content = await asyncio.to_thread(cache.read, name)
    if content is None:
        raise UndecodableFrame(f"Frame {frame} of {video} cannot be decoded; take a neighbouring one.")
    cache.note_written(len(content))
    return content


async def wait_for_place(*, unless: Path | None = None) -> bool:
    """Wait for a decoder and take it: True. False without one when the file `unless` has appeared meanwhile.

    Asking again and again, rather than queueing in a thread, lets a request whose browser has gone away end here.
    """
    deadline = time.monotonic() + LONGEST_WAIT_S
    while unless is None or not unless.exists():
        if DECODERS.take_place():
            return True
        if time.monotonic() > deadline:
            raise Busy("Too many frames are being fetched at once; try again in a moment.")
        await asyncio.sleep(_LOOK_EVERY_S)
    return False


async def in_place(work: Callable[[], Any]) -> Any:
    """Run work that gives the taken place back, in a thread, to its end: also when the request is given up."""
    return await asyncio.shield(asyncio.get_running_loop().run_in_executor(None, work))


def _decode_into(cache: FrameCache, order: FramesOrder) -> None:
    written = DECODERS.ask(order.request)
    paths = (order.folder / f"{index}.jpg" for index in written)
    cache.note_written(sum(path.stat().st_size for path in paths if path.exists()))


def _frames_order(video_id: int, *, frame: int, width_px: int, folder: Path) -> FramesOrder:
    video = Video.objects.get(pk=video_id)
    info = video_info(video)
    start_frame, end_frame = neighbourhood(info, frame)
    request = {
        "work": "frames",
        "path": str(local_path(video.file)),
        "info": info_to_json(info),
        "start_frame": start_frame,
        "end_frame": end_frame,
        "max_side_px": max(width_px, round(width_px * info.height / info.width)),
        "threads": 2,
        "folder": str(folder),
    }
    return FramesOrder(request, folder)


def neighbourhood(info: VideoInfo, frame: int) -> tuple[int, int]:
    """The span of frames, half-open, that is decoded and cached when one frame is asked for."""
    group = int(np.searchsorted(info.keyframes, frame, side="right"))
    start = int(info.keyframes[group - 1]) if group else 0
    end = int(info.keyframes[group]) if group < len(info.keyframes) else info.frame_count
    if end - start < SHORTEST_GROUP:
        return frame, frame + 1
    return max(start, frame - NEIGHBOURS_BEFORE), min(frame + 1 + NEIGHBOURS_AFTER, info.frame_count)


def _still_order(video_id: int, *, frame: int, format: StillFormat, target: Path) -> StillOrder:
    video = Video.objects.select_related("title").get(pk=video_id)
    info = video_info(video)
    metadata = StillMetadata(film=str(video.title), timecode=film_timecode(info, frame), frame_index=frame)
    target.parent.mkdir(parents=True, exist_ok=True)
    request = {
        "work": "still",
        "path": str(local_path(video.file)),
        "info": info_to_json(info),
        "frame_index": frame,
        "format": format,
        "metadata": metadata._asdict(),
        "target": str(target),
    }
    return StillOrder(request, still_file_name(metadata, format=format))


def accessible_video(request: HttpRequest, *, pk: int, frame: int) -> Video:
    """The video, when the person may see it and it has that frame; else Http404."""
    videos = access_videos(request.user).only(
        "sha256", "original_name", "frame_count", "fps_num", "fps_den", "width", "height", "picture_area"
    )
    video = get_object_or_404(videos, pk=pk)
    if frame >= video.frame_count:
        raise Http404(f"{video} has frames 0 to {video.frame_count - 1}.")
    return video


def offered_width(text: str) -> int | None:
    """The smallest width on offer that is at least as large as the one asked for; None for what is no such width."""
    asked = read_number(text, digits=5)
    return next((width for width in WIDTHS_PX if width >= asked), None) if asked else None


def explain(error: Exception, *, video: Video, frame: int) -> HttpResponse:
    """Why a frame cannot be had, as a sentence with the status that fits."""
    if isinstance(error, Busy):
        return _sentence(503, str(error), headers={"Retry-After": "2"})
    if isinstance(error, DecoderDied):
        return _sentence(422, f"Frame {frame} of {video} cannot be fetched: {error}. Take a neighbouring one.")
    return _sentence(422, str(error))


def _sentence(status: int, text: str, *, headers: dict[str, str] | None = None) -> HttpResponse:
    headers = {"Cache-Control": "no-store", **(headers or {})}
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8", headers=headers)


def frame_cache() -> FrameCache:
    """Where pictures decoded from films are kept."""
    return _cache_in(Path(settings.AVA_CACHE_DIR) / "frames", settings.AVA_FRAME_CACHE_BYTES)


@functools.cache
def _cache_in(folder: Path, most_bytes: int) -> FrameCache:
    return FrameCache(folder, most_bytes=most_bytes)


urlpatterns = [
    path("videos/<int:pk>/frames/<int:frame>.jpg", video_frame, name="video-frame"),
    path("videos/<int:pk>/frames/<int:frame>/download", still_download, name="still-download"),
]
