"""Addresses of like pictures and of test results."""

from django.urls import path

from curation import ab_views, api_ab_results, api_pictures, picture_views

urlpatterns = [
    path("titles/<int:pk>/similar/", picture_views.picture_groups, name="picture-groups"),
    path("titles/<int:pk>/similar/do/", picture_views.picture_groups_do, name="picture-groups-do"),
    path("titles/<int:pk>/similar/undo/", picture_views.picture_groups_undo, name="picture-groups-undo"),
    path("titles/<int:pk>/tests/", ab_views.test_results, name="test-results"),
    path("test-batches/<int:pk>/delete/", ab_views.test_batch_delete, name="test-batch-delete"),
]

_groups = api_pictures.TitlePictureGroupsViewSet.as_view
_results = api_ab_results.TitleTestResultsViewSet.as_view
api_urlpatterns = [
    path("titles/<int:pk>/similar/", _groups({"get": "list", "post": "say"}), name="api-title-picture-groups"),
    path("titles/<int:pk>/tests/", _results({"get": "results", "post": "bring"}), name="api-title-test-results"),
    path("similar/", api_pictures.SimilarityViewSet.as_view({"post": "compare"}), name="api-similar"),
]
