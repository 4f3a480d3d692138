"""One address answers people with a whole page and scripts with the part of it that they renew."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def wants_part(request: HttpRequest) -> bool:
    """True for a script that renews a part; going back in the browser's history wants the whole page."""
    return bool(request.htmx) and not request.htmx.history_restore_request


def render_page(request: HttpRequest, *, page: str, part: str, context: dict[str, Any]) -> HttpResponse:
    """Render the page, or the part alone; caches keep the two apart."""
    response = render(request, part if wants_part(request) else page, context)
    patch_vary_headers(response, ["HX-Request"])
    return response
