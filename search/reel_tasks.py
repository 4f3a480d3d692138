"""What workers are called for about reels."""

from celery import shared_task

from search import reel_render_work


@shared_task
def render_reel(render_id: int) -> None:
    """Make a film of a reel that somebody asked for."""
    reel_render_work.render_reel(render_id)
