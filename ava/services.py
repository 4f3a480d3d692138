"""Writing: analyses begin, are cancelled and tried again here."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from ava import chunk_watches, stages
from ava.media.chunks import plan_chunks
from ava.messages import send_advance, send_units
from ava.models import ACTIVE_STATES, Annotation, Chunk, Inspection, Job, JobStage, User, Video, WorkState
from ava.progress import ANNOTATE_STAGE, publish_job
from ava.signals import current_versions
from ava.video_facts import video_info

FRAMES_LABELS: dict[str, str] = {Job.Kind.ANALYSIS: "Measuring frames", Job.Kind.SCAN: "Scanning frames"}


class AnalysisRunning(Exception):
    """The video is being analysed or scanned already; the sentence says so."""


class JobNotActive(Exception):
    """The job has ended and cannot be cancelled; the sentence says so."""


class JobNotFailed(Exception):
    """Only a failed or cancelled job can be tried again; the sentence says so."""


def start_analysis(video: Video, *, user: User | None = None, kind: str = Job.Kind.ANALYSIS) -> Job:
    """Queue whatever has not been measured or watched yet in its newest version, then everything that follows.

    With the kind "scan" nothing is measured: what was not watched yet is, and what builds on that follows. Raises
    AnalysisRunning when a job of this video is queued or running.
    """
    try:
        with transaction.atomic():
            job = Job.objects.create(video=video, kind=kind, created_by=user, started_at=timezone.now())
            _prepare(job)
    except IntegrityError as error:
        running = Job.objects.filter(video=video, state__in=ACTIVE_STATES).first()
        if running is None:
            raise
        done = "scanned" if running.kind == Job.Kind.SCAN else "analysed"
        raise AnalysisRunning(f"{video.original_name} is being {done} already; see the jobs page.") from error
    return job


def analyse_again(video: Video, *, user: User | None = None, everything: bool = False) -> Job:
    """Analyse once more: what is stale or missing, or with `everything` every frame from the beginning.

    What people decided stays: decisions belong to frames, not to results.
    """
    with transaction.atomic():
        if everything and not Job.objects.filter(video=video, state__in=ACTIVE_STATES).exists():
            video.chunks.all().delete()
            video.inspections.all().delete()
        return start_analysis(video, user=user)


def cancel_job(job: Job) -> None:
    """Stop a job; workers notice within seconds, and what was measured stays. Raises JobNotActive."""
    with transaction.atomic():
        cancelled = Job.objects.filter(pk=job.pk, state__in=ACTIVE_STATES).update(
            state=WorkState.CANCELLED, finished_at=timezone.now(), claim=None
        )
        if not cancelled:
            raise JobNotActive("This job has ended already; there is nothing to cancel.")
        JobStage.objects.filter(job=job, state__in=ACTIVE_STATES).update(state=WorkState.CANCELLED)
        for kind in (Chunk, Inspection):
            kind.objects.filter(video=job.video_id, state=WorkState.RUNNING).update(
                state=WorkState.QUEUED, claim=None, frames_done=0
            )
        job.refresh_from_db()
        publish_job(job)


def retry_job(job: Job) -> Job:
    """Take up a failed or cancelled job where it stopped, as a new job. Raises JobNotFailed, AnalysisRunning."""
    if job.state not in {WorkState.FAILED, WorkState.CANCELLED}:
        raise JobNotFailed("Only a failed or cancelled job can be tried again.")
    return start_analysis(job.video, user=job.created_by, kind=job.kind)


def _prepare(job: Job) -> None:
    """Plan the chunks, mark what is left to measure, list the stages, and wake the workers on commit."""
    video = job.video
    if not video.chunks.exists():
        Chunk.objects.bulk_create(
            Chunk(video=video, index=chunk.index, start_frame=chunk.start_frame, end_frame=chunk.end_frame)
            for chunk in plan_chunks(video_info(video))
        )
    video.inspections.exclude(state=WorkState.DONE).delete()  # the shots they were planned for may change
    chunks = list(video.chunks.select_for_update())
    complete = _complete_chunks(job)
    for chunk in chunks:
        is_done = chunk.pk in complete
        chunk.state = WorkState.DONE if is_done else WorkState.QUEUED
        chunk.frames_done = chunk.end_frame - chunk.start_frame if is_done else 0
        chunk.claim, chunk.heartbeat_at, chunk.sent_at, chunk.error = None, None, timezone.now(), ""
        chunk.attempts, chunk.failures = 0, 0
    Chunk.objects.bulk_update(
        chunks,
        ["state", "frames_done", "claim", "heartbeat_at", "sent_at", "error", "attempts", "failures"],
    )
    _list_stages(job, frames_done=sum(chunk.frames_done for chunk in chunks))
    publish_job(job)
    waiting = sum(chunk.state == WorkState.QUEUED for chunk in chunks)
    if waiting:
        send_units(waiting)
    else:
        send_advance(job.pk)


def _complete_chunks(job: Job) -> set[int]:
    """Chunks that hold all that a job wants of them."""
    if job.kind == Job.Kind.SCAN:
        chunks = set(job.video.chunks.values_list("pk", flat=True))
    else:
        chunks = _measured_chunks(job.video)
    return chunk_watches.seen_by_all(job.video, chunks)


def _measured_chunks(video: Video) -> set[int]:
    """Chunks that hold a row of the current version of every annotator."""
    wanted = set(current_versions().items())
    have: dict[int, set[tuple[str, int]]] = {}
    rows = Annotation.objects.filter(chunk__video=video).values_list("chunk_id", "annotator", "version")
    for chunk_id, annotator, version in rows:
        have.setdefault(chunk_id, set()).add((annotator, version))
    return {chunk_id for chunk_id, pairs in have.items() if wanted <= pairs}


def _list_stages(job: Job, *, frames_done: int) -> None:
    frame_count = job.video.frame_count
    rows = [
        JobStage(
            job=job, position=0, name=ANNOTATE_STAGE, label=FRAMES_LABELS[job.kind], unit="frames",
            total_units=frame_count, done_units=frames_done, start_units=frames_done,
        )
    ]  # fmt: skip
    rows += [
        JobStage(job=job, position=position, name=stage.name, label=stage.label, unit=stage.unit)
        for position, stage in enumerate(stages.stages_of(job), start=1)
    ]
    JobStage.objects.bulk_create(rows)
