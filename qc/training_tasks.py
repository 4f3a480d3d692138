"""What workers are called for in the training of the pixel network."""

from celery import shared_task

from qc import model_measuring, training_work


@shared_task
def train_pixel_model(run_id: int) -> None:
    """Train a run that waits for it, or go on with one whose worker died."""
    training_work.work_off_training(run_id)


@shared_task
def measure_model(model_id: int) -> None:
    """Measure a version that came without figures."""
    model_measuring.measure_version(model_id)
