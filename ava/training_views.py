"""What pages of versioned models and of their trainings answer alike, whichever network it is."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ava.model_trainings import CannotTrain
from ava.page_parts import render_page
from ava.roles import is_administrator, require_superuser

CHOOSE_FILE = "Choose a file first."


def require_sight(request: HttpRequest) -> None:
    """Versions and trainings are for administrators; to others their pages do not exist: raises Http404."""
    if not is_administrator(request.user):
        raise Http404("This page is for administrators.")


def require_trainer(request: HttpRequest, *, action: str) -> None:
    """Raise PermissionDenied unless the person runs the installation, and Http404 for those who may not even see."""
    require_sight(request)
    require_superuser(request.user, action=action)


def take_brought_file(
    request: HttpRequest, *, take: Callable[[str, bytes], str], unfit: type[Exception], most_bytes: int
) -> None:
    """Have the file that a form brought taken in; a message says what became of it.

    ``take`` gets its name and bytes and gives a sentence; what raises ``unfit`` says why the file is refused.
    """
    uploaded = request.FILES.get("file")
    if uploaded is None or not uploaded.name:
        messages.error(request, CHOOSE_FILE)
        return
    try:
        # A byte more than fits tells one that is too large from one that just fits.
        sentence = take(uploaded.name, uploaded.read(most_bytes + 1))
    except unfit as error:
        messages.error(request, str(error))
    else:
        messages.success(request, sentence)


def tell_version(name: str, *, version: int, is_new: bool) -> str:
    """Which version a file that was brought is now, or has been."""
    return f"{name} is version {version}." if is_new else f"{name} is here already: it is version {version}."


def file_to_save(packed: bytes | None, *, name: str) -> HttpResponse:
    """A version's file, to take elsewhere."""
    response = HttpResponse(bytes(packed or b""), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


class RunViews(NamedTuple):
    """The pages of one kind of training run: how far it is, its curve for scripts, and its two buttons."""

    show: Callable[..., HttpResponse]
    curve: Callable[..., HttpResponse]
    cancel: Callable[..., HttpResponse]
    retry: Callable[..., HttpResponse]


def run_views(
    find: Callable[[HttpRequest, int], Any],
    *,
    read_page: Callable[..., Any],
    templates: str,
    address: str,
    cancel: Callable[[Any], None],
    retry: Callable[[Any], None],
) -> RunViews:
    """Views of the runs that ``find`` finds, or raises Http404 for; ``templates``: a folder's page and its part, which
    scripts follow, as ``"qc/{}training.html"``; ``address``: the name of the page's."""

    @require_safe
    def show(request: HttpRequest, pk: int) -> HttpResponse:
        context = {"page": read_page(find(request, pk), now=timezone.now()), "may_change": request.user.is_superuser}
        return render_page(request, page=templates.format(""), part=templates.format("_"), context=context)

    @require_safe
    def curve(request: HttpRequest, pk: int) -> JsonResponse:
        run = find(request, pk)
        told = {name: getattr(run, name) for name in ("state", "steps_done", "steps_total", "curve")}
        return JsonResponse(told)

    @require_POST
    def cancelled(request: HttpRequest, pk: int) -> HttpResponse:
        _change_run(request, find(request, pk), cancel, action="cancel trainings")
        return redirect(address, pk=pk)

    @require_POST
    def tried_again(request: HttpRequest, pk: int) -> HttpResponse:
        _change_run(request, find(request, pk), retry, action="try trainings again")
        return redirect(address, pk=pk)

    return RunViews(show, curve, cancelled, tried_again)


def _change_run(request: HttpRequest, run: Any, change: Callable[[Any], None], *, action: str) -> None:
    """Cancel a run or try it again, for those who may; a message says where that cannot be."""
    require_trainer(request, action=action)
    try:
        change(run)
    except CannotTrain as error:
        messages.error(request, str(error))
