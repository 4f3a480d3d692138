"""Why a title's page shows nobody: what is true, and what can be done about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ava.annotate.availability import unavailable_detectors
from ava.annotate.face_encoders import ENCODERS
from ava.model_files import weights_store
from ava.models import ACTIVE_STATES, Job, JobStage, Video, WorkState
from curation.models import FaceTrack

PEOPLE_STAGE = "people"

Reason = Literal["no-film", "at-work", "failed", "not-analysed", "no-model", "before-model", "no-faces", "nobody"]


@dataclass(frozen=True, slots=True)
class Emptiness:
    """`reason`, how many tracks of faces were found all the same, and sentences about what is lacking."""

    reason: Reason
    tracks: int = 0
    lacking: tuple[str, ...] = ()


def explain_emptiness(videos: Sequence[Video]) -> Emptiness:
    """Say why nobody is known in these videos; reads as much for many videos as for one."""
    if not videos:
        return Emptiness("no-film")
    jobs = Job.objects.filter(video__in=videos)
    if jobs.filter(state__in=ACTIVE_STATES).exists():
        return Emptiness("at-work")
    tracks = FaceTrack.objects.filter(video__in=videos, is_face=True)
    count, recognised = tracks.count(), tracks.exclude(encoder="").exists()
    if not count:
        return _explain_no_tracks(videos)
    if recognised:
        return Emptiness("nobody", count)
    lacking = lacking_encoders()
    return Emptiness("no-model" if lacking else "before-model", count, lacking)


def _explain_no_tracks(videos: Sequence[Video]) -> Emptiness:
    if JobStage.objects.filter(job__video__in=videos, name=PEOPLE_STAGE, state=WorkState.DONE).exists():
        return Emptiness("no-faces")
    newest = Job.objects.filter(video__in=videos).order_by("-created_at", "-id").first()
    if newest is not None and newest.state == WorkState.FAILED:
        return Emptiness("failed", lacking=(newest.error,))
    return Emptiness("not-analysed")


def lacking_encoders() -> tuple[str, ...]:
    """Why no face can be told from another here and how to change that; empty where at least one encoder can."""
    names = [encoder.detector.replace("_", " ") for encoder in ENCODERS]
    lacking = {each.what: each.why for each in unavailable_detectors(weights_store()) if each.what in names}
    return tuple(lacking[name] for name in reversed(names) if name in lacking) if len(lacking) == len(names) else ()
