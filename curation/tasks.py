"""What workers are called for in curation."""

from celery import shared_task

from curation import services
from curation.models import Still


@shared_task
def complete_still(still_id: int) -> None:
    """Judge a still that an editor made, and make its preview."""
    still = Still.objects.select_related("video", "shot").filter(pk=still_id).first()
    if still is not None:
        services.complete_still(still)
