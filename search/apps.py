"""Search: moments of films found by words, pictures, shots and dialogue, and gathered into reels."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "search"
    verbose_name = "Search"

    def ready(self) -> None:
        from django.db.models.signals import post_delete

        from ava import janitor
        from search import reel_render_work
        from search.models import ReelRender

        janitor.register(reel_render_work.resend_lost_renders)
        post_delete.connect(reel_render_work.delete_file, sender=ReelRender)
