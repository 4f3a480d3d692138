"""Runs that train the next version of the pixel network on what reviewers said: asked for, cancelled, tried again.

What decides the outcome stands in the run's settings from the beginning, the judged flags among it, so that a run
whose worker was killed ends as it would have ended.
"""

import secrets
from dataclasses import asdict, replace
from typing import Any

from django.db import IntegrityError, transaction

from ava.model_trainings import MOST_STEPS, CannotTrain, cancel_run, requeue_run, resend_lost, send_run
from ava.models import ACTIVE_STATES, User
from qc.model_versions import active_model, load_model
from qc.models import PixelTraining
from qc.pixel.fine_tuning import SETTINGS
from qc.training_examples import find_reviewed

TRAIN_TASK = "qc.training_tasks.train_pixel_model"


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
    send_run(run, task=TRAIN_TASK)
    return run


def cancel_training(run: PixelTraining) -> None:
    """Stop a run that waits or runs; its checkpoint stays for another try. Raises CannotTrain where it is over."""
    cancel_run(run)


def retry_training(run: PixelTraining) -> None:
    """Have a run that failed or was cancelled go on from its last checkpoint. Raises CannotTrain with a sentence."""
    if PixelTraining.objects.filter(state__in=ACTIVE_STATES).exclude(pk=run.pk).exists():
        raise CannotTrain("Another training is at work; wait for its end, or cancel it.")
    try:
        with transaction.atomic():
            requeue_run(run)
    except IntegrityError as error:  # somebody else was quicker
        raise CannotTrain("Another training is at work; wait for its end, or cancel it.") from error
    send_run(run, task=TRAIN_TASK)


def resend_lost_trainings() -> None:
    """Send again what waits without a worker coming, or was left by its worker."""
    resend_lost(PixelTraining, task=TRAIN_TASK)


def train_settings(run: PixelTraining) -> Any:
    """The settings of a run's loop."""
    return replace(SETTINGS, **run.settings["train"])
