"""The row of a training run, kept up to date while it trains: its steps, its curve and its checkpoint."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

from ava.leases import Heartbeat, WorkLost
from ava.train.loop import StepReport

CHECKPOINT_EVERY = 50
"""A multiple of the next, so that a resumed curve has the same points."""
POINT_EVERY = 10
HELD_OUT_EVERY = 50


class RunProgress:
    """Notes every step of a run. ``measure`` tells how well it does on what is held out, as a rounded number; None
    where nobody knows yet."""

    def __init__(
        self,
        run: Any,
        *,
        mine: QuerySet[Any],
        heartbeat: Heartbeat,
        steps_done: int,
        measure: Callable[[], float | None],
    ) -> None:
        self._points: list[list[float | int | None]] = [point for point in run.curve if point[0] <= steps_done]
        self._mine, self._heartbeat, self._measure = mine, heartbeat, measure
        self._steps = run.steps_total
        self._recent: list[float] = []

    def note(self, report: StepReport) -> bool:
        """Take one step down; raises WorkLost when nobody wants the run any more."""
        self._heartbeat.report(report.step)
        self._recent.append(report.loss)
        if self._is_due(report.step, every=POINT_EVERY):
            loss = round_loss(sum(self._recent) / len(self._recent))
            held_out = self._measure() if self._is_due(report.step, every=HELD_OUT_EVERY) else None
            self._points.append([report.step, loss, held_out])
            self._recent = []
            if not self._mine.update(steps_done=report.step, curve=self._points):
                raise WorkLost
        return True

    def keep(self, packed: bytes) -> None:
        """Keep a checkpoint."""
        self._mine.update(checkpoint=packed)

    def _is_due(self, step: int, *, every: int) -> bool:
        return step % every == 0 or step == self._steps


def round_loss(loss: float) -> float:
    """Five digits: what a curve can show."""
    return float(f"{loss:.5g}")
