"""Addresses of canvases and of how pictures are laid out on them."""

from django.urls import URLPattern, path

from curation import api_layout_upload, api_layouts, canvas_picture_views, canvas_views, layout_views

urlpatterns: list[URLPattern] = [
    path("videos/<int:pk>/frames/<int:frame>/canvases/", layout_views.frame_layout, name="frame-layout"),
    path("videos/<int:pk>/frames/<int:frame>/canvases/do/", layout_views.frame_layout_do, name="frame-layout-do"),
    path(
        "videos/<int:pk>/frames/<int:frame>/canvases/undo/", layout_views.frame_layout_undo, name="frame-layout-undo"
    ),
    path("artworks/<int:pk>/canvases/", layout_views.artwork_layout, name="artwork-layout"),
    path("artworks/<int:pk>/canvases/do/", layout_views.artwork_layout_do, name="artwork-layout-do"),
    path("artworks/<int:pk>/canvases/undo/", layout_views.artwork_layout_undo, name="artwork-layout-undo"),
    path("canvases/", canvas_views.canvases, name="canvases"),
    path("canvases/new/", canvas_views.canvas_new, name="canvas-new"),
    path("canvases/<int:pk>/", canvas_views.canvas_edit, name="canvas-edit"),
    path("canvases/<int:pk>/delete/", canvas_views.canvas_delete, name="canvas-delete"),
    path("i/<slug:ref>", canvas_picture_views.canvas_picture, name="canvas-picture"),
    path("i/<slug:ref>/link", canvas_picture_views.canvas_picture_link, name="canvas-picture-link"),
]

_layout = {"get": "show", "post": "choose", "delete": "reset"}
api_urlpatterns: list[URLPattern] = [
    path("stills/<int:pk>/layout/", api_layouts.StillLayoutViewSet.as_view(_layout), name="api-still-layout"),
    path("artworks/<int:pk>/layout/", api_layouts.ArtworkLayoutViewSet.as_view(_layout), name="api-artwork-layout"),
    path("layout/", api_layout_upload.LayoutViewSet.as_view({"post": "lay_out"}), name="api-layout"),
]
