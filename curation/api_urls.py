"""Addresses of curation's part of the API."""

from rest_framework.routers import SimpleRouter

from curation import api

router = SimpleRouter()
router.register("stills", api.StillViewSet, basename="api-still")
router.register("decisions", api.DecisionViewSet, basename="api-decision")

urlpatterns = router.urls
