"""Runs that train the next version of the pixel network on what reviewers said: asked for, cancelled, tried again.

What decides the outcome stands in the run's settings from the beginning, the judged flags among it, so that a run
whose worker was killed ends as it would have ended.
"""

import secrets
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from ava.leases import stale
from ava.messages import send_task
from ava.models import ACTIVE_STATES, User, WorkState
from qc.model_versions import active_model, load_model
from qc.models import PixelTraining
from qc.pixel.fine_tuning import SETTINGS
from qc.training_examples import find_reviewed

TRAIN_TASK = "qc.training_tasks.train_pixel_model"
MOST_STEPS = 20_000
UNHEARD_AFTER = timedelta(minutes=1)
SILENT_AFTER = timedelta(seconds=10)


class CannotTrain(ValueError):
    """No run can be started, cancelled or tried again; the sentence says why and what to do."""


def start_training(user: User, *, steps: int | None = None, seed: int | None = None) -> PixelTraining:
    """Have a worker train the next version from the one in use; while one is at it, that one is returned.

    ``steps`` 1–20,000 (400), ``seed`` any (drawn). Raises CannotTrain with a sentence, and UnfitModel.
    """
    running = PixelTraining.objects.filter(state__in=ACTIVE_STATES).first()
    if running is not None:
        return running
    parent = active_model()
    load_model(parent)
    reviewed = find_reviewed()
    if reviewed.shortfall:
        raise CannotTrain(reviewed.shortfall)
    chosen = replace(
        SETTINGS,
        steps=min(max(SETTINGS.steps if steps is None else steps, 1), MOST_STEPS),
        seed=secrets.randbelow(2**31) if seed is None else seed,
    )
    try:
        with transaction.atomic():
            run = PixelTraining.objects.create(
                parent=parent,
                settings={"train": asdict(chosen), "judged": reviewed.judged},
                steps_total=chosen.steps,
                examples=reviewed.counts,
                created_by=user,
            )
    except IntegrityError:  # somebody else was quicker
        return PixelTraining.objects.filter(parent=parent, state__in=ACTIVE_STATES).latest("pk")
    _send(run)
    return run


def cancel_training(run: PixelTraining) -> None:
    """Stop a run that waits or runs; its checkpoint stays for another try. Raises CannotTrain where it is over."""
    active = PixelTraining.objects.filter(pk=run.pk, state__in=ACTIVE_STATES)
    if not active.update(state=WorkState.CANCELLED, finished_at=timezone.now(), claim=None, error=""):
        raise CannotTrain("This training is over; there is nothing to cancel.")


def retry_training(run: PixelTraining) -> None:
    """Have a run that failed or was cancelled go on from its last checkpoint. Raises CannotTrain with a sentence."""
    if PixelTraining.objects.filter(state__in=ACTIVE_STATES).exclude(pk=run.pk).exists():
        raise CannotTrain("Another training is at work; wait for its end, or cancel it.")
    over = PixelTraining.objects.filter(pk=run.pk, state__in=[WorkState.FAILED, WorkState.CANCELLED])
    try:
        with transaction.atomic():
            changed = over.update(
                state=WorkState.QUEUED, error="", claim=None, attempts=0, finished_at=None, heartbeat_at=None
            )
    except IntegrityError:
        changed = 0
    if not changed:
        raise CannotTrain("Only a training that failed or was cancelled can be tried again.")
    _send(run)


def resend_lost_trainings() -> None:
    """Send again what waits without a worker coming, or was left by its worker."""
    waiting = Q(state=WorkState.QUEUED) & (Q(sent_at=None) | Q(sent_at__lt=Now() - UNHEARD_AFTER))
    left = Q(state=WorkState.RUNNING) & stale() & (Q(sent_at=None) | Q(sent_at__lt=Now() - SILENT_AFTER))
    for run in PixelTraining.objects.filter(waiting | left).only("pk"):
        _send(run)


def train_settings(run: PixelTraining) -> Any:
    """The settings of a run's loop."""
    return replace(SETTINGS, **run.settings["train"])


def _send(run: PixelTraining) -> None:
    PixelTraining.objects.filter(pk=run.pk).update(sent_at=Now())
    send_task(TRAIN_TASK, run.pk)
