"""What workers are called for in the training of the ranker of moments."""

from celery import shared_task

from curation import moment_work


@shared_task
def train_moment_ranker(run_id: int) -> None:
    """Train a run that waits for it, or go on with one whose worker died."""
    moment_work.work_off_training(run_id)
