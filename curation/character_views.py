"""The page of one character, and the questions about a title's people: permission, one call, response."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from ava.form_numbers import read_number
from ava.models import Title
from ava.page_parts import render_page, wants_part
from ava.roles import may_edit
from ava.selectors import access_titles
from curation.character_pages import (
    MOST_TRACKS,
    ORDERS,
    TRACKS_A_PAGE,
    character_page,
    character_tracks,
    open_track,
    where_it_went,
)
from curation.models import Character
from curation.people_questions import Sitting, open_questions, questions_page
from curation.people_selectors import access_cast_videos, cast_scope
from curation.people_splits import find_split


@require_GET
def character(request: HttpRequest, pk: int, character: int) -> HttpResponseBase:
    """Everything about one character; for scripts also its parts alone.

    With `?track=` one of its tracks face by face, with `?proposals=` what AVA would split or ask, with `?from=`
    further cards.
    """
    title = _title(request, pk)
    found = get_object_or_404(cast_scope(title).characters.select_related("scope"), pk=character)
    if (now := where_it_went(found)) != found.pk:
        return redirect("character", pk, now)
    is_editor = may_edit(request.user, title_id=pk)
    here = reverse("character", args=[pk, found.pk])
    context = {"title": title, "scope_id": found.scope_id, "character": found, "may_edit": is_editor, "here": here}
    context["with_proposals"] = is_editor and "proposals" in request.GET
    if context["with_proposals"]:
        context["split"] = find_split(request.user, title, found)
        context["questions"] = open_questions(request.user, title, about=found, limit=1)
        if wants_part(request):
            return _part(request, "curation/_proposals.html", context)
    if wanted := request.GET.get("track", ""):
        tracks = character_tracks(request.user, found, videos=access_cast_videos(request.user, title))
        context["open"] = open_track(tracks, pk=_whole_number(wanted, most=2**62))
        if context["open"] is None:
            raise Http404
        if wants_part(request):
            return _part(request, "curation/_track_faces.html", context)
    return _character_page(request, context)


def _character_page(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    order = request.GET.get("order", "")
    start = _whole_number(request.GET.get("from", "0"))
    context["page"] = character_page(
        request.user,
        context["title"],
        context["character"],
        order=order if order in ORDERS else "time",
        start=start,
        end=_whole_number(request.GET.get("shown", "")) or TRACKS_A_PAGE,
    )
    context["kept_query"] = _kept_query(request)
    if start:
        return _part(request, "curation/_track_cards.html", context)
    context |= {"orders": ORDERS, "importances": Character.Importance.choices}
    return render_page(request, page="curation/character.html", part="curation/_character.html", context=context)


@require_GET
def people_questions(request: HttpRequest, pk: int) -> HttpResponse:
    """One question after the other; what has been answered and skipped in this sitting is in the address."""
    title = _title(request, pk)
    context = {
        "title": title,
        "scope_id": cast_scope(title).pk,
        "may_edit": may_edit(request.user, title_id=pk),
        "page": questions_page(request.user, title, sitting=Sitting.read(request.GET)),
    }
    return render_page(request, page="curation/people_questions.html", part="curation/_questions.html", context=context)


def _title(request: HttpRequest, pk: int) -> Title:
    return get_object_or_404(access_titles(request.user).select_related("parent__parent"), pk=pk)



def _part(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _kept_query(request: HttpRequest) -> str:
    """What the address of an opened track keeps of this one."""
    kept = {name: request.GET[name] for name in ("order", "shown") if name in request.GET}
    return f"{urlencode(kept)}&" if kept else ""


def _whole_number(text: str, *, most: int = MOST_TRACKS) -> int:
    """The number, 0 for anything else."""
    return min(read_number(text, digits=19) or 0, most)
