"""What workers are called for about the classifier of expressions."""

from celery import shared_task

from ava.models import User, Video
from curation import expression_models, expression_training


@shared_task
def train_expression(user_id: int | None) -> None:
    """Train the next version; what came of it stands where the page finds it."""
    expression_training.run_training(User.objects.filter(pk=user_id).first())


@shared_task
def renew_expressions(video_id: int) -> None:
    """Rate a film's faces again with what is in use, and have its stills ranked by that."""
    video = Video.objects.filter(pk=video_id).first()
    if video is not None:
        expression_models.renew_expressions(video)
