"""What a worker does with a training of moments: stretch by stretch, each once to its end, then a version.

A worker that dies is noticed by its heartbeat; the next one goes on from the checkpoint of the stretch that it died
in, and ends with the same version, to the last bit.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet

from ava import training_progress
from ava.leases import Heartbeat, WorkLost
from ava.model_trainings import finish_run, read_checkpoint, work_off
from ava.train.loop import StepReport
from ava.training_progress import RunProgress
from curation.models import MomentRanker, MomentTraining
from curation.moment_pairs import films_basis, load_films, read_told
from curation.moment_runs import ranker_settings
from curation.moment_versions import add_version
from curation.moments.ranking_training import TooFewFilms
from curation.moments.version_training import (
    OWN,
    Keeper,
    LeftOut,
    Step,
    stretches_of,
    tell_for_recipe,
    tell_measures,
    train_version,
)


def work_off_training(run_id: int) -> None:
    """Train a run that waits, or whose worker died; safe to call any number of times."""
    work_off(MomentTraining, run_id, work=_train, unfit=(TooFewFilms,))


def _train(run: MomentTraining, mine: QuerySet[Any], heartbeat: Heartbeat) -> None:
    from curation.moments.ranker_file import write_ranker

    told, space = read_told(run.settings["films"]), run.settings["space"]
    _begin_anew_where_changed(run, mine, basis=films_basis(told, space=space))
    films = load_films(told, space=space)
    settings = ranker_settings(run)
    run.steps_total = settings.train.steps * len(stretches_of(films))  # a film may be gone
    mine.update(steps_total=run.steps_total)
    checkpoint, steps_done = read_checkpoint(run)
    if not run.steps_done:
        run.left_out = []  # one that diverged begins anew, and learns more slowly
    begin = len(run.left_out)
    notes = _Notes(run, mine, heartbeat, steps_done=begin * settings.train.steps + steps_done)
    trained = train_version(
        films,
        settings=settings,
        keeper=Keeper(notes.step, notes.keep, notes.left_out, training_progress.CHECKPOINT_EVERY),
        left_out=[LeftOut(**each) for stretch in run.left_out for each in stretch],
        begin=begin,
        checkpoint=checkpoint,
    )
    if trained is None:
        raise WorkLost
    ranker, left_out = trained
    measures = measures_beside(run.parent, left_out) | {"counts": run.settings["counts"]}
    recipe = {
        "made_by": "trailers of this installation", "space": space, "settings": asdict(settings),
        "counts": run.settings["counts"], "left_out": tell_for_recipe(left_out),
    }  # fmt: skip
    packed = write_ranker(ranker, recipe=recipe)
    finish_run(
        mine,
        make=lambda: add_version(packed, user=run.created_by, measures=measures, parent=run.parent)[0],
    )


def measures_beside(parent: MomentRanker | None, left_out: Sequence[LeftOut]) -> dict[str, Any]:
    """What was measured of a version, its parent's figures on the same titles beside it."""
    before = [LeftOut(**each) for each in parent.measures.get("left_out", ())] if parent else []
    return tell_measures(left_out, parent=before, parent_name=parent.name if parent else "")


def _begin_anew_where_changed(run: MomentTraining, mine: QuerySet[Any], *, basis: list[str]) -> None:
    """A film that was analysed anew since is another one to learn from: half a run of each would be of neither."""
    if basis == run.settings["basis"]:
        return
    run.settings = run.settings | {"basis": basis}
    run.left_out, run.curve, run.checkpoint, run.steps_done = [], [], None, 0
    mine.update(settings=run.settings, left_out=[], curve=[], checkpoint=None, steps_done=0)


class _Notes:
    """Takes down how far a run is."""

    def __init__(self, run: MomentTraining, mine: QuerySet[Any], heartbeat: Heartbeat, *, steps_done: int) -> None:
        self._run, self._mine = run, mine
        self._progress = RunProgress(
            run, mine=mine, heartbeat=heartbeat, steps_done=steps_done, measure=self._last_share
        )

    def step(self, step: Step) -> bool:
        return self._progress.note(StepReport(step.number, step.loss, 0.0))

    def keep(self, packed: bytes) -> None:
        self._progress.keep(packed)

    def left_out(self, stretch: int, found: list[LeftOut]) -> None:
        """A stretch is over: its figures are kept, and its checkpoint goes in one go."""
        self._run.left_out = [*self._run.left_out, [each._asdict() for each in found]]
        if not self._mine.update(left_out=self._run.left_out, checkpoint=None):
            raise WorkLost

    def _last_share(self) -> float | None:
        """How well the titles did that have been left out so far; None before the first."""
        shares = [each["top_ten"][OWN] for stretch in self._run.left_out for each in stretch]
        return round(sum(shares) / len(shares), 4) if shares else None
