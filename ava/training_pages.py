"""What the page of any training run shows: how far it is, how fast, and what may be done with it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ava.models import ACTIVE_STATES, WorkState
from ava.training_curve import Drawing


@dataclass(frozen=True)
class RunPage:
    """A training run at an instant, and its curve. ``name``: of its page's address, and the beginning of the names of
    the addresses of its curve, of cancelling and of trying again."""

    run: Any
    name: str
    now: datetime
    drawing: Drawing | None

    @property
    def seed(self) -> int | None:
        return self.run.settings.get("train", {}).get("seed")

    @property
    def loss(self) -> float | None:
        return self.run.curve[-1][1] if self.run.curve else None

    @property
    def held_out(self) -> float | None:
        """The newest figure on what is held out; None before the first."""
        tried = [point[2] for point in self.run.curve if point[2] is not None]
        return tried[-1] if tried else None

    @property
    def steps_a_second(self) -> float | None:
        """Since the run was begun; None before its first steps."""
        if self.run.started_at is None or not self.run.steps_done:
            return None
        seconds = ((self.run.finished_at or self.now) - self.run.started_at).total_seconds()
        return self.run.steps_done / seconds if seconds > 0 else None

    @property
    def left_s(self) -> float | None:
        """Seconds left; None while nobody knows."""
        speed = self.steps_a_second
        return (self.run.steps_total - self.run.steps_done) / speed if speed and self.is_active else None

    @property
    def is_active(self) -> bool:
        return self.run.state in ACTIVE_STATES

    @property
    def is_finishing(self) -> bool:
        return self.run.state == WorkState.RUNNING and 0 < self.run.steps_total <= self.run.steps_done

    @property
    def may_retry(self) -> bool:
        return self.run.state in (WorkState.FAILED, WorkState.CANCELLED)
