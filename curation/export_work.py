"""Making exports: one worker at a time takes one, says how far it is, and is followed by another when it dies."""

import errno
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from ava.decoder_process import DecoderDied, DecoderError
from ava.exclusive import exclusive
from ava.leases import WorkLost
from ava.media.probe import UnusableVideo
from ava.messages import send_task
from ava.stored_content import delete_stored, store_made
from ava.workspaces import workspace
from curation.export_archive import write_archive
from curation.export_canvases import UnusableCanvas
from curation.export_request import KEPT_DAYS, MAKE_TASK, OPEN_STATES, publish_export
from curation.models import Export

logger = logging.getLogger(__name__)

State = Export.State

CLAIMED_FOR = timedelta(minutes=2)
UNHEARD_AFTER = timedelta(minutes=1)
TOLD_AT_MOST = 3
_NOTHING_DECODED = "None of these stills can be decoded; look at the films' own pages for why."
_NOTHING_READ = "None of these pictures can be read; bring the artwork again, and look at the films' own pages."
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def make_export(export_id: int) -> None:
    """Make an export that waits, or whose worker died; safe to call any number of times."""
    with exclusive(f"export {export_id}") as is_mine:
        if not is_mine or not _claim(export_id):
            return
        export = Export.objects.select_related("title").get(pk=export_id)
        try:
            _make(export)
        except WorkLost:
            return  # it was cancelled or deleted meanwhile
        except (UnusableCanvas, UnusableVideo, DecoderError, DecoderDied, OSError) as error:
            logger.exception("Export %s failed", export_id)
            _end(export, state=State.FAILED, error=_reason(error))
        except Exception:
            _end(export, state=State.FAILED, error="It could not be made; the workers' log says why. Try it again.")
            raise


def resend_lost_exports() -> None:
    """Send again what waits for a minute or was left by its worker, and delete what is older than a week."""
    waiting = Q(state=State.WAITING, created_at__lt=Now() - UNHEARD_AFTER)
    lost = Export.objects.filter(waiting, Q(claimed_until=None) | Q(claimed_until__lt=Now()))
    left = Export.objects.filter(state=State.WORKING, claimed_until__lt=Now())
    for pk in list((lost | left).values_list("pk", flat=True)):
        Export.objects.filter(pk=pk, state__in=OPEN_STATES).update(claimed_until=Now() + UNHEARD_AFTER)
        send_task(MAKE_TASK, pk)
    for export in Export.objects.filter(finished_at__lt=Now() - timedelta(days=KEPT_DAYS)):
        export.delete()


def delete_file(sender: type[Export], instance: Export, **_: object) -> None:
    """After a row is deleted, whoever deleted it: its file goes when that is certain."""
    if name := instance.file.name:
        transaction.on_commit(lambda: delete_stored(name), robust=True)


def _claim(export_id: int) -> bool:
    """Who holds the export's lock is the only one at work on it, so that what stands as worked on was left."""
    open_ones = Export.objects.filter(pk=export_id, state__in=OPEN_STATES)
    return bool(open_ones.update(state=State.WORKING, done_count=0, claimed_until=Now() + CLAIMED_FOR, error=""))


def _make(export: Export) -> None:
    name = f"exports/{export.title_id}/{export.pk}.zip"
    with workspace(stores=name) as scratch:
        target = scratch / "export.zip"
        missing = write_archive(
            target,
            title=export.title,
            wanted=export.wanted,
            scratch=scratch,
            on_done=lambda count: _progress(export, count),
        )
        if len(missing) >= export.total_count:
            raise UnusableVideo(_NOTHING_READ if export.wanted.get("artworks") else _NOTHING_DECODED)
        store_made(target, name=name)
    export.file.name = name
    _end(export, state=State.DONE, error=_tell_missing(missing, wanted=export.wanted))


def _progress(export: Export, count: int) -> None:
    """Say how far it is and hold on to it; raises WorkLost when nobody wants it any more."""
    export.done_count, export.state = count, State.WORKING
    wanted = Export.objects.filter(pk=export.pk, state=State.WORKING)
    if not wanted.update(done_count=count, claimed_until=Now() + CLAIMED_FOR):
        raise WorkLost
    publish_export(export)


def _end(export: Export, *, state: str, error: str) -> None:
    """Say what came of it; an export that was cancelled or deleted in the last moment keeps no file."""
    changes = {"state": state, "error": error[:300], "claimed_until": None, "finished_at": timezone.now()}
    with transaction.atomic():
        working = Export.objects.filter(pk=export.pk, state=State.WORKING)
        if working.update(file=export.file.name, **changes):
            publish_export(Export.objects.get(pk=export.pk))
        elif export.file.name:
            delete_stored(export.file.name)


def _tell_missing(missing: list[str], *, wanted: Mapping[str, Any]) -> str:
    if not missing:
        return ""
    named = ", ".join(missing[:TOLD_AT_MOST]) + (" and others" if len(missing) > TOLD_AT_MOST else "")
    if wanted.get("artworks"):
        count = "1 picture" if len(missing) == 1 else f"{len(missing):,} pictures"
        return f"{count} could not be read and stayed out: {named}. Bring artwork again; take neighbouring frames."
    count = "1 still" if len(missing) == 1 else f"{len(missing):,} stills"
    return f"{count} could not be decoded and stayed out: {named}. Take neighbouring frames."


def _reason(error: Exception) -> str:
    if getattr(error, "errno", None) in _NO_ROOM:
        return "The server's disk has no room left for it. Export fewer stills or formats, or have room made."
    if isinstance(error, (UnusableCanvas, UnusableVideo)):
        return str(error)
    if isinstance(error, FileNotFoundError):
        return "A film's file is not there any more; an administrator can bring it back."
    return f"It could not be made: {error}. Try it again."
