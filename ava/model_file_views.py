"""The Models page: what is installed and what it enables, for everyone; bringing files in, for superusers."""

from collections.abc import Callable
from pathlib import Path

from django.contrib import messages
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_POST

from ava import model_files
from ava.page_parts import render_page, wants_part
from ava.roles import require_superuser
from ava.weights.errors import UnknownWeights, WeightsError

MOST_BYTES_OF_A_FORM = 2**16
"""What a request may hold beside the file itself."""
TABS = {"": "All", "installed": "Installed", "missing": "Not installed"}


@require_GET
def models(request: HttpRequest) -> HttpResponse:
    files = model_files.list_model_files()
    lists = {
        "": files,
        "installed": [file for file in files if file.is_installed],
        "missing": [file for file in files if not file.is_installed],
    }
    shown = request.GET.get("state", "")
    shown = shown if shown in lists else ""
    listed = lists[shown]
    context = {
        "groups": [
            ("Models", [file for file in listed if not file.is_demo_picture]),
            ("Pictures of the demo film", [file for file in listed if file.is_demo_picture]),
        ],
        "shown": shown,
        "tabs": [(value, label, len(lists[value])) for value, label in TABS.items()],
        "may_change": request.user.is_superuser,
    }
    return render_page(request, page="ava/models.html", part="ava/_models.html", context=context)


@require_GET
def model(request: HttpRequest, name: str) -> HttpResponse:
    """One file's part of the page, by which scripts follow a fetch; people are led to its place on the page."""
    file = _found(name)
    if not wants_part(request):
        return _back(name)
    context = {"file": file, "may_change": request.user.is_superuser}
    return render(request, "ava/_model.html", context)


@require_POST
def model_fetch(request: HttpRequest, name: str) -> HttpResponse:
    require_superuser(request.user, action="fetch model files")
    _found(name)
    consent = "accept_licence" in request.POST
    return _change(request, name, lambda: model_files.request_fetch(name, consent=consent))


@require_POST
def model_verify(request: HttpRequest, name: str) -> HttpResponse:
    require_superuser(request.user, action="verify model files")
    _found(name)
    found = model_files.weights_store().verify(name)
    if found == "installed":
        messages.success(request, f"{name} is exactly the file that it should be.")
    else:
        outcome = "is not installed" if found == "missing" else "differs from the file that it should be"
        messages.error(request, f"{name} {outcome}.")
    return _back(name)


@require_POST
def model_remove(request: HttpRequest, name: str) -> HttpResponse:
    require_superuser(request.user, action="remove model files")
    _found(name)
    return _change(
        request, name, lambda: model_files.weights_store().remove(name), success=f"{name} is removed."
    )


@csrf_exempt  # Looking for the token reads the form, and with it the file: the checks come first, then the token.
@require_POST
def model_add(request: HttpRequest, name: str) -> HttpResponse:
    require_superuser(request.user, action="add model files")
    most_bytes = _found(name).entry.most_bytes
    if int(request.META.get("CONTENT_LENGTH") or 0) > most_bytes + MOST_BYTES_OF_A_FORM:
        messages.error(request, f"That file is larger than the {most_bytes:,} bytes that {name} may have.")
        return _back(name)
    request.upload_handlers = [TemporaryFileUploadHandler(request)]
    return _add_uploaded(request, name)


@csrf_protect
def _add_uploaded(request: HttpRequest, name: str) -> HttpResponse:
    uploaded = request.FILES.get("file")
    if not isinstance(uploaded, TemporaryUploadedFile):
        messages.error(request, "Choose a file first.")
        return _back(name)
    file, consent = Path(uploaded.temporary_file_path()), "accept_licence" in request.POST
    add = model_files.weights_store().add
    return _change(
        request, name, lambda: add(file, name=name, consent=consent, wait=False), success=f"{name} is installed."
    )


def _change(request: HttpRequest, name: str, change: Callable[[], object], *, success: str = "") -> HttpResponse:
    """Do something to a file of the store and lead back to it with what came of that."""
    try:
        change()
    except WeightsError as error:
        messages.error(request, str(error))
    else:
        if success:
            messages.success(request, success)
    return _back(name)


def _back(name: str) -> HttpResponse:
    response = redirect("models")
    response["Location"] += f"#model-{name}"
    return response


def _found(name: str) -> model_files.ModelFile:
    try:
        return model_files.find_model_file(name)
    except UnknownWeights as error:
        raise Http404(str(error)) from error
