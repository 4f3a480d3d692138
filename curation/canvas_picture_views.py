"""Any picture on any canvas, cut and sized when it is asked for: `/i/REF?canvas=KEY&w=…&format=…`."""

import asyncio
import functools
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe
from PIL import Image

from ava.decoder_process import DecoderDied
from ava.file_responses import guard
from ava.form_numbers import read_number
from ava.frame_cache import FrameCache
from ava.frames import Busy, explain, frame_master
from ava.media.canvas_picture import CONTENT_TYPES, make_canvas_file
from ava.media.decode import UndecodableFrame
from ava.media.picture_file import UnusablePicture, read_picture
from ava.media.probe import UnusableVideo
from ava.media.still_file import JPEG_QUALITY
from ava.media_serving import REVALIDATED
from ava.storage import local_path
from curation.canvas_picture_links import ExpiredLink, Link, check_link, find_source, lasting_ref, signed_address
from curation.canvas_picture_order import BadOrder, PictureOrder, read_order
from curation.layout_sources import ArtworkSource, FrameSource, UnreadableSource

USUAL_DAYS, MOST_DAYS = 30, 366
RENDERERS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="canvas")
"""As many are rendered at a time; others wait in line, and leave it when their browser has gone away."""

MOST_KEPT_S = 3600
"""So long anybody's cache may show what a signed address showed: then it asks whether the crop is still the same."""

MOST_IN_LINE = 100
_in_work: list[functools.partial[bytes]] = []


@login_not_required  # signed addresses need no session; without a signature the view asks for one itself
@require_safe
async def canvas_picture(request: HttpRequest, ref: str) -> HttpResponseBase:
    """A still (`123`), a film's frame (`v7f1234`) or an artwork (`a12`) on a canvas.

    `w`: at most the canvas's width, by default all of it. `format`: jpeg, webp, avif or png; by default WebP where
    Accept names it and the picture has no more than a million pixels, else JPEG. Who is signed in sees what their
    teams have; a signed address shows anybody the picture that it was signed for, until it expires.
    """
    try:
        link = check_link(ref, request.GET)
        if link is None and not await sync_to_async(lambda: request.user.is_authenticated)():
            return redirect_to_login(request.get_full_path())
        order = await sync_to_async(_read)(request, ref=ref, is_signed=link is not None)
    except ExpiredLink as error:
        return _sentence(403, str(error))
    except BadOrder as error:
        return _sentence(400, str(error))
    except UnreadableSource as error:
        return _sentence(422, str(error))
    etag = f'"{order.digest}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        try:
            content = await picture_content(order)
        except Busy as error:
            return _sentence(503, str(error), headers={"Retry-After": "2"})
        except (UndecodableFrame, UnusableVideo, DecoderDied) as error:
            assert isinstance(order.source, FrameSource)  # artworks are not decoded from films
            return explain(error, video=order.source.video, frame=order.source.frame_index)
        except UnusablePicture as error:
            return _sentence(422, str(error))
        response = HttpResponse(content, content_type=CONTENT_TYPES[order.format])
        response.headers["Content-Disposition"] = str(content_disposition_header(False, order.file_name))
    if link is not None:
        request.session.accessed = False  # who has the address is all the same: caches need not tell cookies apart
    return _with_caching(response, etag=etag, link=link, varies=not request.GET.get("format"))


@require_safe
def canvas_picture_link(request: HttpRequest, ref: str) -> HttpResponseBase:
    """A signed address of what `canvas`, `w` and `format` ask for, as JSON: `url`, and when it `expires`.

    It holds for `days`, 30 by default, and for whoever has it. Whoever sees a picture may pass it on, as exports may.
    """
    try:
        order = _read(request, ref=ref, is_signed=False)
        days = _read_days(request.GET.get("days", ""))
    except BadOrder as error:
        return _sentence(400, str(error))
    except UnreadableSource as error:
        return _sentence(422, str(error))
    expires = timezone.now() + timedelta(days=days)
    width_px = order.size[0] if request.GET.get("w") else None
    address = signed_address(
        lasting_ref(order.source), canvas=request.GET["canvas"], width_px=width_px, format=request.GET.get("format"),
        expires=expires,
    )  # fmt: skip
    told = {"url": request.build_absolute_uri(address), "expires": expires.isoformat(timespec="seconds")}
    return JsonResponse(told, headers={"Cache-Control": "no-store"})


def _read_days(text: str) -> int:
    days = read_number(text, digits=5) or 0
    if text and not 1 <= days <= MOST_DAYS:
        raise BadOrder(f"days must be a number from 1 to {MOST_DAYS}.")
    return days or USUAL_DAYS


async def picture_content(order: PictureOrder) -> bytes:
    """The file of a picture on a canvas, from the cache or made now.

    Raises Busy, UndecodableFrame, UnusableVideo and DecoderDied for a film's frame, UnusablePicture for an artwork.
    """
    cache, name = _cache(), f"{order.digest[:2]}/{order.digest}.{order.format}"
    content = await asyncio.to_thread(cache.read, name)
    if content is None:
        master = await _master(order.source)
        content = await _in_line(functools.partial(_render, order, master))
        await asyncio.to_thread(cache.write, name, content)
    return content


def _read(request: HttpRequest, *, ref: str, is_signed: bool) -> PictureOrder:
    source = find_source(ref, user=None if is_signed else request.user)
    accepted = {f"{each.main_type}/{each.sub_type}" for each in request.accepted_types}
    try:
        return read_order(source, request.GET, accepted=accepted)
    except BadOrder as error:
        if is_signed:  # who only has an address is not told which canvases the team has
            raise Http404("This address shows nothing any more: its canvas has changed.") from error
        raise


async def _master(source: FrameSource | ArtworkSource) -> bytes:
    """The whole picture as a JPEG that loses nothing one would see, cached: PNG takes far longer to read."""
    if isinstance(source, FrameSource):
        return await frame_master(source.video, frame=source.frame_index)
    cache, name = _cache(), f"{source.artwork.sha256[:2]}/{source.artwork.sha256}-full.jpg"
    content = await asyncio.to_thread(cache.read, name)
    if content is None:
        content = await _in_line(functools.partial(_encode_master, source))
        await asyncio.to_thread(cache.write, name, content)
    return content


def _encode_master(source: ArtworkSource) -> bytes:
    file = io.BytesIO()
    try:
        image = Image.fromarray(read_picture(local_path(source.artwork.picture)))
        image.save(file, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    except (UnusablePicture, OSError, ValueError) as error:
        raise UnusablePicture(f"The picture of {source.name} cannot be read any more; bring it again.") from error
    return file.getvalue()


def _render(order: PictureOrder, master: bytes) -> bytes:
    return make_canvas_file(master, box=order.box, picture_size=order.source.size, size=order.size, format=order.format)


async def _in_line(work: functools.partial[bytes]) -> bytes:
    if len(_in_work) >= MOST_IN_LINE:
        raise Busy("Too many pictures are being cut at once; try again in a moment.")
    _in_work.append(work)
    try:
        return await asyncio.get_running_loop().run_in_executor(RENDERERS, work)
    finally:
        _in_work.remove(work)


def _with_caching(response: HttpResponse, *, etag: str, link: Link | None, varies: bool) -> HttpResponseBase:
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = REVALIDATED
    if link is not None:
        response.headers["Cache-Control"] = f"public, max-age={min(link.seconds_left, MOST_KEPT_S)}"
    if varies:
        patch_vary_headers(response, ["Accept"])
    return guard(response)


def _sentence(status: int, text: str, *, headers: dict[str, str] | None = None) -> HttpResponseBase:
    headers = {"Cache-Control": "no-store", **(headers or {})}
    return guard(HttpResponse(text, status=status, content_type="text/plain; charset=utf-8", headers=headers))


def _cache() -> FrameCache:
    return _cache_in(Path(settings.AVA_CACHE_DIR) / "canvases", settings.AVA_FRAME_CACHE_BYTES // 4)


@functools.cache
def _cache_in(folder: Path, most_bytes: int) -> FrameCache:
    return FrameCache(folder, most_bytes=most_bytes)
