"""Addresses of quality control's pages."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
