"""Live messages: what a job does and what colleagues decide, to the teams of a title."""

import logging
from datetime import datetime
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from ava.models import Chunk, Job, JobStage, Team, WorkState

logger = logging.getLogger(__name__)

SUPERUSERS_GROUP = "superusers"
ANNOTATE_STAGE = "annotate"
INSPECT_STAGE = "inspect"


def team_group(team_id: int) -> str:
    return f"team_{team_id}"


def publish(*, title_id: int, message: dict[str, Any]) -> None:
    """Send a message to everyone who sees the title, once the surrounding transaction is committed."""
    transaction.on_commit(lambda: _send(title_id, message), robust=True)


def publish_job(job: Job) -> None:
    """Tell everyone who sees the job how it stands, as it is in the database when the transaction is over."""
    transaction.on_commit(lambda: _send_job(job.pk), robust=True)


def _send_job(job_id: int) -> None:
    job = Job.objects.select_related("video__title").prefetch_related("stages").filter(pk=job_id).first()
    if job is not None:
        _send(job.video.title_id, {"type": "job", "job": job_message(job)})


def _send(title_id: int, message: dict[str, Any]) -> None:
    groups = [team_group(pk) for pk in Team.objects.filter(titles=title_id).values_list("pk", flat=True)]
    layer = get_channel_layer()
    event = {"type": "live.message", "title_id": title_id, "message": message}
    try:
        for group in [*groups, SUPERUSERS_GROUP]:
            async_to_sync(layer.group_send)(group, event)
    except OSError as error:
        # Work goes on without an audience; the pages read the database when they are opened or reconnect.
        logger.warning("Live message not delivered: %s", error)


def job_message(job: Job, *, frames_done: int | None = None) -> dict[str, Any]:
    """How a job stands, as the websocket and the API tell it; `job.stages` and `job.video.title` are read.

    A list of jobs brings each one's `frames_done`, the measured frames of its video, to spare a query a job.
    """
    stages = [
        _stage_message(stage, video_id=job.video_id, frames_done=frames_done) for stage in job.stages.all()
    ]
    running = next((stage for stage in stages if stage["state"] == WorkState.RUNNING), None)
    return {
        "id": job.pk,
        "kind": job.kind,
        "video_id": job.video_id,
        "title_id": job.video.title_id,
        "title": str(job.video.title),
        "video": job.video.original_name,
        "state": job.state,
        "error": job.error,
        "progress_unit": 1.0 if job.state == WorkState.DONE else _overall(stages),
        "seconds_left": running["seconds_left"] if running and job.is_active else None,
        "frames_per_s": running["per_s"]
        if running and running["unit"] == "frames" and job.is_active
        else None,
        "provisional_frames": job.provisional_frames,
        "stages": stages,
    }


def _stage_message(stage: JobStage, *, video_id: int, frames_done: int | None) -> dict[str, Any]:
    done = stage.done_units
    if stage.name == ANNOTATE_STAGE and stage.state == WorkState.RUNNING:
        if frames_done is None:
            frames_done = Chunk.objects.filter(video=video_id).aggregate(done=Sum("frames_done"))["done"] or 0
        done = frames_done
    per_s = _rate(done - stage.start_units, started=stage.started_at, finished=stage.finished_at)
    is_running = stage.state == WorkState.RUNNING
    left = max(stage.total_units - done, 0)
    return {
        "name": stage.name,
        "label": stage.label,
        "state": stage.state,
        "done": min(done, stage.total_units),
        "total": stage.total_units,
        "unit": stage.unit,
        "per_s": per_s,
        "seconds_left": round(left / per_s) if per_s and is_running else None,
    }


def _rate(units: int, *, started: datetime | None, finished: datetime | None) -> float | None:
    if started is None or units <= 0:
        return None
    elapsed_s = ((finished or timezone.now()) - started).total_seconds()
    return round(units / elapsed_s, 1) if elapsed_s > 0.5 else None


_STAGE_WEIGHTS = {ANNOTATE_STAGE: 4.0, INSPECT_STAGE: 5.0}


def _overall(stages: list[dict[str, Any]]) -> float:
    """Share of the whole job that is done, each stage counting for about the time that it takes."""
    weights = [_STAGE_WEIGHTS.get(stage["name"], 1.0 / max(len(stages) - 1, 1)) for stage in stages]
    done = [
        1.0
        if stage["state"] == WorkState.DONE
        else (stage["done"] / stage["total"] if stage["total"] else 0.0)
        for stage in stages
    ]
    return round(sum(w * d for w, d in zip(weights, done, strict=True)) / sum(weights), 4) if stages else 0.0
