"""What workers are called for. Messages are hints without content worth keeping: the truth is in Postgres."""

from celery import shared_task

from ava import ingest, model_files, pipeline, proxies


@shared_task
def work_off_next_unit() -> None:
    """Measure whichever chunk is next, or look into whichever shots are."""
    pipeline.work_off_next_unit()


@shared_task
def advance_job(job_id: int) -> None:
    """Bring a job as far as its measured chunks allow."""
    pipeline.advance_job(job_id)


@shared_task
def finish_upload(upload_id: str) -> None:
    """Turn a complete upload into a video."""
    ingest.finish_upload(upload_id)


@shared_task
def render_proxy(video_id: int) -> None:
    """Make the copy that browsers can play."""
    proxies.render_proxy(video_id)


@shared_task
def fetch_model_file(name: str, consent: bool) -> None:
    """Bring a model file into the store; `consent` says that an administrator has agreed to its licence."""
    model_files.fetch_model_file(name, consent=consent)
