"""Pages of exports: permission, one call, response. Whoever sees a title may take its pictures along."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ava.form_answers import answer
from ava.form_numbers import KEY_DIGITS, read_number
from ava.media_serving import serve_stored
from ava.models import Title, User
from ava.page_parts import render_page
from ava.roles import require_editor
from ava.selectors import access_titles
from curation.export_artworks import BadArtworks, name_export, read_artworks
from curation.export_pages import export_page, exports_page
from curation.export_request import (
    InvalidExport,
    board_frames,
    cancel_export,
    picked_frames,
    request_export,
)
from curation.exports.file_names import safe_name
from curation.frame_keys import BadFrames, read_frame_keys
from curation.models import Export
from curation.pick_list_frames import FrameKey, listed_frames
from curation.selectors import access_exports, access_pick_lists


@require_http_methods(["GET", "HEAD", "POST"])
def exports(request: HttpRequest, pk: int) -> HttpResponse:
    """The title's exports and the form for another one; POST asks for it."""
    title = get_object_or_404(access_titles(request.user).select_related("parent"), pk=pk)
    if request.method == "POST":
        return _ask(request, title)
    context = {"title": title, "exports": exports_page(title, query=request.GET, user=request.user)}
    return render_page(request, page="curation/exports.html", part="curation/_exports.html", context=context)


def _ask(request: HttpRequest, title: Title) -> HttpResponse:
    said = request.POST
    try:
        stills, name = _chosen(request, title)
        artworks = read_artworks(said.getlist("artworks"), title=title)
        export = request_export(
            title, stills=stills, artworks=artworks, user=request.user, formats=said.getlist("formats"),
            name=name_export(name, has_artworks=bool(artworks)), documents=said.getlist("documents"),
            pattern=said.get("pattern", ""), canvases=said.getlist("canvases"), full_size="full_size" in said,
        )  # fmt: skip
    except (InvalidExport, BadFrames, BadArtworks) as error:
        page = reverse("exports", args=[title.pk])
        return answer(request, {"detail": str(error)}, fallback=page, status=400)
    address = reverse("export", args=[export.pk])
    return answer(request, {"export": export.pk, "url": address, "total": export.total_count}, fallback=address)


def _chosen(request: HttpRequest, title: Title) -> tuple[list[FrameKey], str]:
    """The stills that the form means, and what they are."""
    what = request.POST.get("what", "")
    if what == "none" and request.POST.get("artworks"):
        return [], ""
    if what == "frames":
        return read_frame_keys(request.POST), "Selection"
    if what == "board":
        return board_frames(title, query=request.POST.get("query", ""), user=request.user), "Board"
    if what == "picks":
        return picked_frames(title), "Picks"
    number = read_number(what.removeprefix("list-"), digits=KEY_DIGITS)
    if what.startswith("list-") and number is not None:
        return list_choice(request.user, title, pk=number)
    raise InvalidExport("Choose what to export: frames, board, picks, a list, or artworks.")


def list_choice(user: User, title: Title, *, pk: int) -> tuple[list[FrameKey], str]:
    """The frames and the name of a list of a title; raises Http404 for others."""
    found = get_object_or_404(access_pick_lists(user).filter(title=title), pk=pk)
    return listed_frames(found), found.name


@require_safe
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """How one export stands, and its file."""
    found = get_object_or_404(access_exports(request.user).select_related("title", "created_by"), pk=pk)
    context: dict[str, Any] = {"title": found.title, "export": export_page(found)}
    return render_page(request, page="curation/export.html", part="curation/_export.html", context=context)


@require_safe
def export_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    found = get_object_or_404(access_exports(request.user).select_related("title"), pk=pk)
    if not found.file:
        raise Http404("This export has no file.")
    response = serve_stored(request, name=found.file.name, content_type="application/zip")
    response.headers["Content-Disposition"] = str(content_disposition_header(True, file_name(found)))
    return response


@require_POST
def export_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop an export: one's own, or as an editor anybody's."""
    found = get_object_or_404(access_exports(request.user).select_related("title"), pk=pk)
    if found.created_by_id != request.user.pk:
        require_editor(request.user, title_id=found.title_id, action="cancel somebody else's export")
    is_stopped = cancel_export(found)
    page = reverse("export", args=[pk])
    if not is_stopped:
        return answer(request, {"detail": "This export is over already."}, fallback=page, status=409)
    return answer(request, {"export": pk, "state": Export.State.CANCELLED, "sentence": "Cancelled."}, fallback=page)


def file_name(found: Export) -> str:
    """What a browser saves the file as."""
    name = " ".join(part for part in (str(found.title), found.wanted.get("name", "")) if part)
    return f"{safe_name(name, otherwise='stills')}.zip"
