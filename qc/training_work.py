"""What a worker does with a training run: train, say how far it is, keep checkpoints, compare, and make a version.

A worker that dies is noticed by its heartbeat; the next one goes on from the checkpoint in the row, and ends with the
same version, to the last bit.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet

from ava import training_progress
from ava.leases import Heartbeat
from ava.model_trainings import finish_run, read_checkpoint, work_off
from ava.training_progress import RunProgress, round_loss
from qc.model_versions import add_version, load_model
from qc.models import PixelTraining
from qc.pixel.fine_tuning import RENDERED_CLIPS
from qc.pixel.model_file import PixelModelFile, UnfitModel, read_model
from qc.training_examples import LoadedExamples, load_examples
from qc.training_runs import train_settings

_HELD_OUT_BATCHES = 4
_HELD_OUT_SEED = 991


def work_off_training(run_id: int) -> None:
    """Train a run that waits, or whose worker died; safe to call any number of times."""
    work_off(PixelTraining, run_id, work=_train, unfit=(UnfitModel,))


def _train(run: PixelTraining, mine: QuerySet[PixelTraining], heartbeat: Heartbeat) -> None:
    from qc.defects.find import find_lookalikes
    from qc.pixel.fine_tuning import fine_tune
    from qc.pixel.footage import rendered_clips
    from qc.pixel.releasing import finish_version

    settings, parent = train_settings(run), load_model(run.parent)
    examples = load_examples(run.settings["judged"], parent=parent)
    clips = rendered_clips(seed=settings.seed, count=RENDERED_CLIPS)
    network = read_model(bytes(run.parent.weights), name=str(run.parent)).network
    checkpoint, steps_done = read_checkpoint(run)
    progress = RunProgress(
        run, mine=mine, heartbeat=heartbeat, steps_done=steps_done, measure=_held_out_measure(network, clips)
    )
    fine_tune(
        parent.network,
        network=network,
        examples=examples.learnt,
        clips=clips,
        settings=settings,
        lookalikes=find_lookalikes(),
        checkpoint=checkpoint,
        on_step=progress.note,
        checkpoint_every=training_progress.CHECKPOINT_EVERY,
        keep=progress.keep,
    )
    finished = finish_version(
        network,
        parent=parent,
        clips=clips,
        recipe=_recipe(run, parent=parent),
        learnt=examples.learnt,
        held_back=examples.held_back,
        parent_name=f"version {run.parent.version}",
        windows=run.settings.get("windows"),
    )
    heartbeat.report(settings.steps)
    measures = _with_counts(finished.measures, examples)
    finish_run(
        mine, make=lambda: add_version(finished.packed, user=run.created_by, parent=run.parent, measures=measures)[0]
    )


def _recipe(run: PixelTraining, *, parent: PixelModelFile) -> dict[str, Any]:
    return {
        "made_by": "reviewers' words",
        "settings": run.settings["train"],
        "examples": run.examples,
        "rendered_clips": RENDERED_CLIPS,
        "parent_sha256": parent.sha256,
    }


def _with_counts(measures: dict[str, Any], examples: LoadedExamples) -> dict[str, Any]:
    return measures | {"learnt": len(examples.learnt), "held_back": len(examples.held_back)}


def _held_out_measure(network: Any, clips: Sequence[Any]) -> Callable[[], float]:
    """Tells the loss on batches that are the same at every step of a run."""
    from qc.pixel.dataset import Mix, make_batch
    from qc.pixel.training import held_out_loss

    held_out = [make_batch(number, seed=_HELD_OUT_SEED, clips=clips, mix=Mix()) for number in range(_HELD_OUT_BATCHES)]
    return lambda: round_loss(held_out_loss(network, held_out))
