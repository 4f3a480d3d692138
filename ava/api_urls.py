"""Addresses of the API."""

from django.contrib.auth.decorators import login_required
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.routers import SimpleRouter

from ava import api
from ava.api_token import TokenView

router = SimpleRouter()
router.register("teams", api.TeamViewSet, basename="api-team")
router.register("titles", api.TitleViewSet, basename="api-title")
router.register("videos", api.VideoViewSet, basename="api-video")
router.register("jobs", api.JobViewSet, basename="api-job")
router.register("chunks", api.ChunkViewSet, basename="api-chunk")
router.register("shots", api.ShotViewSet, basename="api-shot")
router.register("models", api.ModelFileViewSet, basename="api-model")

api_urlpatterns = [
    path("", RedirectView.as_view(pattern_name="api-docs"), name="api"),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", login_required(SpectacularSwaggerView.as_view(url_name="api-schema")), name="api-docs"),
    path("token/", TokenView.as_view(), name="api-token"),
    path("", include(router.urls)),
    path("", include("curation.api_urls")),
    path("", include("qc.api_urls")),
    path("", include("search.api_urls")),
    re_path("", api.NothingHere.as_view(), name="api-nothing"),
]
urlpatterns = [path("api/", include(api_urlpatterns))]
