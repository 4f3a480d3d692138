"""The pages of model versions and training runs: administrators see them, people who run the installation act."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ava.model_trainings import CannotTrain
from ava.page_parts import render_page
from ava.roles import is_administrator
from qc.model_pages import read_models_page, read_run_page
from qc.model_versions import NotReleasable, add_version, use_model
from qc.models import PixelModel, PixelTraining
from qc.pixel.model_file import LARGEST_BYTES, UnfitModel
from qc.selectors import access_pixel_models, access_pixel_trainings
from qc.training_runs import cancel_training, retry_training, start_training


@require_safe
def pixel_models(request: HttpRequest) -> HttpResponse:
    """Versions with their figures, what there is to learn from, and runs; scripts follow a run by the part."""
    _require_sight(request)
    context = {"page": read_models_page(request.user)}
    return render_page(request, page="qc/models.html", part="qc/_models.html", context=context)


@require_POST
def pixel_models_train(request: HttpRequest) -> HttpResponse:
    _require_superuser(request, action="train pixel models")
    try:
        run = start_training(request.user)
    except (CannotTrain, UnfitModel) as error:
        messages.error(request, str(error))
        return redirect("pixel-models")
    return redirect("pixel-training", pk=run.pk)


@require_POST
def pixel_models_use(request: HttpRequest) -> HttpResponse:
    """Release a version, or roll back to one."""
    _require_superuser(request, action="switch pixel models")
    wanted = request.POST.get("version", "")
    is_number = wanted.isascii() and wanted.isdigit() and len(wanted) < 10
    model = PixelModel.objects.filter(version=int(wanted)).first() if is_number else None
    if model is None:
        messages.error(request, "There is no such version; choose one of the list.")
        return redirect("pixel-models")
    try:
        use_model(model, user=request.user)
    except NotReleasable as error:
        messages.error(request, f"Version {model.version} is not put to use. {error}")
    else:
        messages.success(request, f"Version {model.version} is in use. Scans that begin from now on use it.")
    return redirect("pixel-models")


@require_POST
def pixel_models_add(request: HttpRequest) -> HttpResponse:
    """Take in a model file that a person brings."""
    _require_superuser(request, action="add pixel models")
    uploaded = request.FILES.get("file")
    if uploaded is None or not uploaded.name:
        messages.error(request, "Choose a file first.")
        return redirect("pixel-models")
    try:
        # A byte more than fits tells one that is too large from one that just fits.
        model, is_new = add_version(uploaded.read(LARGEST_BYTES + 1), user=request.user, name=uploaded.name)
    except UnfitModel as error:
        messages.error(request, str(error))
    else:
        said = "is version" if is_new else "is here already: it is version"
        messages.success(request, f"{uploaded.name} {said} {model.version}.")
    return redirect("pixel-models")


@require_safe
def pixel_model_file(request: HttpRequest, pk: int) -> HttpResponse:
    """A version's file, to take elsewhere."""
    model = get_object_or_404(access_pixel_models(request.user).defer(None), pk=pk)
    response = HttpResponse(bytes(model.weights), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="pixel-{model.version}.npz"'
    return response


@require_safe
def pixel_training(request: HttpRequest, pk: int) -> HttpResponse:
    """A run with its curve; scripts follow it by the part."""
    run = _run(request, pk)
    context = {"page": read_run_page(run, now=timezone.now()), "may_change": request.user.is_superuser}
    return render_page(request, page="qc/training.html", part="qc/_training.html", context=context)


@require_safe
def pixel_training_curve(request: HttpRequest, pk: int) -> JsonResponse:
    run = _run(request, pk)
    return JsonResponse(
        {"state": run.state, "steps_done": run.steps_done, "steps_total": run.steps_total, "curve": run.curve}
    )


@require_POST
def pixel_training_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    return _change(request, pk, cancel_training, action="cancel trainings")


@require_POST
def pixel_training_retry(request: HttpRequest, pk: int) -> HttpResponse:
    return _change(request, pk, retry_training, action="try trainings again")


def _change(request: HttpRequest, pk: int, change: Any, *, action: str) -> HttpResponse:
    run = _run(request, pk)
    _require_superuser(request, action=action)
    try:
        change(run)
    except CannotTrain as error:
        messages.error(request, str(error))
    return redirect("pixel-training", pk=run.pk)


def _run(request: HttpRequest, pk: int) -> PixelTraining:
    runs = access_pixel_trainings(request.user).select_related("parent", "result", "created_by")
    return get_object_or_404(runs, pk=pk)


def _require_sight(request: HttpRequest) -> None:
    """Versions are for administrators; to others this page does not exist."""
    if not is_administrator(request.user):
        raise Http404("This page is for administrators.")


def _require_superuser(request: HttpRequest, *, action: str) -> None:
    if not request.user.is_superuser:
        _require_sight(request)
        raise PermissionDenied(f"Only people who run this installation may {action}.")
