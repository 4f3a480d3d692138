"""What workers are called for in saved searches."""

from celery import shared_task

from ava.models import Video
from ava.selectors import packed_fields
from search import saved_searches


@shared_task(name="search.tasks.tell_saved_searches")
def tell_saved_searches(video_id: int) -> None:
    """Have everybody's saved searches look into a film that can be searched now."""
    video = Video.objects.defer(*packed_fields()).filter(pk=video_id).first()
    if video is not None:
        saved_searches.tell_saved_searches(video)
