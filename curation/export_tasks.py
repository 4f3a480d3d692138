"""What workers are called for about exports."""

from celery import shared_task

from curation import export_work


@shared_task
def make_export(export_id: int) -> None:
    """Make an export that somebody asked for."""
    export_work.make_export(export_id)
