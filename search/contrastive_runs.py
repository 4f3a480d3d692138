"""Runs that train the next version of an encoder on people's labels: asked for, cancelled, tried again.

What decides the outcome stands in the run's settings from the beginning, the pairs and what was known of their shots
among it, so that a run whose worker was killed ends as it would have ended, whatever people say meanwhile.
"""

import secrets
from dataclasses import asdict
from typing import Any

from django.db import transaction

from ava.exclusive import wait_for_turn
from ava.model_trainings import MOST_STEPS, CannotTrain, cancel_run, requeue_run, resend_lost, send_run
from ava.models import ACTIVE_STATES, User
from ava.train.loop import TrainSettings
from search import encoders
from search.contrastive_pairs import find_pairs, said_of_shots
from search.embed.encoder import UnusableEncoder
from search.models import ContrastiveTraining, Encoder, ShotDescription
from search.train.pairs import Pair, SplitBy
from search.trained_encoders import base_of

TRAIN_TASK = "search.tasks.train_encoder"
VARIANTS = ("frozen", "temporal")
STEPS = 300
BATCH = 64
LEARNING_RATE = 1e-3
WEIGHT_DECAY = 0.1
"""Draws the heads back to the untrained encoder, from which a few hundred pairs should not lead far."""
MOST_OTHERS = 300
_TURN = "contrastive trainings"


def start_training(
    user: User, *, parent: Encoder, variant: str = "frozen", steps: int | None = None, seed: int | None = None
) -> ContrastiveTraining:
    """Have a worker train the next version from this one; while a run is at work, that one is returned.

    ``variant``: "frozen" pools frames by their mean, "temporal" by a head that sees their order; ``steps`` 1–20,000
    (300), ``seed`` any (drawn). Raises CannotTrain with a sentence.
    """
    if variant not in VARIANTS:
        raise CannotTrain(f"There is no variant “{variant[:20]}”; choose {' or '.join(VARIANTS)}.")
    with transaction.atomic():
        wait_for_turn(_TURN)
        running = ContrastiveTraining.objects.filter(state__in=ACTIVE_STATES).defer("settings", "checkpoint").first()
        if running is not None:
            return running
        if reason := encoders.why_unusable(parent):
            raise CannotTrain(reason)
        settings = _settings(parent, variant=variant, steps=steps, seed=seed)
        run = ContrastiveTraining.objects.create(
            parent=parent, settings=settings, steps_total=settings["train"]["steps"], created_by=user
        )
        send_run(run, task=TRAIN_TASK)
    return run


def cancel_training(run: ContrastiveTraining) -> None:
    """Stop a run that waits or runs; its checkpoint stays for another try. Raises CannotTrain where it is over."""
    cancel_run(run)


def retry_training(run: ContrastiveTraining) -> None:
    """Have a run that failed or was cancelled go on from its last checkpoint. Raises CannotTrain with a sentence."""
    with transaction.atomic():
        wait_for_turn(_TURN)
        if ContrastiveTraining.objects.filter(state__in=ACTIVE_STATES).exclude(pk=run.pk).exists():
            raise CannotTrain("Another training is at work; wait for its end, or cancel it.")
        requeue_run(run)
        send_run(run, task=TRAIN_TASK)


def resend_lost_trainings() -> None:
    """Send again what waits without a worker coming, or was left by its worker."""
    resend_lost(ContrastiveTraining, task=TRAIN_TASK)


def split_of(encoder: Encoder) -> SplitBy | None:
    """How the pairs that an encoder learnt from were split, so that its children never learn what it was tested on."""
    told = encoder.recipe.get("split_by")
    return told if told in ("film", "shot") else None


def pairs_of(run: ContrastiveTraining) -> list[Pair]:
    """The pairs of a run as its settings tell them."""
    return [Pair(*told) for told in run.settings["pairs"]]


def _settings(parent: Encoder, *, variant: str, steps: int | None, seed: int | None) -> dict[str, Any]:
    found = find_pairs(split_by=split_of(parent))
    if found.shortfall:
        raise CannotTrain(found.shortfall)
    try:
        base = base_of(parent) if parent.kind == Encoder.Kind.TRAINED else parent
    except UnusableEncoder as error:
        raise CannotTrain(str(error)) from error
    steps = min(max(STEPS if steps is None else steps, 1), MOST_STEPS)
    train = TrainSettings(
        steps=steps, learning_rate=LEARNING_RATE, warm_up_steps=min(20, steps // 10), weight_decay=WEIGHT_DECAY,
        seed=secrets.randbelow(2**31) if seed is None else seed,
    )  # fmt: skip
    others = _other_shots(found.pairs)
    shots = {(int(pair.film), pair.start_frame, pair.end_frame) for pair in found.pairs} | set(others)
    said = said_of_shots(shots)
    return {
        "train": asdict(train), "batch": BATCH, "variant": variant, "base": [base.name, base.version],
        "split_by": found.split_by, "names": found.names, "pairs": [list(pair) for pair in found.pairs],
        "others": [list(shot) for shot in others],
        "said": [[*shot, texts] for shot, texts in sorted(said.items())],
        "counts": {"learnt": found.learnt, "held_out": found.held_out, "films": found.films},
    }  # fmt: skip


def _other_shots(pairs: tuple[Pair, ...]) -> list[tuple[int, int, int]]:
    """Shots of the same films that nobody wrote about: the right ones have to be found among these, too."""
    told = {(int(pair.film), pair.start_frame) for pair in pairs}
    rows = ShotDescription.objects.filter(video__in={film for film, _ in told}).order_by("start_frame", "video")
    spans = rows.values_list("video_id", "start_frame", "end_frame")
    return [span for span in spans if span[:2] not in told][:MOST_OTHERS]
