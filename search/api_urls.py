"""Addresses of search's API."""

from django.urls import URLPattern, URLResolver, path
from rest_framework.routers import SimpleRouter

from search import api_attributes, api_encoders, api_reels, api_saved_searches, api_search, api_string_outs, api_words

router = SimpleRouter()
router.register("attributes", api_attributes.AttributeViewSet, basename="api-attribute")
router.register("dialogue-lines", api_words.DialogueLineViewSet, basename="api-dialogue-line")
router.register("shot-labels", api_words.ShotLabelViewSet, basename="api-shot-label")
router.register("saved-searches", api_saved_searches.SavedSearchViewSet, basename="api-saved-search")
router.register("encoders", api_encoders.EncoderViewSet, basename="api-encoder")
router.register("encoder-trainings", api_encoders.ContrastiveTrainingViewSet, basename="api-encoder-training")
router.register("reels", api_reels.ReelViewSet, basename="api-reel")
urlpatterns: list[URLPattern | URLResolver] = [
    path("titles/<int:pk>/string-out/", api_string_outs.StringOutView.as_view(), name="api-string-out"),
    path("search/", api_search.SearchView.as_view(), name="api-search"),
    *router.urls,
]
