"""Making films of reels: one worker at a time makes one, says how far it is, and is followed when it dies."""

import errno
import logging
import shutil
from datetime import timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from ava.decoder_process import DecoderDied, DecoderError, DecoderProcess
from ava.exclusive import exclusive
from ava.info_json import info_to_json
from ava.leases import WorkLost
from ava.media.decode import UndecodableFrame
from ava.media.probe import UnusableVideo
from ava.messages import send_task
from ava.models import Video
from ava.selectors import access_videos
from ava.storage import local_path
from ava.stored_content import delete_stored, store_made
from ava.video_facts import video_info
from ava.workspaces import workspace
from search.models import ReelRender
from search.reel_exports import KEPT_DAYS, OPEN_STATES, RENDER_TASK
from search.reel_live import publish_reel

logger = logging.getLogger(__name__)

State = ReelRender.State

CLAIMED_FOR = timedelta(minutes=6)
UNHEARD_AFTER = timedelta(minutes=1)
MEMORY_BYTES = 8 * 2**30  # of addresses: an 8K source's decoder and the encoder's look-ahead together
SILENCE_S = 300.0
MOST_BYTES = 20 * 10**9
LEFT_FREE_BYTES = 2 * 10**9
"""Of the disk, which others need as well."""
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def render_reel(render_id: int) -> None:
    """Make a film that waits, or whose worker died; safe to call any number of times."""
    with exclusive(f"reel film {render_id}") as is_mine:
        if not is_mine or not _claim(render_id):
            return
        render = ReelRender.objects.select_related("reel", "created_by").get(pk=render_id)
        try:
            _make(render)
        except WorkLost:
            return  # it was cancelled or deleted meanwhile
        except (UnusableVideo, UndecodableFrame, DecoderError, DecoderDied, OSError) as error:
            logger.exception("Film %s of a reel failed", render_id)
            _end(render, state=State.FAILED, error=_reason(error))
        except Exception:
            _end(render, state=State.FAILED, error="It could not be made; the workers' log says why. Try it again.")
            raise


def resend_lost_renders() -> None:
    """Send again what waits for a minute or was left by its worker, and delete what is older than a week."""
    waiting = Q(state=State.WAITING, created_at__lt=Now() - UNHEARD_AFTER)
    lost = ReelRender.objects.filter(waiting, Q(claimed_until=None) | Q(claimed_until__lt=Now()))
    left = ReelRender.objects.filter(state=State.WORKING, claimed_until__lt=Now())
    for pk in list((lost | left).values_list("pk", flat=True)):
        ReelRender.objects.filter(pk=pk, state__in=OPEN_STATES).update(claimed_until=Now() + UNHEARD_AFTER)
        send_task(RENDER_TASK, pk)
    for render in ReelRender.objects.filter(finished_at__lt=Now() - timedelta(days=KEPT_DAYS)):
        render.delete()


def delete_file(sender: type[ReelRender], instance: ReelRender, **_: object) -> None:
    """After a row is deleted, whoever deleted it: its file goes when that is certain."""
    if name := instance.file.name:
        transaction.on_commit(lambda: delete_stored(name), robust=True)


def rendered_files(videos: QuerySet[Video]) -> list[str]:
    """The stored films of reels that show something of films which are about to be deleted."""
    going = set(videos.values_list("pk", flat=True))
    kept = ReelRender.objects.exclude(file="").values_list("file", "spans")
    return [name for name, spans in kept if any(span[0] in going for span in spans)]


def _claim(render_id: int) -> bool:
    """Who holds the film's lock is the only one at work on it, so that what stands as worked on was left."""
    open_ones = ReelRender.objects.filter(pk=render_id, state__in=OPEN_STATES)
    return bool(open_ones.update(state=State.WORKING, done_count=0, claimed_until=Now() + CLAIMED_FOR, error=""))


def _make(render: ReelRender) -> None:
    name = f"reels/{render.reel_id}/{render.pk}.mp4"
    with workspace(stores=name) as scratch:
        target = scratch / "reel.mp4"
        request = _request(render, target=target)
        with DecoderProcess(memory_bytes=MEMORY_BYTES) as process:
            made = process.ask(request, silence_s=SILENCE_S, on_progress=lambda frames: _progress(render, frames))
        _seen_films(render)  # of one that was deleted meanwhile nothing is kept
        store_made(target, name=name)
    render.file.name = name
    render.done_count = made["frames"]
    if made["repeated"]:
        frames = "1 damaged frame shows" if made["repeated"] == 1 else f"{made['repeated']} damaged frames show"
        render.remarks = [*render.remarks, f"{frames} a neighbour in its place."]
    _end(render, state=State.DONE, error="")


def _request(render: ReelRender, *, target: Path) -> dict[str, object]:
    """What the decoder process is asked; raises UnusableVideo for films that are no longer to be seen."""
    videos = _seen_films(render)
    place = {pk: number for number, pk in enumerate(videos)}
    room = shutil.disk_usage(target.parent).free - LEFT_FREE_BYTES
    return {
        "work": "render",
        "sources": [
            {"path": str(local_path(video.file)), "info": info_to_json(video_info(video))} for video in videos.values()
        ],
        "spans": [[place[video], start, end] for video, start, end in render.spans],
        "target": str(target),
        "most_bytes": max(min(MOST_BYTES, room), 0),
    }


def _seen_films(render: ReelRender) -> dict[int, Video]:
    """Its films by number, as they come first in it; raises UnusableVideo where who asked may not see one any more."""
    wanted = dict.fromkeys(span[0] for span in render.spans)
    asker = render.created_by
    found = access_videos(asker).in_bulk(list(wanted)) if asker is not None else {}
    if len(found) < len(wanted):
        raise UnusableVideo("A film of it is gone, or no longer to be seen by who asked; look at the reel again.")
    return {pk: found[pk] for pk in wanted}


def _progress(render: ReelRender, frames: float) -> None:
    """Say how far it is and hold on to it; raises WorkLost when nobody wants it any more."""
    wanted = ReelRender.objects.filter(pk=render.pk, state=State.WORKING)
    if not wanted.update(done_count=int(frames), claimed_until=Now() + CLAIMED_FOR):
        raise WorkLost
    publish_reel(render.reel)


def _end(render: ReelRender, *, state: str, error: str) -> None:
    """Say what came of it; a film that was cancelled or deleted in the last moment is not kept."""
    changes = {"state": state, "error": error[:300], "claimed_until": None, "finished_at": timezone.now()}
    with transaction.atomic():
        working = ReelRender.objects.filter(pk=render.pk, state=State.WORKING)
        told = {"file": render.file.name, "done_count": render.done_count, "remarks": render.remarks}
        if working.update(**told, **changes):
            publish_reel(render.reel)
        elif render.file.name:
            delete_stored(render.file.name)


def _reason(error: Exception) -> str:
    if getattr(error, "errno", None) in _NO_ROOM:
        return "The server's disk has no room left for it. Make a shorter reel, or have room made."
    if isinstance(error, UnusableVideo | UndecodableFrame):
        return str(error)
    if isinstance(error, FileNotFoundError):
        return "A film's file is not there any more; an administrator can bring it back."
    return f"It could not be made: {error}. Try it again."
