"""What a worker does with a training run: train, say how far it is, keep checkpoints, compare, and make a version.

A worker that dies is noticed by its heartbeat; the next one goes on from the checkpoint in the row, and ends with the
same version, to the last bit.
"""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from ava.leases import Heartbeat, WorkLost
from ava.model_trainings import read_checkpoint, work_off
from ava.models import WorkState
from ava.train.loop import StepReport
from qc.model_versions import add_version, load_model
from qc.models import PixelTraining
from qc.pixel.fine_tuning import RENDERED_CLIPS
from qc.pixel.model_file import PixelModelFile, UnfitModel, read_model
from qc.training_examples import LoadedExamples, load_examples
from qc.training_runs import train_settings

CHECKPOINT_EVERY = 50
"""A multiple of the next, so that a resumed curve has the same points."""
POINT_EVERY = 10
HELD_OUT_EVERY = 50
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
    curve = _Curve(run, mine=mine, heartbeat=heartbeat, steps_done=steps_done, network=network, clips=clips)
    fine_tune(
        parent.network,
        network=network,
        examples=examples.learnt,
        clips=clips,
        settings=settings,
        lookalikes=find_lookalikes(),
        checkpoint=checkpoint,
        on_step=curve.note,
        checkpoint_every=CHECKPOINT_EVERY,
        keep=curve.keep,
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
    _save(run, mine=mine, packed=finished.packed, measures=_with_counts(finished.measures, examples))


def _save(run: PixelTraining, *, mine: QuerySet[PixelTraining], packed: bytes, measures: dict[str, Any]) -> None:
    with transaction.atomic():
        if not mine.select_for_update().exists():
            raise WorkLost
        model, _ = add_version(packed, user=run.created_by, parent=run.parent, measures=measures)
        mine.update(
            state=WorkState.DONE, result=model, finished_at=timezone.now(), checkpoint=None, claim=None, error=""
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


class _Curve:
    """Keeps the row of a run up to date: steps, the curve of losses, checkpoints."""

    def __init__(
        self, run: PixelTraining, *, mine: QuerySet[PixelTraining], heartbeat: Heartbeat, steps_done: int,
        network: Any, clips: Sequence[Any],
    ) -> None:  # fmt: skip
        from qc.pixel.dataset import Mix, make_batch

        self._points: list[list[float | int | None]] = [point for point in run.curve if point[0] <= steps_done]
        self._mine, self._heartbeat, self._network = mine, heartbeat, network
        self._steps = run.steps_total
        self._recent: list[float] = []
        self._held_out = [
            make_batch(number, seed=_HELD_OUT_SEED, clips=clips, mix=Mix()) for number in range(_HELD_OUT_BATCHES)
        ]

    def note(self, report: StepReport) -> bool:
        """Take one step down; raises WorkLost when nobody wants the run any more."""
        self._heartbeat.report(report.step)
        self._recent.append(report.loss)
        if report.step % POINT_EVERY == 0 or report.step == self._steps:
            self._points.append([report.step, _rounded(sum(self._recent) / len(self._recent)), self._test(report.step)])
            self._recent = []
            if not self._mine.update(steps_done=report.step, curve=self._points):
                raise WorkLost
        return True

    def keep(self, packed: bytes) -> None:
        self._mine.update(checkpoint=packed)

    def _test(self, step: int) -> float | None:
        from qc.pixel.training import held_out_loss

        if step % HELD_OUT_EVERY and step != self._steps:
            return None
        return _rounded(held_out_loss(self._network, self._held_out))


def _rounded(loss: float) -> float:
    return float(f"{loss:.5g}")
