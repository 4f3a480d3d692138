"""The five frames around a flag as one lossless picture: side by side, as they were stored or decoded anew."""

import functools
import hashlib
import io
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe
from numpy.typing import NDArray
from PIL import Image

from ava import frames
from ava.decoder_process import DecoderDied
from ava.file_responses import guard
from ava.frames import Busy, explain, frame_cache, in_place, wait_for_place
from ava.info_json import info_to_json
from ava.media.decode import UndecodableFrame
from ava.media.probe import UnusableVideo
from ava.media.still_file import StillMetadata
from ava.storage import local_path
from ava.video_facts import video_info
from qc.flag_adding import window_frames
from qc.models import FlagPatch, PixelFlag
from qc.pixel.found import WINDOW_FRAMES
from qc.pixel.patch_picture import paint_patch
from qc.pixel.patches import unpack_patch
from qc.pixel.upright import Place, to_stored, to_upright
from qc.selectors import access_pixel_flags

SIDE_PX = 49
"""Of each frame where there is no patch and the film is decoded: odd, so that the flag is in the middle."""
STRIP_VERSION = 1  # raise it when strips are made differently
_A_DAY = "private, max-age=86400"  # a patch is renewed by a later scan, with nearly the same pixels


class _Square(NamedTuple):
    """A patch as a picture of its own, turned like its film."""

    coded_width: int
    coded_height: int
    width: int
    height: int
    rotation_deg: int
    is_mirrored: bool


@require_safe
async def flag_strip(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The five frames around a flag (of a stuck pixel: sampled over its spans) as a PNG, left to right."""
    flag = await sync_to_async(_accessible_flag)(request, pk)
    etag = f'"{_fingerprint(flag)}"'
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
    else:
        try:
            response = HttpResponse(await _strip(flag), content_type="image/png")
        except (UndecodableFrame, UnusableVideo, DecoderDied, Busy) as error:
            return explain(error, video=flag.video, frame=flag.frame_index)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = _A_DAY
    return guard(response)


def strip_frames(flag: PixelFlag) -> tuple[int, ...]:
    """The frames of a flag's strip: two on each side of it, mirrored at the film's ends.

    A stuck pixel's are the middles of five equal parts of all the frames in which it shows.
    """
    count = flag.video.frame_count
    if flag.kind == PixelFlag.Kind.STUCK and (sampled := _sampled(flag.spans)):
        return tuple(min(frame, count - 1) for frame in sampled)
    return tuple(window_frames(flag.frame_index, frame_count=count))


def place_in_strip(flag: PixelFlag) -> Place:
    """Where the flag lies in each frame of its strip, in pixels of it; 0.0 is the middle of the first one."""
    patch = _shown_patch(flag)
    if patch is None:
        x0, y0 = _corner(flag)
        return Place(flag.x - x0, flag.y - y0)
    video, side = flag.video, patch.side_px
    stored = to_stored(flag.x, flag.y, film=video)
    square = _Square(side, side, side, side, video.rotation_deg, video.is_mirrored)
    return to_upright(stored.x - patch.x0, stored.y - patch.y0, film=square)


def strip_side_px(flag: PixelFlag) -> int:
    """Width and height of each frame of the flag's strip."""
    patch = _shown_patch(flag)
    return SIDE_PX if patch is None else patch.side_px


def _accessible_flag(request: HttpRequest, pk: int) -> PixelFlag:
    return get_object_or_404(access_pixel_flags(request.user).select_related("video__title", "patch"), pk=pk)


def _shown_patch(flag: PixelFlag) -> FlagPatch | None:
    """The stored patch where it is what the strip shows: a stuck pixel's strip is sampled over the film."""
    return None if flag.kind == PixelFlag.Kind.STUCK else getattr(flag, "patch", None)


def _fingerprint(flag: PixelFlag) -> str:
    patch = _shown_patch(flag)
    content = bytes(patch.pixels) if patch else f"{flag.video.sha256}-{strip_frames(flag)}-{_corner(flag)}".encode()
    return f"{hashlib.sha256(content).hexdigest()[:32]}-{STRIP_VERSION}"


async def _strip(flag: PixelFlag) -> bytes:
    if _shown_patch(flag) is not None:
        return await sync_to_async(_stored_strip)(flag)
    return await _decoded_strip(flag)


def _stored_strip(flag: PixelFlag) -> bytes:
    patch = flag.patch
    pixels = unpack_patch(bytes(patch.pixels), x0=patch.x0, y0=patch.y0, side_px=patch.side_px).pixels
    return _encode(paint_patch(pixels, info=video_info(flag.video)))


async def _decoded_strip(flag: PixelFlag) -> bytes:
    video = flag.video
    name = f"{video.sha256[:2]}/{video.sha256}/strip-{STRIP_VERSION}/{_fingerprint(flag)}.png"
    cache = frame_cache()
    content = cache.read(name)
    if content is not None:
        return content
    folder = cache.folder / f".strip-{uuid.uuid4().hex}"  # hidden: the cache's pruning clears lost ones away
    request = await sync_to_async(_decoding)(flag, folder=folder)
    await wait_for_place()
    return await in_place(functools.partial(_decode, flag, request=request, folder=folder, name=name))


def _decode(flag: PixelFlag, *, request: dict[str, Any], folder: Path, name: str) -> bytes:
    """Decodes, joins and keeps a strip, to its end even when whoever asked for it has left."""
    folder.mkdir(parents=True)
    try:
        frames.DECODERS.ask(request)
        content = _join(flag, folder=folder)
    finally:
        _clear(folder)
    frame_cache().write(name, content)
    return content


def _decoding(flag: PixelFlag, *, folder: Path) -> dict[str, Any]:
    """What the decoder is asked for: the part of each frame around the flag, in full resolution, as a PNG."""
    info = video_info(flag.video)
    (x0, y0), (x1, y1) = _box(flag)
    stills = []
    for frame in sorted(set(strip_frames(flag))):
        picture = {
            "box": [x0, y0, x1, y1], "size": [x1 - x0, y1 - y0], "xmp": "",
            "files": {"png": str(folder / f"{frame}.png")},
        }  # fmt: skip
        metadata = StillMetadata(film=str(flag.video.title), timecode="", frame_index=frame)._asdict()
        stills.append({"frame_index": frame, "metadata": metadata, "pictures": [picture], "thumbnail": None})
    path = str(local_path(flag.video.file))
    return {"work": "stills", "path": path, "info": info_to_json(info), "stills": stills, "thumbnail_px": 0}


def _join(flag: PixelFlag, *, folder: Path) -> bytes:
    """The frames' parts side by side; what lies outside the picture, or cannot be decoded, is black."""
    numbers = strip_frames(flag)
    if not any((folder / f"{frame}.png").exists() for frame in numbers):
        raise UndecodableFrame(f"Frame {flag.frame_index} of {flag.video} cannot be decoded; take a neighbouring one.")
    (left, top), (x0, y0) = _box(flag)[0], _corner(flag)
    strip = np.zeros((WINDOW_FRAMES, SIDE_PX, SIDE_PX, 3), np.uint8)
    for number, frame in enumerate(numbers):
        path = folder / f"{frame}.png"
        if path.exists():
            part = np.asarray(Image.open(path).convert("RGB"))
            y, x = top - y0, left - x0
            strip[number, y : y + part.shape[0], x : x + part.shape[1]] = part
    return _encode(strip)


def _clear(folder: Path) -> None:
    for path in folder.glob("*"):
        path.unlink(missing_ok=True)
    folder.rmdir()


def _corner(flag: PixelFlag) -> tuple[int, int]:
    """Left and top of a decoded strip in the upright picture; may lie outside of it."""
    return round(flag.x) - SIDE_PX // 2, round(flag.y) - SIDE_PX // 2


def _box(flag: PixelFlag) -> tuple[tuple[int, int], tuple[int, int]]:
    """What of a decoded strip lies within the picture, at least a pixel: left and top, right and bottom."""
    (x0, y0), video = _corner(flag), flag.video
    left, top = min(max(x0, 0), video.width - 1), min(max(y0, 0), video.height - 1)
    return (left, top), (max(left + 1, min(x0 + SIDE_PX, video.width)), max(top + 1, min(y0 + SIDE_PX, video.height)))


def _sampled(spans: Sequence[Sequence[int]]) -> list[int]:
    """The middles of five equal parts of all frames of the spans; fewer frames than five are repeated."""
    shown = np.concatenate([np.arange(start, end) for start, end in spans]) if spans else np.arange(0)
    if not shown.size:
        return []
    return [int(shown[(2 * part + 1) * shown.size // (2 * WINDOW_FRAMES)]) for part in range(WINDOW_FRAMES)]


def _encode(strip: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.concatenate(list(strip), axis=1)).save(file, "PNG")
    return file.getvalue()
