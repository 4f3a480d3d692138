"""Runs that train a model in the background: cancelled, tried again, sent again when lost, and worked off once.

A run is a row with a lease, a state, settings that decide its outcome, a curve and a checkpoint; `settings["train"]`
holds what `ava.train.loop.TrainSettings` takes. A worker that dies is noticed by its heartbeat, and the next one goes
on from the checkpoint in the row.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import F, Model, Q, QuerySet
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from ava.leases import Heartbeat, WorkLost, stale, take, unattended
from ava.messages import send_task
from ava.models import ACTIVE_STATES, WorkState
from ava.train.checkpoint import UnfitCheckpoint, unpack_checkpoint
from ava.train.loop import Diverged

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 5
MOST_STEPS = 20_000
_GAVE_UP = (
    f"It was begun {MOST_ATTEMPTS} times, and its worker died each time, perhaps for lack of memory. Try it again."
)

Work = Callable[[Any, QuerySet[Any], Heartbeat], None]
"""Trains: the run, its row as long as it is this worker's, and the heartbeat to report steps to."""


class CannotTrain(ValueError):
    """No run can be started, cancelled or tried again; the sentence says why and what to do."""


def cancel_run(run: Model) -> None:
    """Stop a run that waits or runs; its checkpoint stays for another try. Raises CannotTrain where it is over."""
    active = _rows(run).filter(state__in=ACTIVE_STATES)
    if not active.update(state=WorkState.CANCELLED, finished_at=timezone.now(), claim=None, error=""):
        raise CannotTrain("This training is over; there is nothing to cancel.")


def requeue_run(run: Model) -> None:
    """Have a run that failed or was cancelled wait again, with its checkpoint. Raises CannotTrain."""
    over = _rows(run).filter(state__in=[WorkState.FAILED, WorkState.CANCELLED])
    if not over.update(
        state=WorkState.QUEUED, error="", claim=None, attempts=0, finished_at=None, heartbeat_at=None
    ):
        raise CannotTrain("Only a training that failed or was cancelled can be tried again.")


def send_run(run: Model, *, task: str) -> None:
    """Wake a worker for a run, after the transaction."""
    _rows(run).update(sent_at=Now())
    send_task(task, run.pk)


def resend_lost(kind: type[Model], *, task: str) -> None:
    """Send again what waits without a worker coming, or was left by its worker."""
    for run in kind._default_manager.filter(unattended()).only("pk"):
        send_run(run, task=task)


def work_off(kind: type[Model], run_id: int, *, work: Work, unfit: tuple[type[Exception], ...] = ()) -> None:
    """Train a run that waits, or whose worker died; safe to call any number of times.

    Errors of ``unfit`` end it with their own sentences; others are raised again, after it is marked as failed.
    """
    import torch

    rows = kind._default_manager.filter(pk=run_id)
    open_rows = rows.filter(Q(state=WorkState.QUEUED) | Q(state=WorkState.RUNNING) & stale())
    if open_rows.filter(attempts__gte=MOST_ATTEMPTS).update(state=WorkState.FAILED, error=_GAVE_UP, finished_at=Now()):
        return
    token = take(open_rows, state=WorkState.RUNNING, started_at=Coalesce(F("started_at"), Now()))
    if token is None:
        return
    mine = rows.filter(claim=token, state=WorkState.RUNNING)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # of the same result, and nobody else's core
    try:
        with Heartbeat(mine) as heartbeat:
            work(rows.get(), mine, heartbeat)
    except WorkLost:
        return  # it was cancelled, or another worker has it
    except Diverged as error:
        _fail_diverged(mine, str(error))
    except MemoryError:
        _fail(mine, "The worker has too little memory for it; have it run on a larger machine.")
    except Exception as error:
        if isinstance(error, unfit):
            return _fail(mine, str(error))
        _fail(mine, "Training failed; the workers' log says why. Try it again.")
        raise
    finally:
        torch.set_num_threads(threads)


def finish_run(mine: QuerySet[Any], *, make: Callable[[], Model]) -> None:
    """Make the version that a run ends with, and end it; raises WorkLost where nobody wants it any more."""
    with transaction.atomic():
        if not mine.select_for_update().exists():
            raise WorkLost
        mine.update(
            state=WorkState.DONE, result=make(), finished_at=timezone.now(), checkpoint=None, claim=None, error=""
        )


def read_checkpoint(run: Any) -> tuple[bytes | None, int]:
    """The run's last checkpoint and its steps; None and 0 where there is none that this program can read."""
    if run.checkpoint is None:
        return None, 0
    packed = bytes(run.checkpoint)
    try:
        return packed, unpack_checkpoint(packed).steps_done
    except UnfitCheckpoint as error:
        logger.warning("%s begins anew: %s", run, error)
        return None, 0


def _fail(mine: QuerySet[Any], sentence: str, **changes: Any) -> None:
    mine.update(state=WorkState.FAILED, error=sentence, finished_at=timezone.now(), claim=None, **changes)


def _fail_diverged(mine: QuerySet[Any], sentence: str) -> None:
    """One that diverged would do so again; another try begins anew and learns half as fast."""
    run = mine.first()
    if run is None:
        return
    slower = run.settings["train"] | {"learning_rate": run.settings["train"]["learning_rate"] / 2}
    _fail(
        mine, f"{sentence} Another try learns half as fast.",
        checkpoint=None, settings=run.settings | {"train": slower}, curve=[], steps_done=0,
    )  # fmt: skip


def _rows(run: Model) -> QuerySet[Any]:
    return type(run)._default_manager.filter(pk=run.pk)
