"""Addresses of search's API."""

from django.urls import URLPattern, URLResolver, path
from rest_framework.routers import SimpleRouter

from search import api_search, api_words

router = SimpleRouter()
router.register("dialogue-lines", api_words.DialogueLineViewSet, basename="api-dialogue-line")
router.register("shot-labels", api_words.ShotLabelViewSet, basename="api-shot-label")
urlpatterns: list[URLPattern | URLResolver] = [
    path("search/", api_search.SearchView.as_view(), name="api-search"),
    *router.urls,
]
