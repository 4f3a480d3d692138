"""Addresses of canvases and of how pictures are laid out on them."""

from django.urls import URLPattern, path

from curation import api_layout_upload, canvas_picture_views

urlpatterns: list[URLPattern] = [
    path("i/<slug:ref>", canvas_picture_views.canvas_picture, name="canvas-picture"),
]

api_urlpatterns: list[URLPattern] = [
    path("layout/", api_layout_upload.LayoutViewSet.as_view({"post": "lay_out"}), name="api-layout"),
]
