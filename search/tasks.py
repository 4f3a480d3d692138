"""What workers are called for in search."""

from celery import shared_task

from search import attribute_tasks, renewal  # noqa: F401


@shared_task
def renew_film(video_id: int) -> None:
    """Renew the words and vectors of one film."""
    renewal.renew_film(video_id)


@shared_task
def renew_vector_indexes() -> None:
    """Build or drop the indexes of vectors by how many there are."""
    from search.index_choice import renew_indexes

    renew_indexes()
