"""A film's way through the workers: units measured in parallel, then the stages that need the whole film."""

import logging
import time
from collections.abc import Iterable

from django.db.models import Min, Q
from django.utils import timezone

from ava import stages, units
from ava.chunk_work import measure_chunk
from ava.inspection import has_open_inspections, inspect_shots
from ava.leases import Heartbeat, WorkLost, stale, take
from ava.models import ACTIVE_STATES, Chunk, Inspection, Job, JobStage, WorkState
from ava.progress import ANNOTATE_STAGE, publish_job

logger = logging.getLogger(__name__)


def work_off_next_unit() -> bool:
    """Claim the most urgent unit that anybody waits for and do it; False when there is none.

    The first chunks of new films come before anything else, so that their first stills do not wait for the end of
    a long one; then films whose frames are measured are brought to their end.
    """
    chunks = units.claimable(Chunk)
    for waiting in (chunks.filter(index=0), units.claimable(Inspection), chunks):
        claimed = units.claim(waiting)
        if claimed is not None:
            unit, token = claimed
            units.work_on(unit, token, measure_chunk if isinstance(unit, Chunk) else inspect_shots)
            return True
    return False


def advance_job(job_id: int) -> None:
    """Bring a job as far as its measured chunks allow: provisional results first, the final ones at the end.

    Safe to call at any time and from anywhere; one process at a time works on a job, others return at once.
    """
    free = Job.objects.filter(Q(claim=None) | stale(), pk=job_id, state__in=ACTIVE_STATES)
    token = take(free, state=WorkState.RUNNING)
    if token is None:
        return
    job = Job.objects.select_related("video__title").get(pk=job_id)
    mine = Job.objects.filter(pk=job_id, claim=token, state__in=ACTIVE_STATES)
    try:
        if job.attempts > units.MOST_ATTEMPTS:  # set back to 0 whenever a call comes to its end alive
            raise RuntimeError("the worker died every time")
        with Heartbeat(mine, on_beat=lambda _: publish_job(job)) as heartbeat:
            _advance(job, heartbeat)
    except WorkLost:
        logger.info("Job %s was cancelled or taken over", job_id)
    except Exception as error:
        logger.exception("Job %s failed", job_id)
        if mine.exists():
            units.fail_job(
                job, f"The analysis stopped: {type(error).__name__}: {error}. Try again from the jobs page."
            )
    finally:
        Job.objects.filter(pk=job_id, claim=token).update(claim=None, attempts=0)


def _advance(job: Job, heartbeat: Heartbeat) -> None:
    while True:
        reach = measured_reach(job)
        if reach == job.video.frame_count:
            _finish(job, heartbeat)
            return
        if reach <= job.provisional_frames:
            return
        _run_provisional_stages(job, stages.stages_of(job), end_frame=reach, heartbeat=heartbeat)
        job.provisional_frames = reach
        job.save(update_fields=["provisional_frames"])
        publish_job(job)


def measured_reach(job: Job) -> int:
    """How many frames from the film's beginning are measured without a gap."""
    open_chunks = job.video.chunks.exclude(state=WorkState.DONE)
    first_open: int | None = open_chunks.aggregate(first=Min("start_frame"))["first"]
    return job.video.frame_count if first_open is None else first_open


def _finish(job: Job, heartbeat: Heartbeat) -> None:
    now = timezone.now()
    frame_count = job.video.frame_count
    JobStage.objects.filter(job=job, name=ANNOTATE_STAGE, finished_at=None).update(
        state=WorkState.DONE, done_units=frame_count, finished_at=now
    )
    if not _run_final_stages(job, heartbeat):
        return
    heartbeat.report(frame_count)
    done = Job.objects.filter(pk=job.pk, state__in=ACTIVE_STATES).update(
        state=WorkState.DONE, finished_at=timezone.now(), error="", provisional_frames=frame_count
    )
    if done:
        publish_job(job)


def _run_provisional_stages(job: Job, chosen: Iterable[stages.Stage], *, end_frame: int, heartbeat: Heartbeat) -> None:
    for stage in chosen:
        if stage.has_provisional_run:
            stage.run(stages.StageRun(job.video, end_frame, False, lambda done, total: heartbeat.report(done)))


def _run_final_stages(job: Job, heartbeat: Heartbeat) -> bool:
    """Run the stages that this job has not finished yet; False when one waits for its units on other workers.

    While it waits, the stages behind it show what they can already say of the whole film.
    """
    for position, stage in enumerate(stages.stages_of(job)):
        row = _row_of(job, stage, position=position)
        if row.state == WorkState.DONE:
            continue
        if not (stage.is_spread and row.total_units):  # its units are planned already
            _start_stage(job, row)
            stage.run(stages.StageRun(job.video, job.video.frame_count, True, _StageReporter(job, row, heartbeat)))
            if stage.is_spread:
                _update_stage(row, total_units=job.video.frame_count)
                _run_provisional_stages(
                    job, stages.stages_of(job)[position + 1 :], end_frame=job.video.frame_count, heartbeat=heartbeat
                )
        if stage.is_spread and has_open_inspections(job.video):
            return False
        row.refresh_from_db()
        _update_stage(row, state=WorkState.DONE, finished_at=timezone.now(), done_units=row.total_units)
        publish_job(job)
    return True


def _row_of(job: Job, stage: stages.Stage, *, position: int) -> JobStage:
    """The job's row of a stage; a job that was begun before an upgrade brought the stage gets one now."""
    told = {"position": position + 1, "label": stage.label, "unit": stage.unit}
    return JobStage.objects.get_or_create(job=job, name=stage.name, defaults=told)[0]


def _start_stage(job: Job, row: JobStage) -> None:
    _update_stage(row, state=WorkState.RUNNING, started_at=timezone.now(), done_units=0)
    publish_job(job)


def _update_stage(row: JobStage, **changes: object) -> None:
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))


class _StageReporter:
    """Passes a stage's progress on, at most twice a second, and stops the stage when its job is gone."""

    def __init__(self, job: Job, row: JobStage, heartbeat: Heartbeat) -> None:
        self._job, self._row, self._heartbeat = job, row, heartbeat
        self._told_at = 0.0

    def __call__(self, done: int, total: int) -> None:
        self._heartbeat.report(done)
        if done == total or time.monotonic() - self._told_at > 0.5:
            self._told_at = time.monotonic()
            _update_stage(self._row, done_units=done, total_units=total)
            publish_job(self._job)
