"""Addresses of canvases and of how pictures are laid out on them."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []

api_urlpatterns: list[URLPattern] = []
