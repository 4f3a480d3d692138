"""What is laid over a frame that somebody looks at: what was found in it, where the eye goes, what moves by itself."""

import asyncio
from collections.abc import Callable
from io import BytesIO

import numpy as np
from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.views.decorators.http import require_safe
from numpy.typing import NDArray
from PIL import Image

from ava.annotate.area import Area, scale_area
from ava.annotate.moving_objects import moving_object_mask
from ava.annotate.saliency import saliency_map
from ava.decoder_process import DecoderDied
from ava.file_responses import guard
from ava.frame_findings import describe_frame
from ava.frames import Busy, accessible_video, explain, frame_jpeg
from ava.media.decode import UndecodableFrame
from ava.media.probe import UnusableVideo
from ava.models import Video
from ava.picture_area import known_area

OVERLAY_WIDTH_PX = 640
SALIENCY_RGB = (255, 170, 30)
MOTION_RGB = (60, 220, 255)
STRONGEST_ALPHA = 200
MOTION_STEP_S = 0.1
"""Drawn films hold each picture for two frames or three; movement shows from one of them to the next."""
_FOREVER = "private, max-age=86400"

Draw = Callable[[list[NDArray[np.uint8]]], NDArray[np.float32]]


@require_safe
async def saliency(request: HttpRequest, pk: int, frame: int) -> HttpResponseBase:
    """Where the eye goes first in a frame, as a PNG whose opacity says how much."""
    video = await sync_to_async(accessible_video)(request, pk=pk, frame=frame)
    return await _overlay(video, [frame], lambda frames: saliency_map(frames[0]), colour=SALIENCY_RGB)


@require_safe
async def motion(request: HttpRequest, pk: int, frame: int) -> HttpResponseBase:
    """What moves by itself in a frame, the camera's motion taken out, as a PNG whose opacity says how surely."""
    video = await sync_to_async(accessible_video)(request, pk=pk, frame=frame)
    first, end = await sync_to_async(_span_of_shot)(video, frame)
    step = max(1, round(video.fps * MOTION_STEP_S))
    before, after = max(frame - step, first), min(frame + step, end - 1)
    frames = [frame, *(near for near in (before, after) if near != frame)]
    return await _overlay(video, frames, _moving, colour=MOTION_RGB)


def _moving(frames: list[NDArray[np.uint8]]) -> NDArray[np.float32]:
    now, *neighbours = frames
    if not neighbours:  # a shot of one frame
        return np.zeros(now.shape[:2], dtype=np.float32)
    return moving_object_mask(neighbours[0], now, *neighbours[1:])


def _span_of_shot(video: Video, frame: int) -> tuple[int, int]:
    shot = video.shot_at(frame)
    return (shot.start_frame, shot.end_frame) if shot else (0, video.frame_count)


async def _overlay(video: Video, frames: list[int], draw: Draw, *, colour: tuple[int, int, int]) -> HttpResponseBase:
    try:
        pictures = [await frame_jpeg(video, frame=each, width_px=OVERLAY_WIDTH_PX) for each in frames]
    except (UndecodableFrame, UnusableVideo, DecoderDied, Busy) as error:
        return explain(error, video=video, frame=frames[0])
    area = await sync_to_async(known_area)(video)
    content = await asyncio.to_thread(
        _paint, pictures, draw, area=area, film_size=(video.width, video.height), colour=colour
    )
    return guard(HttpResponse(content, content_type="image/png", headers={"Cache-Control": _FOREVER}))


def _paint(
    pictures: list[bytes], draw: Draw, *, area: Area, film_size: tuple[int, int], colour: tuple[int, int, int]
) -> bytes:
    """Strengths of the picture inside the bars, as one colour's opacity over the whole frame."""
    frames = [np.asarray(Image.open(BytesIO(picture)).convert("RGB")) for picture in pictures]
    height, width = frames[0].shape[:2]
    x0, y0, x1, y1 = scale_area(area, film_size=film_size, size=(width, height))
    strength = draw([np.ascontiguousarray(frame[y0:y1, x0:x1]) for frame in frames])
    inside = Image.fromarray((np.clip(strength, 0, 1) * STRONGEST_ALPHA).astype(np.uint8))
    alpha = Image.new("L", (width, height))
    alpha.paste(inside.resize((x1 - x0, y1 - y0)), (x0, y0))
    overlay = Image.new("RGBA", (width, height), (*colour, 0))
    overlay.putalpha(alpha)
    written = BytesIO()
    overlay.save(written, format="PNG", compress_level=3)
    return written.getvalue()


@require_safe
def findings(request: HttpRequest, pk: int, frame: int) -> HttpResponse:
    """What is known of a frame, as JSON: see `ava.frame_findings.describe_frame`."""
    video = accessible_video(request, pk=pk, frame=frame)
    return guard(JsonResponse(describe_frame(video, frame), headers={"Cache-Control": "no-store"}))


urlpatterns = [
    path("videos/<int:pk>/frames/<int:frame>/findings.json", findings, name="frame-findings"),
    path("videos/<int:pk>/frames/<int:frame>/saliency.png", saliency, name="frame-saliency"),
    path("videos/<int:pk>/frames/<int:frame>/motion.png", motion, name="frame-motion"),
]
