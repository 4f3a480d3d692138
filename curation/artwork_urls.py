"""Addresses of a title's artwork."""

from django.urls import path

from curation import artwork_pictures, artwork_views

urlpatterns = [
    path("titles/<int:pk>/artwork/", artwork_views.artworks, name="artworks"),
    path("artworks/<int:pk>/", artwork_views.artwork, name="artwork"),
    path("artworks/<int:pk>/picture.jpg", artwork_pictures.artwork_picture, name="artwork-picture"),
    path("artworks/<int:pk>/file", artwork_pictures.artwork_file, name="artwork-file"),
    path("artworks/<int:pk>/delete/", artwork_views.artwork_delete, name="artwork-delete"),
]
