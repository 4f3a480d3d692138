"""The stages that follow a film's annotation, in order. Apps register theirs; `ava` knows none of them by name."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ava.models import Job, Video


@dataclass(frozen=True, slots=True)
class StageRun:
    """What a stage is told: the video, how far its annotations reach, and how to say how far it is.

    `end_frame` equals the video's frame count on the final run. On a provisional one it is smaller, or equal while
    a stage before is not finished; a stage must then leave everything it writes marked provisional.
    `report(done, total)` may raise `ava.leases.WorkLost`, which a stage lets pass.
    """

    video: Video
    end_frame: int
    is_final: bool
    report: Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Stage:
    """`run` can be called any number of times with the same end.

    Where `is_spread`, it only plans the `Inspection`s that other workers take up; the stage is over when none is open.
    Where `is_of_scans`, it needs nothing but what watchers of chunks saved, and runs at the end of scans, too.
    """

    name: str
    label: str
    run: Callable[[StageRun], None]
    unit: str = "steps"
    has_provisional_run: bool = True
    is_spread: bool = False
    is_of_scans: bool = False


_registered: list[Stage] = []


def register(stage: Stage) -> None:
    """Append a stage; called from `AppConfig.ready`, in the order of INSTALLED_APPS."""
    if any(known.name == stage.name for known in _registered):
        raise ValueError(f"A stage named {stage.name!r} is registered already; give this one another name.")
    _registered.append(stage)


NameFrames = Callable[[Video], Iterable[int]]
_frame_namers: list[NameFrames] = []


def register_frames(name_frames: NameFrames) -> None:
    """Have the frames that `name_frames(video)` names looked at closely; called from `AppConfig.ready`."""
    _frame_namers.append(name_frames)


def named_frames(video: Video) -> set[int]:
    """Frames of a video that some app wants to be looked at closely, besides those of every shot."""
    return {frame for name_frames in _frame_namers for frame in name_frames(video)}


def registered() -> tuple[Stage, ...]:
    return tuple(_registered)


def stages_of(job: Job) -> tuple[Stage, ...]:
    """The stages that a job runs, in order."""
    return tuple(stage for stage in _registered if stage.is_of_scans or job.kind != Job.Kind.SCAN)
