"""What tests of training runs share: points close together, and what happens at one of their steps."""

from collections.abc import Callable

import pytest

from ava import leases, training_progress
from ava.train.loop import StepReport
from ava.training_progress import RunProgress


def shorten_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have runs of a few steps show points and keep checkpoints as long ones do, without a heartbeat's thread."""
    monkeypatch.setattr(leases, "HEARTBEAT_S", 1000.0)  # its thread does not see a test's transaction
    monkeypatch.setattr(leases, "STALE_AFTER_S", 50.0)  # so that a slow machine's training is not taken for a dead one
    monkeypatch.setattr(training_progress, "CHECKPOINT_EVERY", 8)
    monkeypatch.setattr(training_progress, "POINT_EVERY", 4)
    monkeypatch.setattr(training_progress, "HELD_OUT_EVERY", 8)


def before_noting(monkeypatch: pytest.MonkeyPatch, step: int, *, happens: Callable[[], object]) -> None:
    """Have something happen, or be raised, before a step is noted."""
    note = RunProgress.note

    def disturbed(self: RunProgress, report: StepReport) -> bool:
        if report.step == step:
            happens()
        return note(self, report)

    monkeypatch.setattr(RunProgress, "note", disturbed)


def raising(error: BaseException) -> Callable[[], None]:
    """Something that happens and is an error, such as a worker's end."""

    def happen() -> None:
        raise error

    return happen
