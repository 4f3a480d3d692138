"""Addresses of curation's part of the API."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from curation import (
    api,
    api_artwork,
    api_canvases,
    api_diversity,
    api_exports,
    api_learning,
    api_lists,
    api_logos,
    api_moment_models,
    api_moments,
    api_people,
    api_ranking,
    api_trailers,
    layout_urls,
    picture_urls,
)

router = SimpleRouter()
router.register("stills", api.StillViewSet, basename="api-still")
router.register("decisions", api.DecisionViewSet, basename="api-decision")
router.register("canvases", api_canvases.CanvasViewSet, basename="api-canvas")
router.register("artworks", api_artwork.ArtworkViewSet, basename="api-artwork")
router.register("comparisons", api_learning.ComparisonViewSet, basename="api-comparison")
router.register("ranking-models", api_learning.RankingModelViewSet, basename="api-ranking-model")
router.register("moment-rankers", api_moment_models.MomentRankerViewSet, basename="api-moment-ranker")
router.register("moment-trainings", api_moment_models.MomentTrainingViewSet, basename="api-moment-training")
router.register("logos", api_logos.LogoViewSet, basename="api-logo")
router.register("characters", api_people.CharacterViewSet, basename="api-character")
router.register("face-tracks", api_people.FaceTrackViewSet, basename="api-face-track")
router.register("ranking-profiles", api_ranking.RankingProfileViewSet, basename="api-ranking-profile")
router.register("pick-lists", api_lists.PickListViewSet, basename="api-pick-list")
router.register("exports", api_exports.ExportViewSet, basename="api-export")
router.register("people-actions", api_people.PeopleActionViewSet, basename="api-people-action")

_of_title = api_people.TitlePeopleViewSet.as_view
_diversity_of_title = api_diversity.TitleDiversityViewSet.as_view
_moments_of_title = api_moments.TitleMomentsViewSet.as_view
_trailer_of_title = api_trailers.TitleTrailerViewSet.as_view
_ranking_of_title = api_ranking.TitleRankingViewSet.as_view
urlpatterns = [
    path("titles/<int:pk>/people/", _of_title({"get": "people"}), name="api-title-people"),
    path(
        "titles/<int:pk>/people/questions/",
        _of_title({"get": "questions", "post": "answer"}),
        name="api-title-people-questions",
    ),
    path("titles/<int:pk>/people/undo/", _of_title({"post": "undo"}), name="api-title-people-undo"),
    path("titles/<int:pk>/clusters/", _diversity_of_title({"get": "clusters"}), name="api-title-clusters"),
    path("titles/<int:pk>/coverage/", _diversity_of_title({"get": "coverage"}), name="api-title-coverage"),
    path("titles/<int:pk>/order/", _ranking_of_title({"get": "order"}), name="api-title-order"),
    path(
        "titles/<int:pk>/held-back/",
        _ranking_of_title({"get": "held_back", "post": "say"}),
        name="api-title-held-back",
    ),
    path("titles/<int:pk>/moments/", _moments_of_title({"get": "show"}), name="api-title-moments"),
    path("titles/<int:pk>/trailer/", _trailer_of_title({"get": "show", "post": "say"}), name="api-title-trailer"),
    *picture_urls.api_urlpatterns,
    *layout_urls.api_urlpatterns,
    *router.urls,
]
