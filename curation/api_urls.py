"""Addresses of curation's part of the API."""

from rest_framework.routers import SimpleRouter

from curation import api, api_logos

router = SimpleRouter()
router.register("stills", api.StillViewSet, basename="api-still")
router.register("decisions", api.DecisionViewSet, basename="api-decision")
router.register("logos", api_logos.LogoViewSet, basename="api-logo")

urlpatterns = router.urls
