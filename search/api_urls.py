"""Addresses of search's API."""

from django.urls import URLPattern, URLResolver, path

from search import api_search

urlpatterns: list[URLPattern | URLResolver] = [
    path("search/", api_search.SearchView.as_view(), name="api-search"),
]
