"""What workers are called for in quality control."""

from celery import shared_task

from qc import flag_adding, watch_folders
from qc.models import PixelFlag
from qc.training_tasks import measure_model, train_pixel_model  # noqa: F401


@shared_task
def complete_flag(flag_id: int) -> None:
    """Cut the patch of a flag that a reviewer added."""
    flag = PixelFlag.objects.select_related("video").filter(pk=flag_id).first()
    if flag is not None:
        flag_adding.complete_flag(flag)


@shared_task
def look_into_watch_folder(folder_id: int) -> None:
    """Note which clips lie in a watched folder."""
    watch_folders.look_into(folder_id)


@shared_task
def take_in_watched_file(file_id: int) -> None:
    """Make a clip of a watched folder a video."""
    watch_folders.take_in(file_id)
