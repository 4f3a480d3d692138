"""Search: moments of films found by words, pictures, shots and dialogue, and gathered into reels."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "search"
    verbose_name = "Search"
