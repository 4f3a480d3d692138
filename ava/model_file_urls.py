"""Addresses of the Models page."""

from django.urls import path

from ava import model_file_views as views

urlpatterns = [
    path("models/", views.models, name="models"),
    path("models/<slug:name>/", views.model, name="model"),
    path("models/<slug:name>/fetch/", views.model_fetch, name="model-fetch"),
    path("models/<slug:name>/add/", views.model_add, name="model-add"),
    path("models/<slug:name>/verify/", views.model_verify, name="model-verify"),
    path("models/<slug:name>/remove/", views.model_remove, name="model-remove"),
]
