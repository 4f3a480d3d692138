"""Addresses of canvases and of how pictures are laid out on them."""

from django.urls import URLPattern, path

from curation import api_layout_upload

urlpatterns: list[URLPattern] = []

api_urlpatterns: list[URLPattern] = [
    path("layout/", api_layout_upload.LayoutViewSet.as_view({"post": "lay_out"}), name="api-layout"),
]
