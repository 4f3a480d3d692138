"""The pages of model versions and training runs: administrators see them, people who run the installation act."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from ava.form_numbers import read_number
from ava.model_trainings import CannotTrain
from ava.page_parts import render_page
from ava.training_views import (
    file_to_save,
    require_sight,
    require_trainer,
    run_views,
    take_brought_file,
    tell_version,
)
from qc.model_pages import read_models_page, read_run_page
from qc.model_versions import NotReleasable, add_version, use_model
from qc.models import PixelModel, PixelTraining
from qc.pixel.model_file import LARGEST_BYTES, UnfitModel
from qc.selectors import access_pixel_models, access_pixel_trainings
from qc.training_runs import cancel_training, retry_training, start_training


@require_safe
def pixel_models(request: HttpRequest) -> HttpResponse:
    """Versions with their figures, what there is to learn from, and runs; scripts follow a run by the part."""
    require_sight(request)
    context = {"page": read_models_page(request.user)}
    return render_page(request, page="qc/models.html", part="qc/_models.html", context=context)


@require_POST
def pixel_models_train(request: HttpRequest) -> HttpResponse:
    require_trainer(request, action="train pixel models")
    try:
        run = start_training(request.user)
    except (CannotTrain, UnfitModel) as error:
        messages.error(request, str(error))
        return redirect("pixel-models")
    return redirect("pixel-training", pk=run.pk)


@require_POST
def pixel_models_use(request: HttpRequest) -> HttpResponse:
    """Release a version, or roll back to one."""
    require_trainer(request, action="switch pixel models")
    model = PixelModel.objects.filter(version=read_number(request.POST.get("version", ""))).first()
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
    require_trainer(request, action="add pixel models")

    def take(name: str, packed: bytes) -> str:
        model, is_new = add_version(packed, user=request.user, name=name)
        return tell_version(name, version=model.version, is_new=is_new)

    take_brought_file(request, take=take, unfit=UnfitModel, most_bytes=LARGEST_BYTES)
    return redirect("pixel-models")


@require_safe
def pixel_model_file(request: HttpRequest, pk: int) -> HttpResponse:
    """A version's file, to take elsewhere."""
    model = get_object_or_404(access_pixel_models(request.user).defer(None), pk=pk)
    return file_to_save(model.weights, name=f"pixel-{model.version}.npz")


def _run(request: HttpRequest, pk: int) -> PixelTraining:
    runs = access_pixel_trainings(request.user).select_related("parent", "result", "created_by")
    return get_object_or_404(runs, pk=pk)


pixel_trainings = run_views(
    _run,
    read_page=read_run_page,
    templates="qc/{}training.html",
    address="pixel-training",
    cancel=cancel_training,
    retry=retry_training,
)
