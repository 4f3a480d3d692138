"""Pages of reels and what is done on them: permission, one call, an answer for forms and scripts alike."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ava.form_answers import answer
from ava.media_serving import serve_stored
from ava.models import User
from ava.page_parts import render_page
from search import reels as made
from search.models import Reel
from search.reel_actions import ACTIONS
from search.reel_exports import (
    EXPORT_KINDS,
    cancel_render,
    export_response,
    file_name,
    newest_render,
    render_to_send,
    request_render,
)
from search.reel_forms import read_spans
from search.reel_list_page import deleted_reels, editing_teams, reels_page
from search.reel_live import LIST, live_name
from search.reel_pages import may_edit_reel, reel_page
from search.reel_undo import redo, undo
from search.reels import InvalidReel
from search.selectors import access_deleted_reels, access_reels
from search.views import REEL_IN_USE


@require_http_methods(["GET", "HEAD", "POST"])
def reels(request: HttpRequest) -> HttpResponse:
    """The reels that one sees; POST begins one for a team."""
    if request.method == "POST":
        return _create(request)
    context = {
        "page": reels_page(request.user, number=request.GET.get("page", "1")),
        "teams": editing_teams(request.user),
        "deleted": deleted_reels(request.user),
        "live": LIST,
        "in_use": request.session.get(REEL_IN_USE),
    }
    return render_page(request, page="search/reels.html", part="search/_reels.html", context=context)


def _create(request: HttpRequest) -> HttpResponse:
    number, page = request.POST.get("team", ""), reverse("reels")
    teams = {str(team.pk): team for team in editing_teams(request.user)}
    team = teams.get(number) if number else next(iter(teams.values()), None)
    if team is None:
        raise PermissionDenied("Only editors and administrators of a team make reels for it.")
    try:
        spans = read_spans(request.POST.getlist("clip"))
        reel = made.create_reel(team, name=request.POST.get("name", ""), user=request.user, spans=spans)
    except InvalidReel as error:
        return answer(request, {"detail": str(error)}, fallback=page, status=400)
    request.session[REEL_IN_USE] = reel.pk
    return answer(request, _told(reel) | {"sentence": f"“{reel}” is there."}, fallback=_address(reel))


@require_safe
def reel(request: HttpRequest, pk: int) -> HttpResponse:
    """One reel: its player, its clips in their order, its exports."""
    found = get_object_or_404(access_reels(request.user).select_related("team", "created_by"), pk=pk)
    context = {
        "reel": found,
        "shown": reel_page(found, user=request.user),
        "live": live_name(found.pk),
        "is_in_use": request.session.get(REEL_IN_USE) == found.pk,
    }
    return render_page(request, page="search/reel.html", part="search/_reel.html", context=context)


@require_POST
def reel_do(request: HttpRequest, pk: int) -> HttpResponse:
    """Add, move, trim, note, take out, bring back, rename, delete, restore or use, as `action` says."""
    found = _find(request, pk)
    _require_editor(request.user, found)
    act = ACTIONS.get(request.POST.get("action", ""))
    if act is None:
        told = {"detail": f"Choose an action: {', '.join(ACTIONS)}."}
        return answer(request, told, fallback=_address(found), status=400)
    try:
        sentence = act(request, found)
    except InvalidReel as error:
        return answer(request, {"detail": str(error)}, fallback=_address(found), status=400)
    found.refresh_from_db()
    return answer(request, _told(found) | {"sentence": sentence}, fallback=_address(found))


@require_POST
def reel_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back one's own last step, also that of deleting the reel."""
    return _step_back(request, pk, undo, "Taken back: you", "There is nothing of yours left to undo.")


@require_POST
def reel_redo(request: HttpRequest, pk: int) -> HttpResponse:
    """Do again what one took back last."""
    return _step_back(request, pk, redo, "Done again: you", "There is nothing to do again.")


def _step_back(
    request: HttpRequest, pk: int, step_back: Callable[..., Any], sentence: str, nothing: str
) -> HttpResponse:
    found = _find(request, pk)
    _require_editor(request.user, found)
    step = step_back(found, user=request.user)
    found.refresh_from_db()
    if step is None:
        return answer(request, {"detail": nothing}, fallback=_address(found), status=409)
    told = _told(found) | {"sentence": f"{sentence} {step.sentence}."}
    return answer(request, told, fallback=_address(found))


@require_http_methods(["GET", "HEAD", "POST"])
def reel_export(request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    """The reel as a file of a kind; POST to `mp4` has the film, or a `preview`, made, which GET sends."""
    found = get_object_or_404(access_reels(request.user), pk=pk)
    if kind not in (*EXPORT_KINDS, "mp4"):
        raise Http404(f"Reels are exported as {', '.join(EXPORT_KINDS)} and mp4.")
    try:
        if kind != "mp4":
            return export_response(found, kind=kind, user=request.user, handles=request.GET.get("handles", ""))
        if request.method == "POST":
            render = request_render(found, user=request.user, preview="preview" in request.POST)
            told = {"frames": render.total_count, "state": render.state, "sentence": "The film is being made."}
            return answer(request, told, fallback=_address(found))
    except InvalidReel as error:
        return answer(request, {"detail": str(error)}, fallback=_address(found), status=409)
    render = render_to_send(found, user=request.user)
    response = serve_stored(request, name=render.file.name, content_type="video/mp4")
    response.headers["Content-Disposition"] = str(content_disposition_header(True, file_name(found, ".mp4")))
    return response


@require_POST
def reel_film_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop the film in the making: one's own, or as an editor anybody's."""
    found = get_object_or_404(access_reels(request.user), pk=pk)
    render = newest_render(found, user=request.user)
    if render is not None and render.created_by_id != request.user.pk:
        _require_editor(request.user, found)
    if render is None or not cancel_render(render):
        told = {"detail": "No film of this reel is being made."}
        return answer(request, told, fallback=_address(found), status=409)
    return answer(request, {"state": "cancelled", "sentence": "Cancelled."}, fallback=_address(found))


def _find(request: HttpRequest, pk: int) -> Reel:
    """A reel that one sees, or that was deleted and may be brought back."""
    known = access_reels(request.user) | access_deleted_reels(request.user)
    return get_object_or_404(known.select_related("team"), pk=pk)


def _require_editor(user: User, found: Reel) -> None:
    if not may_edit_reel(user, found):
        raise PermissionDenied("Only editors and administrators of this reel's team may change it.")


def _address(found: Reel) -> str:
    return reverse("reels") if found.is_deleted else reverse("reel", args=[found.pk])


def _told(found: Reel) -> dict[str, Any]:
    return {"reel": found.pk, "name": found.name, "is_deleted": found.is_deleted, "url": _address(found)}
