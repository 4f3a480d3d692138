"""Pictures of faces: a track's portrait as the analysis kept it, and any face cut out of its frame."""

import asyncio
import hashlib
import io

import numpy as np
from asgiref.sync import sync_to_async
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe
from PIL import Image

from ava.decoder_process import DecoderDied
from ava.file_responses import guard
from ava.frames import WIDTHS_PX, Busy, explain, frame_jpeg
from ava.media.decode import UndecodableFrame
from ava.media.probe import UnusableVideo
from ava.selectors import packed_fields
from curation.models import Face
from curation.people.portrait import SIDE_PX, cut_portrait, find_square
from curation.people_selectors import access_face_tracks, access_faces

_A_DAY = "private, max-age=86400"
"""A track's number is never given to another one, so its portrait stays what it is; people may lose access."""


@require_safe
def track_portrait(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The best face of a track as a JPEG of 160 pixels; 404 where the analysis could not keep one."""
    track = get_object_or_404(access_face_tracks(request.user).only("portrait"), pk=pk)
    if track.portrait is None:
        raise Http404("This face could not be cut out of its film.")
    content = bytes(track.portrait)
    return _jpeg(request, content, etag=f'"{hashlib.sha256(content).hexdigest()[:32]}"')


@require_safe
async def face_picture(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One face cut out of its frame as a JPEG of at most 160 pixels."""
    face = await sync_to_async(_accessible_face)(request, pk)
    video, frame, box = face.track.video, face.frame_index, np.array(face.box)
    x0, _, x1, _ = find_square(box, size=(video.width, video.height))
    wanted = SIDE_PX * video.width / (x1 - x0)
    width_px = next((width for width in WIDTHS_PX if width >= min(wanted, video.width)), WIDTHS_PX[-1])
    try:
        jpeg = await frame_jpeg(video, frame=frame, width_px=width_px)
    except (UndecodableFrame, UnusableVideo, DecoderDied, Busy) as error:
        return explain(error, video=video, frame=frame)
    content = await asyncio.to_thread(_cut, jpeg, box, video.width)
    places = "-".join(f"{value:.0f}" for value in box)
    return _jpeg(request, content, etag=f'"{video.sha256[:32]}-{frame}-{places}"')


def _accessible_face(request: HttpRequest, pk: int) -> Face:
    faces = access_faces(request.user).select_related("track__video")
    deferred = ["track__vector", "track__portrait", *packed_fields("track__video__")]
    return get_object_or_404(faces.defer(*deferred), pk=pk)


def _cut(jpeg: bytes, box: np.ndarray, film_width: int) -> bytes:
    """Cut a face whose box is in film pixels out of a picture of its frame at any width."""
    rgb = np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB"), dtype=np.uint8)
    return cut_portrait(rgb, box * rgb.shape[1] / film_width)


def _jpeg(request: HttpRequest, content: bytes, *, etag: str) -> HttpResponse:
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(content, content_type="image/jpeg")
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = _A_DAY
    return guard(response)
