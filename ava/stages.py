"""The stages that follow a film's annotation, in order. Apps register theirs; `ava` knows none of them by name."""

from collections.abc import Callable
from dataclasses import dataclass

from ava.models import Video


@dataclass(frozen=True, slots=True)
class StageRun:
    """What a stage is told: the video, how far its annotations reach, and how to say how far it is.

    `end_frame` equals the video's frame count on the final run and is smaller on a provisional one; a stage
    must then leave everything it writes marked provisional. `report(done, total)` may raise
    `ava.pipeline.WorkLost`, which a stage lets pass.
    """

    video: Video
    end_frame: int
    report: Callable[[int, int], None]

    @property
    def is_final(self) -> bool:
        return self.end_frame == self.video.frame_count


@dataclass(frozen=True, slots=True)
class Stage:
    """`run` can be called any number of times with the same end."""

    name: str
    label: str
    run: Callable[[StageRun], None]
    unit: str = "steps"
    has_provisional_run: bool = True


_registered: list[Stage] = []


def register(stage: Stage) -> None:
    """Append a stage; called from `AppConfig.ready`, in the order of INSTALLED_APPS."""
    if any(known.name == stage.name for known in _registered):
        raise ValueError(f"A stage named {stage.name!r} is registered already; give this one another name.")
    _registered.append(stage)


def registered() -> tuple[Stage, ...]:
    return tuple(_registered)
