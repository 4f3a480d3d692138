"""Pages of canvases: everyone in a team sees them, its administrators keep them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from ava.models import Team
from ava.selectors import ADMINISTERING_ROLES, access_teams
from curation.canvas_forms import CanvasForm
from curation.canvas_pages import canvas_cards, canvases_by_team
from curation.frame_keys import whole_number
from curation.layout.canvases import Canvas
from curation.models import TeamCanvas
from curation.selectors import access_canvases
from curation.team_canvases import DEFAULTS, delete_canvas, read_canvas, require_canvas_administrator


@require_GET
def canvases(request: HttpRequest) -> HttpResponse:
    return render(request, "curation/canvases.html", {"teams": canvases_by_team(request.user)})


@require_http_methods(["GET", "HEAD", "POST"])
def canvas_new(request: HttpRequest) -> HttpResponse:
    """A new canvas: as one of `team` with the key `like`, or with `change` in place of the default of that key."""
    if not access_teams(request.user, roles=ADMINISTERING_ROLES).exists():
        raise PermissionDenied("Only administrators of a team add canvases.")
    team = access_teams(request.user).filter(pk=whole_number(request.GET.get("team", ""))).first()
    changed = DEFAULTS.get(request.GET.get("change", ""))
    like = changed or _known_canvas(team, request.GET.get("like", ""))
    form = CanvasForm(
        request.POST or None, user=request.user, like=like, is_change=changed is not None, initial={"team": team}
    )
    return _answer(request, form, heading=f"Change “{changed.name}”" if changed else "New canvas")


@require_http_methods(["GET", "HEAD", "POST"])
def canvas_edit(request: HttpRequest, pk: int) -> HttpResponse:
    row = _canvas(request, pk)
    form = CanvasForm(request.POST or None, user=request.user, row=row, like=read_canvas(row))
    return _answer(request, form, heading=f"Change “{row.name}”")


@require_http_methods(["GET", "HEAD", "POST"])
def canvas_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks before it deletes; a default that the team changed is then what it was."""
    row = _canvas(request, pk)
    default = DEFAULTS.get(row.key)
    if request.method != "POST":
        cards = canvas_cards([row])
        context = {
            "canvas": row,
            "card": next(card for card in cards if card.canvas.key == row.key),
            "default": next((card for card in canvas_cards([]) if card.canvas.key == row.key), None),
        }
        return render(request, "curation/canvas_delete.html", context)
    delete_canvas(row, user=request.user)
    messages.success(request, f"“{default.name}” is the default again." if default else f"“{row.name}” is deleted.")
    return redirect("canvases")


def _answer(request: HttpRequest, form: CanvasForm, *, heading: str) -> HttpResponse:
    saved = form.save() if request.method == "POST" and form.is_valid() else None
    if saved is not None:
        said = "no longer used" if saved.is_hidden else "saved"
        messages.success(request, f"“{saved.name}” is {said}.")
        return redirect("canvases")
    context = {"form": form, "heading": heading, "row": form.row}
    return render(request, "curation/canvas_form.html", context, status=422 if form.errors else 200)


def _canvas(request: HttpRequest, pk: int) -> TeamCanvas:
    """A canvas that the user may change; raises Http404 or PermissionDenied."""
    row = get_object_or_404(access_canvases(request.user).select_related("team", "created_by"), pk=pk)
    require_canvas_administrator(request.user, team=row.team)
    return row


def _known_canvas(team: Team | None, key: str) -> Canvas | None:
    row = TeamCanvas.objects.filter(team=team, key=key).first() if team is not None and "\0" not in key else None
    return read_canvas(row) if row is not None else DEFAULTS.get(key)
