"""Pages of watched folders: superusers choose them, administrators of a title's team see and pause them."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from ava.page_parts import render_page
from ava.roles import require_administrator
from ava.selectors import ADMINISTERING_ROLES
from qc.models import WatchedFile, WatchFolder
from qc.selectors import access_watch_folders
from qc.watch_forms import WatchFolderForm
from qc.watch_paths import watch_roots
from qc.watch_services import pause_folder, require_watch_keeper, require_watch_reader, with_counts

FILES_A_PAGE = 100


@require_GET
def watch_folders(request: HttpRequest) -> HttpResponse:
    require_watch_reader(request.user)
    folders = with_counts(access_watch_folders(request.user, roles=ADMINISTERING_ROLES))
    context = {"folders": folders, "roots": watch_roots(), "may_change": request.user.is_superuser}
    return render_page(request, page="qc/watch_folders.html", part="qc/_watch_folders.html", context=context)


@require_http_methods(["GET", "HEAD", "POST"])
def watch_folder_new(request: HttpRequest) -> HttpResponse:
    require_watch_keeper(request.user)
    return _answer(request, WatchFolderForm(request.POST or None, user=request.user))


@require_http_methods(["GET", "HEAD", "POST"])
def watch_folder(request: HttpRequest, pk: int) -> HttpResponse:
    """A folder's files. Posting `pause` or `resume` stops and goes on; anything else changes the folder."""
    folder = _folder(request, pk)
    if request.method == "POST" and request.POST.get("do") in {"pause", "resume"}:
        pause_folder(folder, is_active=request.POST["do"] == "resume")
        return redirect("watch-folder", pk)
    if request.method == "POST" or "edit" in request.GET:
        require_watch_keeper(request.user)
        return _answer(request, WatchFolderForm(request.POST or None, user=request.user, folder=folder))
    state = request.GET.get("state", "")
    files = folder.files.select_related("video").defer("video__frame_pts", "video__keyframes")
    if state in WatchedFile.State.values:
        files = files.filter(state=state)
    context = {
        "folder": folder,
        "page": Paginator(files.order_by("-seen_at", "name"), FILES_A_PAGE).get_page(request.GET.get("page", 1)),
        "state": state,
        "states": [
            (value, label, getattr(folder, f"{value}_count")) for value, label in WatchedFile.State.choices
        ],
        "may_change": request.user.is_superuser,
    }
    return render_page(request, page="qc/watch_folder.html", part="qc/_watch_folder.html", context=context)


@require_http_methods(["GET", "HEAD", "POST"])
def watch_folder_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks before it deletes; the clips that were taken in stay."""
    folder = _folder(request, pk)
    require_watch_keeper(request.user)
    if request.method != "POST":
        return render(request, "qc/watch_folder_delete.html", {"folder": folder})
    folder.delete()
    messages.success(request, f"{folder.path} is no longer watched.")
    return redirect("watch-folders")


def _folder(request: HttpRequest, pk: int) -> WatchFolder:
    """A folder with its counts; raises Http404 for outsiders and PermissionDenied for who is no administrator."""
    folder: WatchFolder = get_object_or_404(with_counts(access_watch_folders(request.user)), pk=pk)
    require_administrator(request.user, title_id=folder.title_id, action="see its watched folders")
    return folder


def _answer(request: HttpRequest, form: WatchFolderForm) -> HttpResponse:
    saved = form.save() if request.method == "POST" and form.is_valid() else None
    if saved is not None:
        messages.success(request, f"{saved.path} is watched.")
        return redirect("watch-folder", saved.pk)
    context = {"form": form, "folder": form.folder, "roots": watch_roots()}
    return render(request, "qc/watch_folder_form.html", context, status=422 if form.errors else 200)
