"""What workers are called for in quality control."""

from celery import shared_task

from qc import flag_adding
from qc.models import PixelFlag
from qc.training_tasks import measure_model, train_pixel_model  # noqa: F401


@shared_task
def complete_flag(flag_id: int) -> None:
    """Cut the patch of a flag that a reviewer added."""
    flag = PixelFlag.objects.select_related("video").filter(pk=flag_id).first()
    if flag is not None:
        flag_adding.complete_flag(flag)
