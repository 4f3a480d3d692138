"""A film's way through the workers: chunks measured in parallel, then the stages that need the whole film."""

import logging
import time
import uuid

import numpy as np
from django.db import transaction
from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from ava import stages
from ava.annotate.base import AnnotationTable, Annotator, find_annotators
from ava.annotate.run import annotate_span
from ava.filmstrip import Filmstrip, has_filmstrip, save_filmstrip
from ava.leases import Heartbeat, WorkLost, stale, take
from ava.media.probe import UnusableVideo
from ava.messages import send_advance, send_chunks
from ava.models import ACTIVE_STATES, Annotation, Chunk, Job, JobStage, WorkState
from ava.packing import pack_values
from ava.progress import ANNOTATE_STAGE, publish_job
from ava.storage import local_path
from ava.video_facts import video_info

logger = logging.getLogger(__name__)

MOST_FAILURES = 3
MOST_ATTEMPTS = 12  # a frame that kills its worker every time must not do so for ever


# ------------------------------------------------------------------ chunks


def measure_next_chunk() -> bool:
    """Claim the earliest chunk that anybody waits for, measure it and save its rows; False when there is none.

    Chunks with low numbers come first over all films, so that a new film's first stills do not wait for the
    end of a long one.
    """
    claimed = _claim_chunk()
    if claimed is None:
        return False
    chunk, token = claimed
    if chunk.attempts > MOST_ATTEMPTS:
        _fail_chunk(chunk, token, "the worker died on it every time; the file is probably damaged there")
        return True
    mine = Chunk.objects.filter(pk=chunk.pk, claim=token, state=WorkState.RUNNING).filter(_wanted())
    try:
        with Heartbeat(mine, on_beat=lambda frames: _beat(chunk, token, frames)) as heartbeat:
            _measure(chunk, token, heartbeat)
    except WorkLost:
        logger.info("Chunk %s was cancelled or taken over", chunk.pk)
    except UnusableVideo as error:
        _fail_chunk(chunk, token, str(error))
    except Exception as error:
        logger.exception("Chunk %s failed", chunk.pk)
        _try_again_or_fail(chunk, token, f"{type(error).__name__}: {error}")
    return True


def _wanted() -> Exists:
    return Exists(Job.objects.filter(video=OuterRef("video"), state__in=ACTIVE_STATES))


def claimable_chunks() -> QuerySet[Chunk]:
    """Chunks of active jobs that wait, or whose worker has fallen silent."""
    return Chunk.objects.filter(
        Q(state=WorkState.QUEUED) | Q(state=WorkState.RUNNING) & stale(), _wanted()
    ).order_by("index", "pk")


def _claim_chunk() -> tuple[Chunk, uuid.UUID] | None:
    with transaction.atomic():
        chunk = claimable_chunks().select_for_update(skip_locked=True, of=("self",)).first()
        if chunk is None:
            return None
        token = take(Chunk.objects.filter(pk=chunk.pk), state=WorkState.RUNNING, frames_done=0)
        assert token is not None  # the row is locked
        _mark_started(chunk.video_id)
    return Chunk.objects.select_related("video__title").get(pk=chunk.pk), token


def _mark_started(video_id: int) -> None:
    Job.objects.filter(video=video_id, state=WorkState.QUEUED).update(state=WorkState.RUNNING)
    JobStage.objects.filter(
        job__video=video_id, job__state=WorkState.RUNNING, name=ANNOTATE_STAGE, started_at=None
    ).update(
        state=WorkState.RUNNING, started_at=timezone.now()
    )


def _beat(chunk: Chunk, token: uuid.UUID, frames: int) -> None:
    Chunk.objects.filter(pk=chunk.pk, claim=token).update(frames_done=frames)
    job = Job.objects.filter(video=chunk.video_id, state__in=ACTIVE_STATES).first()
    if job is not None:
        publish_job(job)


def _measure(chunk: Chunk, token: uuid.UUID, heartbeat: Heartbeat) -> None:
    annotators = _missing_annotators(chunk)
    strip = None if has_filmstrip(chunk) else Filmstrip(chunk)
    tables = annotate_span(
        local_path(chunk.video.file),
        info=video_info(chunk.video),
        annotators=annotators,
        start_frame=chunk.start_frame,
        end_frame=chunk.end_frame,
        on_progress=heartbeat.report,
        on_frames=strip.add if strip else None,
    )
    if strip is not None:
        save_filmstrip(chunk, strip)
    _save_tables(chunk, token, annotators=annotators, tables=tables)


def _missing_annotators(chunk: Chunk) -> list[Annotator]:
    have = set(chunk.annotations.values_list("annotator", "version"))
    return [annotator for annotator in find_annotators() if (annotator.name, annotator.version) not in have]


def _save_tables(
    chunk: Chunk, token: uuid.UUID, *, annotators: list[Annotator], tables: dict[str, AnnotationTable]
) -> None:
    """Write every row and the chunk's new state in one transaction, unless the claim has gone meanwhile."""
    frames = chunk.end_frame - chunk.start_frame
    decoded = min((len(table.frame_index) for table in tables.values()), default=frames)
    with transaction.atomic():
        mine = Chunk.objects.select_for_update().filter(pk=chunk.pk, claim=token, state=WorkState.RUNNING)
        if not mine.exists():
            raise WorkLost
        chunk.annotations.filter(annotator__in=tables).delete()
        Annotation.objects.bulk_create(
            Annotation(
                chunk=chunk,
                annotator=annotator.name,
                version=annotator.version,
                columns=list(annotator.columns),
                values=_packed_rows(tables[annotator.name], start_frame=chunk.start_frame, frames=frames),
            )
            for annotator in annotators
        )
        mine.update(
            state=WorkState.DONE, claim=None, frames_done=frames, missing_frames=frames - decoded, error=""
        )
        job = Job.objects.filter(video=chunk.video_id, state__in=ACTIVE_STATES).first()
        if job is not None:  # what was measured is kept even if the job was ended a moment ago
            publish_job(job)
            send_advance(job.pk)


def _packed_rows(table: AnnotationTable, *, start_frame: int, frames: int) -> bytes:
    """One row for every frame of the chunk; NaN for those that could not be decoded."""
    values = np.full((frames, table.values.shape[1]), np.nan, dtype=np.float32)
    values[table.frame_index - start_frame] = table.values
    return pack_values(values)


def _try_again_or_fail(chunk: Chunk, token: uuid.UUID, why: str) -> None:
    if chunk.failures + 1 >= MOST_FAILURES:
        _fail_chunk(chunk, token, why)
        return
    Chunk.objects.filter(pk=chunk.pk, claim=token).update(
        state=WorkState.QUEUED, claim=None, frames_done=0, failures=F("failures") + 1, error=why
    )
    send_chunks(1)


def _fail_chunk(chunk: Chunk, token: uuid.UUID, why: str) -> None:
    last = chunk.end_frame - 1
    sentence = f"Frames {chunk.start_frame}–{last} could not be analysed: {why.rstrip('.')}."
    with transaction.atomic():
        failed = Chunk.objects.filter(pk=chunk.pk, claim=token).update(
            state=WorkState.FAILED, claim=None, error=why
        )
        job = Job.objects.filter(video=chunk.video_id, state__in=ACTIVE_STATES).first()
        if failed and job is not None:
            _fail_job(job, sentence)


def _fail_job(job: Job, sentence: str) -> None:
    now = timezone.now()
    Job.objects.filter(pk=job.pk, state__in=ACTIVE_STATES).update(
        state=WorkState.FAILED, error=sentence, finished_at=now, claim=None
    )
    JobStage.objects.filter(job=job, state=WorkState.RUNNING).update(state=WorkState.FAILED, finished_at=now)
    publish_job(job)


# ------------------------------------------------------------------ the whole film


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
        if job.attempts > MOST_ATTEMPTS:  # set back to 0 whenever a call comes to its end alive
            raise RuntimeError("the worker died every time")
        with Heartbeat(mine, on_beat=lambda _: publish_job(job)) as heartbeat:
            _advance(job, heartbeat)
    except WorkLost:
        logger.info("Job %s was cancelled or taken over", job_id)
    except Exception as error:
        logger.exception("Job %s failed", job_id)
        if mine.exists():
            _fail_job(
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
        _run_stages(job, end_frame=reach, heartbeat=heartbeat)
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
    _run_stages(job, end_frame=frame_count, heartbeat=heartbeat)
    heartbeat.report(frame_count)
    done = Job.objects.filter(pk=job.pk, state__in=ACTIVE_STATES).update(
        state=WorkState.DONE, finished_at=timezone.now(), error="", provisional_frames=frame_count
    )
    if done:
        publish_job(job)


def _run_stages(job: Job, *, end_frame: int, heartbeat: Heartbeat) -> None:
    is_final = end_frame == job.video.frame_count
    for stage in stages.registered():
        if not is_final and not stage.has_provisional_run:
            continue
        row = JobStage.objects.get(job=job, name=stage.name)
        if is_final:
            _update_stage(row, state=WorkState.RUNNING, started_at=timezone.now(), done_units=0)
            publish_job(job)
        reporter = _StageReporter(job, row, heartbeat, is_final=is_final)
        stage.run(stages.StageRun(video=job.video, end_frame=end_frame, report=reporter))
        if is_final:
            _update_stage(row, state=WorkState.DONE, finished_at=timezone.now(), done_units=row.total_units)
            publish_job(job)


def _update_stage(row: JobStage, **changes: object) -> None:
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))


class _StageReporter:
    """Passes a stage's progress on, at most twice a second, and stops the stage when its job is gone."""

    def __init__(self, job: Job, row: JobStage, heartbeat: Heartbeat, *, is_final: bool) -> None:
        self._job, self._row, self._heartbeat, self._is_final = job, row, heartbeat, is_final
        self._told_at = 0.0

    def __call__(self, done: int, total: int) -> None:
        self._heartbeat.report(done)
        if self._is_final and (done == total or time.monotonic() - self._told_at > 0.5):
            self._told_at = time.monotonic()
            _update_stage(self._row, done_units=done, total_units=total)
            publish_job(self._job)
