"""Making films of reels."""

import shutil
from datetime import timedelta
from pathlib import Path

from django.db.models import QuerySet

from ava.decoder_process import DecoderProcess
from ava.file_making import Making, end, hold, make_file, resend_lost
from ava.info_json import info_to_json
from ava.media.probe import UnusableVideo
from ava.models import Video
from ava.selectors import access_videos
from ava.storage import local_path
from ava.stored_content import store_made
from ava.video_facts import video_info
from ava.workspaces import workspace
from search.models import ReelRender
from search.reel_exports import RENDER_TASK
from search.reel_live import publish_reel

MEMORY_BYTES = 8 * 2**30  # of addresses: an 8K source's decoder and the encoder's look-ahead together
SILENCE_S = 300.0
MOST_BYTES = 20 * 10**9
LEFT_FREE_BYTES = 2 * 10**9
"""Of the disk, which others need as well."""
MAKING = Making(
    rows=ReelRender,
    name="reel film",
    task=RENDER_TASK,
    claimed_for=timedelta(minutes=6),
    less="Make a shorter reel",
    refusals=(),
    publish=lambda render: publish_reel(render.reel),
)


def render_reel(render_id: int) -> None:
    """Make a film that waits, or whose worker died; safe to call any number of times."""
    make_file(render_id, making=MAKING, work=_make)


def resend_lost_renders() -> None:
    """Send again what nobody makes, and delete what is older than it is kept."""
    resend_lost(MAKING)


def rendered_files(videos: QuerySet[Video]) -> list[str]:
    """The stored films of reels that show something of films which are about to be deleted."""
    going = set(videos.values_list("pk", flat=True))
    kept = ReelRender.objects.exclude(file="").values_list("file", "spans")
    return [name for name, spans in kept if any(span[0] in going for span in spans)]


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
    remarks = render.remarks
    if made["repeated"]:
        frames = "1 damaged frame shows" if made["repeated"] == 1 else f"{made['repeated']} damaged frames show"
        remarks = [*remarks, f"{frames} a neighbour in its place."]
    end(render, making=MAKING, state=ReelRender.State.DONE, done_count=made["frames"], remarks=remarks)


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
        "preview": render.is_preview,
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
    hold(render, making=MAKING, done_count=int(frames))
