"""Making files to order: one worker at a time makes one, says how far it is, and is followed when it dies.

What was asked for, who makes it and what came of it stand in its row (`ava.work_models.MadeFile`).
"""

import errno
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from ava.decoder_process import DecoderDied, DecoderError
from ava.exclusive import exclusive
from ava.leases import WorkLost
from ava.media.decode import UndecodableFrame
from ava.media.probe import UnusableVideo
from ava.messages import send_task
from ava.stored_content import delete_stored
from ava.work_models import KEPT_DAYS, OPEN_STATES, MadeFile

logger = logging.getLogger(__name__)

State = MadeFile.State

UNHEARD_AFTER = timedelta(minutes=1)
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Making(NamedTuple):
    """How files of one kind are made. ``name``: in locks and logs; ``task``: makes one, given its row's number;
    ``claimed_for``: how long a worker that says nothing is waited for; ``less``: what to ask for where the disk is
    full, as a sentence begins; ``refusals``: errors whose own sentence is the reason; ``publish``: tells the pages."""

    rows: type[MadeFile]
    name: str
    task: str
    claimed_for: timedelta
    less: str
    refusals: tuple[type[Exception], ...]
    publish: Callable[[Any], None]


def make_file(row_id: int, *, making: Making, work: Callable[[Any], None]) -> None:
    """Make a file that waits, or whose worker died; safe to call any number of times. ``work`` ends it itself."""
    with exclusive(f"{making.name} {row_id}") as is_mine:
        if not is_mine or not _claim(row_id, making=making):
            return
        row = making.rows._default_manager.get(pk=row_id)
        try:
            work(row)
        except WorkLost:
            return  # it was cancelled or deleted meanwhile
        except (*making.refusals, UnusableVideo, UndecodableFrame, DecoderError, DecoderDied, OSError) as error:
            logger.exception("The %s %s failed", making.name, row_id)
            end(row, making=making, state=State.FAILED, error=_reason(error, making=making))
        except Exception:
            sentence = "It could not be made; the workers' log says why. Try it again."
            end(row, making=making, state=State.FAILED, error=sentence)
            raise


def hold(row: MadeFile, *, making: Making, done_count: int) -> None:
    """Say how far it is and keep the claim; raises WorkLost when nobody wants it any more."""
    row.done_count, row.state = done_count, State.WORKING
    if not _working(row).update(done_count=done_count, claimed_until=Now() + making.claimed_for):
        raise WorkLost
    making.publish(row)


def end(row: MadeFile, *, making: Making, state: str, error: str = "", **told: object) -> None:
    """Say what came of it, with fields to keep; one that was cancelled or deleted in the last moment keeps no file."""
    changes = {"state": state, "error": error[:300], "claimed_until": None, "finished_at": timezone.now()}
    with transaction.atomic():
        if _working(row).update(file=row.file.name, **told, **changes):
            making.publish(type(row)._default_manager.get(pk=row.pk))
        elif row.file.name:
            delete_stored(row.file.name)


def cancel(row: MadeFile, *, publish: Callable[[Any], None]) -> bool:
    """Stop one that waits or is being made; False when it is over already."""
    rows = type(row)._default_manager.filter(pk=row.pk)
    with transaction.atomic():
        stopped = rows.filter(state__in=OPEN_STATES).update(
            state=State.CANCELLED, claimed_until=None, finished_at=timezone.now()
        )
        if stopped:
            publish(rows.get())
    return bool(stopped)


def resend_lost(making: Making) -> None:
    """Send again what waits for a minute or was left by its worker, and delete what is older than it is kept."""
    rows = making.rows._default_manager
    waiting = Q(state=State.WAITING, created_at__lt=Now() - UNHEARD_AFTER)
    lost = rows.filter(waiting, Q(claimed_until=None) | Q(claimed_until__lt=Now()))
    left = rows.filter(state=State.WORKING, claimed_until__lt=Now())
    for pk in list((lost | left).values_list("pk", flat=True)):
        rows.filter(pk=pk, state__in=OPEN_STATES).update(claimed_until=Now() + UNHEARD_AFTER)
        send_task(making.task, pk)
    for row in rows.filter(finished_at__lt=Now() - timedelta(days=KEPT_DAYS)):
        row.delete()


def delete_file(sender: type[MadeFile], instance: MadeFile, **_: object) -> None:
    """After a row is deleted, whoever deleted it: its file goes when that is certain."""
    if name := instance.file.name:
        transaction.on_commit(lambda: delete_stored(name), robust=True)


def _claim(row_id: int, *, making: Making) -> bool:
    """Who holds the row's lock is the only one at work on it, so that what stands as worked on was left."""
    open_ones = making.rows._default_manager.filter(pk=row_id, state__in=OPEN_STATES)
    claimed_until = Now() + making.claimed_for
    return bool(open_ones.update(state=State.WORKING, done_count=0, claimed_until=claimed_until, error=""))


def _working(row: MadeFile) -> QuerySet[Any]:
    return type(row)._default_manager.filter(pk=row.pk, state=State.WORKING)


def _reason(error: Exception, *, making: Making) -> str:
    if getattr(error, "errno", None) in _NO_ROOM:
        return f"The server's disk has no room left for it. {making.less}, or have room made."
    if isinstance(error, (*making.refusals, UnusableVideo, UndecodableFrame)):
        return str(error)
    if isinstance(error, FileNotFoundError):
        return "A film's file is not there any more; an administrator can bring it back."
    return f"It could not be made: {error}. Try it again."
