"""Pages of logos: everyone in a team sees them, editors and administrators keep them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from ava.media_serving import serve_stored
from ava.page_parts import render_page, wants_part
from ava.roles import is_editor_somewhere
from ava.selectors import EDITING_ROLES
from curation.logo_forms import LogoForm
from curation.logo_pages import logo_cards, logos_by_team, sightings_page
from curation.logos import access_logos, access_sightings, delete_logo, require_logo_editor, send_search
from curation.models import Logo
from curation.stills.logo_pictures import MOST_BYTES

MOST_BYTES_OF_A_FORM = 2**16
"""What a request may hold beside the picture itself."""


@require_GET
def logos(request: HttpRequest) -> HttpResponse:
    """The list. Opening it sends searches again that are due, for their message may have been lost."""
    teams = logos_by_team(request.user)
    if not wants_part(request):
        for each in teams:
            if each.searching:
                send_search(each.team.pk)
    context = {
        "teams": teams,
        "is_searching": any(each.searching for each in teams),
        "may_add": is_editor_somewhere(request.user),
    }
    return render_page(request, page="curation/logos.html", part="curation/_logos.html", context=context)


@require_GET
def logo(request: HttpRequest, pk: int) -> HttpResponse:
    """The stills that show one logo."""
    found = _logo(request, pk)
    (card,) = logo_cards(access_logos(request.user).filter(pk=pk), user=request.user)
    context = {
        "logo": found,
        "card": card,
        "page": sightings_page(request.user, found, number=request.GET.get("page", "1")),
        "may_edit": access_logos(request.user, roles=EDITING_ROLES).filter(pk=pk).exists(),
    }
    return render(request, "curation/logo.html", context)


@csrf_exempt  # Looking for the token reads the form, and with it the picture: its size comes first, then the token.
@require_http_methods(["GET", "HEAD", "POST"])
def logo_new(request: HttpRequest) -> HttpResponse:
    if not is_editor_somewhere(request.user):
        raise PermissionDenied("Only editors and administrators of a team add logos.")
    return _refuse_too_large(request) or _logo_form(request, None)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def logo_edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = _logo(request, pk)
    require_logo_editor(request.user, team=found.team)
    return _refuse_too_large(request) or _logo_form(request, found)


@csrf_protect
def _logo_form(request: HttpRequest, found: Logo | None) -> HttpResponse:
    initial = {"team": request.GET.get("team")} if found is None else None
    form = LogoForm(request.POST or None, request.FILES or None, user=request.user, logo=found, initial=initial)
    saved = form.save() if request.method == "POST" and form.is_valid() else None
    if saved is not None:
        verb = "added" if found is None else "saved"
        messages.success(request, f"“{saved}” is {verb}. Your team's stills are searched for it now.")
        return redirect("logos")
    name = Logo.objects.get(pk=found.pk).name if found else ""
    context = {"form": form, "logo": found, "name": name}
    return render(request, "curation/logo_form.html", context, status=422 if form.errors else 200)


def _refuse_too_large(request: HttpRequest) -> HttpResponse | None:
    """Lead back with a sentence, before anything of an upload is read that is larger than any logo."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if int(length) <= MOST_BYTES + MOST_BYTES_OF_A_FORM:
        return None
    messages.error(request, f"That picture is larger than {MOST_BYTES // 2**20} MB; save it smaller and try again.")
    return redirect(request.path)


@require_http_methods(["GET", "HEAD", "POST"])
def logo_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks before it deletes."""
    found = _logo(request, pk)
    require_logo_editor(request.user, team=found.team)
    if request.method != "POST":
        shown_in = access_sightings(request.user).filter(logo=found).count()
        return render(request, "curation/logo_delete.html", {"logo": found, "shown_in": shown_in})
    delete_logo(found, user=request.user)
    messages.success(request, f"“{found}” is deleted.")
    return redirect("logos")


@require_safe
def logo_picture(request: HttpRequest, pk: int) -> HttpResponseBase:
    found = _logo(request, pk)
    if not found.picture:
        raise Http404("This logo has no picture, only brand words.")
    return serve_stored(request, name=found.picture.name, content_type="image/png")


def _logo(request: HttpRequest, pk: int) -> Logo:
    return get_object_or_404(access_logos(request.user).select_related("team"), pk=pk)
