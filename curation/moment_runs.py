"""Runs that train the next version of the ranker of moments: asked for, cancelled, tried again.

What decides the outcome stands in the run's settings from the beginning: the films and what their trailers use among
it, so that what people say of trailers meanwhile changes nothing.
"""

import secrets
from dataclasses import asdict, replace
from typing import Any

from django.db import transaction

from ava.exclusive import wait_for_turn
from ava.model_trainings import MOST_STEPS, CannotTrain, cancel_run, requeue_run, resend_lost, send_run
from ava.models import ACTIVE_STATES, User
from ava.train.loop import TrainSettings
from curation import shot_embeddings
from curation.models import MomentTraining
from curation.moment_pairs import FoundFilms, films_basis, find_films
from curation.moment_versions import active_ranker
from curation.moments.ranking_training import RankerSettings
from curation.moments.version_training import MOST_STRETCHES, settings_of

TRAIN_TASK = "curation.moment_tasks.train_moment_ranker"
_TURN = "trainings of moments"
_BUSY = "Another training is at work; wait for its end, or cancel it."


def start_training(user: User, *, steps: int | None = None, seed: int | None = None) -> MomentTraining:
    """Have a worker train the next version; while a run is at work, that one is returned.

    ``steps`` 1–20,000 of each of its trainings (as ``RankerSettings``), ``seed`` any (drawn). Raises CannotTrain.
    """
    with transaction.atomic():
        wait_for_turn(_TURN)
        running = MomentTraining.objects.filter(state__in=ACTIVE_STATES).first()
        if running is not None:
            return running
        settings = make_settings(find_films(), steps=steps, seed=seed)
        stretches = min(settings["counts"]["titles"], MOST_STRETCHES) + 1
        run = MomentTraining.objects.create(
            parent=active_ranker(), settings=settings, steps_total=settings["train"]["steps"] * stretches,
            created_by=user,
        )  # fmt: skip
        send_run(run, task=TRAIN_TASK)
    return run


def make_settings(found: FoundFilms, *, steps: int | None, seed: int | None) -> dict[str, Any]:
    """What decides a run's outcome. Raises CannotTrain where the films are too few."""
    if found.shortfall:
        raise CannotTrain(found.shortfall)
    train = settings_of(
        steps=None if steps is None else min(max(steps, 1), MOST_STEPS),
        seed=secrets.randbelow(2**31) if seed is None else seed,
    ).train
    space = shot_embeddings.serving_space()
    return {
        "train": asdict(train), "space": space, "films": [list(film) for film in found.films],
        "basis": films_basis(found.films, space=space), "counts": found.counts,
    }  # fmt: skip


def cancel_training(run: MomentTraining) -> None:
    """Stop a run that waits or runs; its checkpoint stays for another try. Raises CannotTrain where it is over."""
    cancel_run(run)


def retry_training(run: MomentTraining) -> None:
    """Have a run that failed or was cancelled go on from its last checkpoint. Raises CannotTrain with a sentence."""
    with transaction.atomic():
        wait_for_turn(_TURN)
        if MomentTraining.objects.filter(state__in=ACTIVE_STATES).exclude(pk=run.pk).exists():
            raise CannotTrain(_BUSY)
        requeue_run(run)
        send_run(run, task=TRAIN_TASK)


def resend_lost_trainings() -> None:
    """Send again what waits without a worker coming, or was left by its worker."""
    resend_lost(MomentTraining, task=TRAIN_TASK)


def ranker_settings(run: MomentTraining) -> RankerSettings:
    """The settings of a run's trainings."""
    return replace(RankerSettings(), train=TrainSettings(**run.settings["train"]))
