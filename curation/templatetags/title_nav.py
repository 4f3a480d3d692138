"""The bar over every page of a title that leads to the others."""

from typing import Any, NamedTuple

from django import template
from django.urls import reverse
from django.utils.http import urlencode

from ava.models import Title
from qc.selectors import count_open_flags

register = template.Library()


class TitlePage(NamedTuple):
    """A page of a title: its address's name, its label, the pages behind it, and whether it shows one film."""

    name: str
    label: str
    behind: tuple[str, ...] = ()
    is_of_film: bool = True


GROUPS = (
    (TitlePage("title", "Film", behind=("title-edit", "dialogue-upload")),),
    (
        TitlePage("stills", "Stills", behind=("frame-layout",)),
        TitlePage("clusters", "Clusters"),
        TitlePage("coverage", "Coverage"),
        TitlePage("held-back", "Held back"),
        TitlePage("compare", "Compare"),
        TitlePage("pick-lists", "Lists", behind=("pick-list",), is_of_film=False),
        TitlePage("exports", "Export", behind=("export",), is_of_film=False),
    ),
    (
        TitlePage("moments", "Moments"),
        TitlePage("trailer-map", "Trailer", is_of_film=False),
    ),
    (TitlePage("people", "People", behind=("character", "people-questions")),),
    (
        TitlePage("artworks", "Artwork", behind=("artwork", "artwork-layout"), is_of_film=False),
        TitlePage("picture-groups", "Copies", is_of_film=False),
        TitlePage("test-results", "Test results", is_of_film=False),
    ),
    (TitlePage("pixel-flags", "Pixels", behind=("pixel-review", "pixel-sensor")),),
)
"""In the order in which a title is worked on: what was brought, what is chosen from it, who is in it, what is there,
and whether its pictures are sound."""


class NavLink(NamedTuple):
    """A link of the bar; `count` is what waits behind it, 0 for nothing."""

    label: str
    address: str
    is_here: bool
    count: int


@register.inclusion_tag("curation/_title_nav.html", takes_context=True)
def title_nav(context: dict[str, Any]) -> dict[str, Any]:
    """Links to the pages of the title that the page is about, in groups; none on pages of no title."""
    title, request = context.get("title"), context.get("request")
    match = request.resolver_match if request else None
    if not isinstance(title, Title) or match is None or match.url_name not in _known_names():
        return {"groups": []}
    video = request.GET.get("video", "")
    query = f"?{urlencode({'video': video})}" if video.isdecimal() else ""
    return {
        "title": title,
        "groups": [[_link(page, title, match.url_name, query) for page in group] for group in GROUPS],
    }


def _link(page: TitlePage, title: Title, here: str, query: str) -> NavLink:
    address = reverse(page.name, args=[title.pk]) + (query if page.is_of_film else "")
    count = count_open_flags(title) if page.name == "pixel-flags" else 0
    return NavLink(page.label, address, is_here=here == page.name or here in page.behind, count=count)


def _known_names() -> set[str]:
    return {name for group in GROUPS for page in group for name in (page.name, *page.behind)}
