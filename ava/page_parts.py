"""One address answers people with a whole page and scripts with the part of it that they renew."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme


def wants_part(request: HttpRequest) -> bool:
    """True for a script that renews a part; going back in the browser's history wants the whole page."""
    return bool(request.htmx) and not request.htmx.history_restore_request


def wants_json(request: HttpRequest) -> bool:
    """True for scripts and pipelines that ask for data; people and their forms get pages."""
    return bool(request.get_preferred_type(["text/html", "application/json"]) == "application/json")


def render_page(request: HttpRequest, *, page: str, part: str, context: dict[str, Any]) -> HttpResponse:
    """Render the page, or the part alone; caches keep the two apart."""
    response = render(request, part if wants_part(request) else page, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def redirect_back(request: HttpRequest, *, fallback: str) -> HttpResponse:
    """Lead a plain form back to the address of this site that it gave as `next`, or else to `fallback`."""
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    # Not django.shortcuts.redirect, which takes a word without a slash for the name of a view.
    return HttpResponseRedirect(target if is_ours else fallback)
