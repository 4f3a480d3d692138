"""Addresses of quality control's part of the API."""

from django.urls import URLPattern, URLResolver, path
from rest_framework.routers import SimpleRouter

from qc.api import PixelDecisionViewSet, PixelFlagViewSet, TitlePixelsViewSet
from qc.api_models import PixelModelViewSet, PixelTrainingViewSet
from qc.api_scan import VideoScanViewSet
from qc.api_watch import WatchFolderViewSet
from qc.report_api import TitlePixelReportViewSet

router = SimpleRouter()
router.register("watch-folders", WatchFolderViewSet, basename="api-watch-folder")
router.register("pixel-flags", PixelFlagViewSet, basename="api-pixel-flag")
router.register("pixel-decisions", PixelDecisionViewSet, basename="api-pixel-decision")
router.register("pixel-models", PixelModelViewSet, basename="api-pixel-model")
router.register("pixel-trainings", PixelTrainingViewSet, basename="api-pixel-training")

_of_title = TitlePixelsViewSet.as_view
urlpatterns: list[URLPattern | URLResolver] = [
    path("titles/<int:pk>/pixels/", _of_title({"get": "progress"}), name="api-title-pixels"),
    path("titles/<int:pk>/pixels/next/", _of_title({"post": "next"}), name="api-title-pixels-next"),
    path("titles/<int:pk>/pixels/renew/", _of_title({"post": "renew"}), name="api-title-pixels-renew"),
    path("titles/<int:pk>/pixels/release/", _of_title({"post": "release"}), name="api-title-pixels-release"),
    path("titles/<int:pk>/pixels/undo/", _of_title({"post": "undo"}), name="api-title-pixels-undo"),
    path("titles/<int:pk>/pixels/redo/", _of_title({"post": "redo"}), name="api-title-pixels-redo"),
    path("titles/<int:pk>/pixels/add/", _of_title({"post": "add"}), name="api-title-pixels-add"),
    path("titles/<int:pk>/pixels/reviews/", _of_title({"post": "reviews"}), name="api-title-pixels-reviews"),
    path("videos/<int:pk>/scan/", VideoScanViewSet.as_view({"get": "state", "post": "start"}), name="api-video-scan"),
    path(
        "titles/<int:pk>/pixels/report/", TitlePixelReportViewSet.as_view({"get": "report"}),
        name="api-title-pixel-report",
    ),
    *router.urls,
]  # fmt: skip
