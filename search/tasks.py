"""What workers are called for in search."""

from celery import shared_task

from search import attribute_tasks, reel_tasks, renewal, saved_search_tasks  # noqa: F401


@shared_task
def renew_film(video_id: int) -> None:
    """Renew the words and vectors of one film."""
    renewal.renew_film(video_id)


@shared_task
def renew_vector_indexes() -> None:
    """Build or drop the indexes of vectors by how many there are."""
    from search.index_choice import renew_indexes

    renew_indexes()


@shared_task
def train_encoder(run_id: int) -> None:
    """Train a run that waits for it, or go on with one whose worker died."""
    from search.contrastive_work import work_off_training

    work_off_training(run_id)
