"""Watched folders: looked into every few seconds, and each clip taken in once it has stood still."""

from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from ava.exclusive import exclusive
from ava.ingest import NotStored, UnusableVideo, ingest_file
from ava.messages import send_task
from ava.models import Job
from qc.models import WatchedFile, WatchFolder
from qc.watch_paths import Clip, UnfitFolder, clip_path, find_clips, fitting_folder

LOOK_EVERY_S = 5.0
STILL_FOR_S = 10.0
"""A clip is taken in when its size and time of change have stayed so long: it is not being copied any more."""
AGAIN_AFTER_S = 300.0
"""When storing a clip is tried again that there was no room for."""
UNHEARD_AFTER_S = 60.0

LOOK_TASK = "qc.tasks.look_into_watch_folder"
TAKE_IN_TASK = "qc.tasks.take_in_watched_file"

State = WatchedFile.State
_sent_at: dict[tuple[str, int], datetime] = {}


def send_looks() -> None:
    """Have the folders looked into that are due: called by the janitor, which itself touches no folder.

    A folder on a server that does not answer keeps whoever looks into it waiting.
    """
    now = timezone.now()
    folders = WatchFolder.objects.filter(is_active=True)
    for key, looked_at in folders.values_list("pk", "looked_at"):
        if looked_at is None or looked_at <= now - timedelta(seconds=LOOK_EVERY_S):
            _send(LOOK_TASK, key, heard_at=looked_at)
    still_since = now - timedelta(seconds=STILL_FOR_S)
    waiting = WatchedFile.objects.filter(folder__in=folders, state=State.GROWING, seen_at__lte=still_since)
    for key in waiting.values_list("pk", flat=True):
        _send(TAKE_IN_TASK, key)


def _send(task: str, key: int, *, heard_at: datetime | None = None) -> None:
    """Send a message that is not on its way already; when nobody seems to have heard it, send it again."""
    now, sent = timezone.now(), _sent_at.get((task, key))
    is_heard = sent is not None and heard_at is not None and heard_at >= sent
    if sent is None or is_heard or now - sent > timedelta(seconds=UNHEARD_AFTER_S):
        _sent_at[task, key] = now
        send_task(task, key)


def look_into(folder_id: int) -> None:
    """Note which clips lie in a folder and since when each is as it is. One process at a time looks into a folder."""
    with exclusive(f"watch folder {folder_id}") as is_mine:
        folder = WatchFolder.objects.filter(pk=folder_id, is_active=True).first()
        if not is_mine or folder is None:
            return
        error = ""
        try:
            _note(folder, find_clips(fitting_folder(folder.path)))
        except UnfitFolder as unfit:
            error = str(unfit)
        except OSError as trouble:
            error = f"{folder.path} cannot be read: {trouble.strerror or trouble}."
        WatchFolder.objects.filter(pk=folder_id).update(looked_at=timezone.now(), error=error[:500])


@transaction.atomic
def _note(folder: WatchFolder, clips: list[Clip]) -> None:
    now = timezone.now()
    known = {file.name: file for file in folder.files.select_for_update()}
    WatchedFile.objects.bulk_create(
        [
            WatchedFile(
                folder=folder, name=clip.name, size_bytes=clip.size_bytes, modified_ns=clip.modified_ns, seen_at=now
            )
            for clip in clips
            if clip.name not in known
        ],
        ignore_conflicts=True,
        batch_size=1000,
    )  # fmt: skip
    changed = []
    for clip in clips:
        file = known.get(clip.name)
        if file is not None and (file.size_bytes, file.modified_ns) != clip[1:]:
            file.size_bytes, file.modified_ns, file.seen_at = clip.size_bytes, clip.modified_ns, now
            file.state, file.error = State.GROWING, ""
            changed.append(file)
    WatchedFile.objects.bulk_update(changed, ["size_bytes", "modified_ns", "seen_at", "state", "error"], batch_size=500)
    there = {clip.name for clip in clips}
    gone = [file.pk for name, file in known.items() if name not in there and file.state != State.TAKEN]
    WatchedFile.objects.filter(pk__in=gone).delete()


def take_in(file_id: int) -> None:
    """Make a clip that has stood still a video of the folder's title, and have it scanned. Safe to call at any time."""
    with exclusive(f"watched file {file_id}") as is_mine:
        still_since = timezone.now() - timedelta(seconds=STILL_FOR_S)
        waiting = WatchedFile.objects.filter(pk=file_id, state=State.GROWING, folder__is_active=True)
        file = waiting.filter(seen_at__lte=still_since).select_related("folder__title").first()
        if not is_mine or file is None:
            return
        try:
            path = clip_path(fitting_folder(file.folder.path), file.name)
        except UnfitFolder:
            return  # the next look says so
        if path is not None and _is_as_it_was(path, file):
            _ingest(file, path)


def _is_as_it_was(path: Path, file: WatchedFile) -> bool:
    try:
        now = path.stat()
    except OSError:
        return False
    return (now.st_size, now.st_mtime_ns) == (file.size_bytes, file.modified_ns)


def _ingest(file: WatchedFile, path: Path) -> None:
    kind = Job.Kind.ANALYSIS if file.folder.analyses_too else Job.Kind.SCAN
    changes: dict[str, object]
    try:
        # For nobody: what counts as there already is what the title's teams have, not what its maker may see.
        video = ingest_file(
            path, title=file.folder.title, original_name=Path(file.name).name, user=None, keep_source=True, kind=kind
        ).video
    except UnusableVideo as error:
        changes = {"state": State.REFUSED, "error": str(error)[:500]}
    except NotStored as error:
        later = timezone.now() + timedelta(seconds=AGAIN_AFTER_S - STILL_FOR_S)
        changes = {"error": str(error)[:500], "seen_at": later}
    else:
        changes = {"state": State.TAKEN, "error": "", "video": video}
    as_it_was = {"size_bytes": file.size_bytes, "modified_ns": file.modified_ns}
    WatchedFile.objects.filter(pk=file.pk, **as_it_was).update(**changes)
