"""Proxies: copies that browsers play, made apart and swapped in whole."""

import errno
import logging
import uuid
from collections.abc import Callable
from datetime import timedelta

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models.functions import Now

from ava.decoder_process import DecoderDied, DecoderError, DecoderProcess
from ava.exclusive import exclusive
from ava.info_json import info_to_json
from ava.media.decode import UndecodableFrame
from ava.media.probe import UnusableVideo
from ava.media.proxy import why_proxy
from ava.messages import send_proxy
from ava.models import Video
from ava.storage import local_path
from ava.stored_content import MovableFile
from ava.video_facts import video_info
from ava.workspaces import workspace

logger = logging.getLogger(__name__)

MEMORY_BYTES = 8 * 2**30  # of addresses: an 8K source's decoder and the encoder's look-ahead together
SILENCE_S = 300.0
UNHEARD_AFTER = timedelta(minutes=15)
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def render_proxy(
    video_id: int, *, report: Callable[[float], None] | None = None, again: bool = False
) -> None:
    """Make the proxy of a video that needs one and has none; safe to call any number of times.

    `report` is called with the fraction done, 0–1; what it raises ends the work and leaves nothing behind.
    `again` makes a new proxy in place of the one there is, which is played until the new one is whole. A film
    that cannot be copied gets the reason as its `proxy_error`, and is not tried again by itself.
    """
    with exclusive(f"proxy {video_id}") as is_mine:
        video = Video.objects.filter(pk=video_id).first()
        if not is_mine or video is None or (video.proxy and not again):
            return
        if why_proxy(video_info(video)) is None:
            return
        try:
            _render(video, report=report)
        except (UnusableVideo, UndecodableFrame, DecoderDied, DecoderError, OSError) as error:
            logger.exception("No proxy of video %s", video_id)
            Video.objects.filter(pk=video_id).update(proxy_error=_reason(error)[:300])


def resend_missing_proxies() -> int:
    """Ask again for proxies that nobody has made for a quarter of an hour; return how many."""
    missing = Video.objects.filter(proxy="", proxy_error="", proxy_sent_at__lt=Now() - UNHEARD_AFTER)
    video_ids = list(missing.exclude(proxy_reason="").values_list("pk", flat=True))
    Video.objects.filter(pk__in=video_ids).update(proxy_sent_at=Now())
    for video_id in video_ids:
        send_proxy(video_id)
    return len(video_ids)


def _render(video: Video, *, report: Callable[[float], None] | None) -> None:
    name = video.proxy.field.generate_filename(video, f"{uuid.uuid4()}.mp4")
    with workspace(stores=name) as scratch:
        target = scratch / "proxy.mp4"
        request = {
            "work": "proxy",
            "path": str(local_path(video.file)),
            "info": info_to_json(video_info(video)),
            "target": str(target),
        }
        with DecoderProcess(memory_bytes=MEMORY_BYTES) as process:
            process.ask(request, silence_s=SILENCE_S, on_progress=report)
        with target.open("rb") as content:
            default_storage.save(name, MovableFile(content, path=target))
        _swap_in(video, name)


@transaction.atomic
def _swap_in(video: Video, name: str) -> None:
    """Make the stored file the video's proxy; the one before goes when that is certain."""
    row = Video.objects.select_for_update().filter(pk=video.pk).first()
    if row is None:
        default_storage.delete(name)  # the video was deleted while its proxy was made
        return
    before = row.proxy.name
    Video.objects.filter(pk=row.pk).update(proxy=name, proxy_error="")
    if before:
        transaction.on_commit(lambda: default_storage.delete(before))


def _reason(error: Exception) -> str:
    if getattr(error, "errno", None) in _NO_ROOM:
        return "The server's disk has no room left for a copy that browsers play."
    if isinstance(error, UnusableVideo | UndecodableFrame):
        return str(error)
    return f"A copy that browsers play could not be made: {error}."
