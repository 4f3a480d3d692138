"""Units of work that any worker can take up: claimed, worked on, saved, tried again, given up."""

import logging
import uuid
from collections.abc import Callable

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from ava.leases import Heartbeat, WorkLost, stale, take
from ava.media.probe import UnusableVideo
from ava.messages import send_advance, send_units
from ava.models import ACTIVE_STATES, Chunk, Inspection, Job, JobStage, WorkState, WorkUnit
from ava.progress import ANNOTATE_STAGE, INSPECT_STAGE, publish_job

logger = logging.getLogger(__name__)

MOST_FAILURES = 3
MOST_ATTEMPTS = 12  # a frame that kills its worker every time must not do so for ever
STAGE_OF: dict[type[WorkUnit], str] = {Chunk: ANNOTATE_STAGE, Inspection: INSPECT_STAGE}

Unit = Chunk | Inspection
Work = Callable[[Unit, uuid.UUID, Heartbeat], None]
"""Does a unit's work and saves it; the heartbeat is told how many of the unit's frames are done."""


def claimable(kind: type[WorkUnit]) -> QuerySet[WorkUnit]:
    """Units of active jobs that wait, or whose worker has fallen silent."""
    return kind._default_manager.filter(
        Q(state=WorkState.QUEUED) | Q(state=WorkState.RUNNING) & stale(), _wanted()
    ).order_by("index", "pk")


def _wanted() -> Exists:
    return Exists(Job.objects.filter(video=OuterRef("video"), state__in=ACTIVE_STATES))


def claim(units: QuerySet[WorkUnit]) -> tuple[Unit, uuid.UUID] | None:
    """Take the first of some claimable units for this process; None when there is none."""
    with transaction.atomic():
        unit = units.select_for_update(skip_locked=True, of=("self",)).first()
        if unit is None:
            return None
        kind = type(unit)
        token = take(kind._default_manager.filter(pk=unit.pk), state=WorkState.RUNNING, frames_done=0)
        assert token is not None  # the row is locked
        _mark_started(unit)
    return kind._default_manager.select_related("video__title").get(pk=unit.pk), token


def _mark_started(unit: WorkUnit) -> None:
    Job.objects.filter(video=unit.video_id, state=WorkState.QUEUED).update(state=WorkState.RUNNING)
    JobStage.objects.filter(
        job__video=unit.video_id, job__state=WorkState.RUNNING, name=STAGE_OF[type(unit)], started_at=None
    ).update(state=WorkState.RUNNING, started_at=timezone.now())


def work_on(unit: Unit, token: uuid.UUID, work: Work) -> None:
    """Do a claimed unit's work under a heartbeat; whatever goes wrong ends in another try or in a failed job."""
    kind = type(unit)
    if unit.attempts > MOST_ATTEMPTS:
        _fail(unit, token, "the worker died on it every time; the file is probably damaged there")
        return
    mine = kind._default_manager.filter(pk=unit.pk, claim=token, state=WorkState.RUNNING).filter(_wanted())
    try:
        with Heartbeat(mine, on_beat=lambda frames: _beat(unit, token, frames)) as heartbeat:
            work(unit, token, heartbeat)
    except WorkLost:
        logger.info("%s %s was cancelled or taken over", kind.__name__, unit.pk)
    except UnusableVideo as error:
        _fail(unit, token, str(error))
    except Exception as error:
        logger.exception("%s %s failed", kind.__name__, unit.pk)
        _try_again_or_fail(unit, token, f"{type(error).__name__}: {error}")


def _beat(unit: Unit, token: uuid.UUID, frames: int) -> None:
    type(unit)._default_manager.filter(pk=unit.pk, claim=token).update(frames_done=frames)
    _count_frames(unit)
    job = Job.objects.filter(video=unit.video_id, state__in=ACTIVE_STATES).first()
    if job is not None:
        publish_job(job)


def _count_frames(unit: Unit) -> None:
    """Bring the stage's own count up to date, for a list of jobs has no time to add its units up."""
    done = type(unit)._default_manager.filter(video=unit.video_id).aggregate(done=Sum("frames_done"))["done"]
    JobStage.objects.filter(
        job__video=unit.video_id, state=WorkState.RUNNING, name=STAGE_OF[type(unit)]
    ).update(done_units=done or 0)  # fmt: skip


def save(unit: Unit, token: uuid.UUID, write: Callable[[], None], **changes: object) -> None:
    """Have `write` save a unit's results and mark it done, in one transaction.

    Raises WorkLost, and saves nothing, when the claim has gone meanwhile.
    """
    with transaction.atomic():
        mine = type(unit)._default_manager.select_for_update().filter(
            pk=unit.pk, claim=token, state=WorkState.RUNNING
        )  # fmt: skip
        if not mine.exists():
            raise WorkLost
        write()
        mine.update(
            state=WorkState.DONE, claim=None, frames_done=unit.end_frame - unit.start_frame, error="", **changes
        )
        _count_frames(unit)
        job = Job.objects.filter(video=unit.video_id, state__in=ACTIVE_STATES).first()
        if job is not None:  # what was measured is kept even if the job was ended a moment ago
            publish_job(job)
            send_advance(job.pk)


def _try_again_or_fail(unit: Unit, token: uuid.UUID, why: str) -> None:
    if unit.failures + 1 >= MOST_FAILURES:
        _fail(unit, token, why)
        return
    type(unit)._default_manager.filter(pk=unit.pk, claim=token).update(
        state=WorkState.QUEUED, claim=None, frames_done=0, failures=F("failures") + 1, error=why
    )
    send_units(1)


def _fail(unit: Unit, token: uuid.UUID, why: str) -> None:
    last = unit.end_frame - 1
    sentence = f"Frames {unit.start_frame}–{last} could not be analysed: {why.rstrip('.')}."
    with transaction.atomic():
        failed = type(unit)._default_manager.filter(pk=unit.pk, claim=token).update(
            state=WorkState.FAILED, claim=None, error=why
        )  # fmt: skip
        job = Job.objects.filter(video=unit.video_id, state__in=ACTIVE_STATES).first()
        if failed and job is not None:
            fail_job(job, sentence)


def fail_job(job: Job, sentence: str) -> None:
    """End a job with a sentence that says why."""
    now = timezone.now()
    Job.objects.filter(pk=job.pk, state__in=ACTIVE_STATES).update(
        state=WorkState.FAILED, error=sentence, finished_at=now, claim=None
    )
    JobStage.objects.filter(job=job, state=WorkState.RUNNING).update(state=WorkState.FAILED, finished_at=now)
    publish_job(job)
