"""The pages of rankers of moments and of their trainings: administrators see them, people who run AVA act."""

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
from curation.models import MomentRanker, MomentTraining
from curation.moment_bringing import bring_ranker
from curation.moment_model_pages import read_models_page, read_run_page
from curation.moment_runs import cancel_training, retry_training, start_training
from curation.moment_versions import NotReleasable, use_ranker
from curation.moments.ranker_file import LARGEST_BYTES, UnfitRanker
from curation.selectors import access_moment_rankers, access_moment_trainings

PRIOR = "prior"


@require_safe
def moment_models(request: HttpRequest) -> HttpResponse:
    """Versions with their figures, what there is to learn from, and runs; scripts follow a run by the part."""
    require_sight(request)
    context = {"page": read_models_page(request.user)}
    return render_page(
        request, page="curation/moment_models.html", part="curation/_moment_models.html", context=context
    )


@require_POST
def moment_models_train(request: HttpRequest) -> HttpResponse:
    require_trainer(request, action="train rankers of moments")
    try:
        run = start_training(request.user)
    except CannotTrain as error:
        messages.error(request, str(error))
        return redirect("moment-models")
    return redirect("moment-training", pk=run.pk)


@require_POST
def moment_models_use(request: HttpRequest) -> HttpResponse:
    """Release a version, or go back to one, or to the prior."""
    require_trainer(request, action="switch rankers of moments")
    wanted = request.POST.get("version", "")
    ranker = None
    if wanted != PRIOR:
        ranker = MomentRanker.objects.defer("weights").filter(version=read_number(wanted)).first()
        if ranker is None:
            messages.error(request, "There is no such version; choose one of the list.")
            return redirect("moment-models")
    try:
        use_ranker(ranker, user=request.user)
    except NotReleasable as error:
        messages.error(request, f"Version {wanted} is not put to use. {error}")
    else:
        name = f"Version {ranker.version}" if ranker else "The prior"
        messages.success(request, f"{name} ranks the moments of every film from now on.")
    return redirect("moment-models")


@require_POST
def moment_models_add(request: HttpRequest) -> HttpResponse:
    """Take in a ranker that a person brings."""
    require_trainer(request, action="add rankers of moments")

    def take(name: str, packed: bytes) -> str:
        ranker, is_new = bring_ranker(packed, name=name, user=request.user)
        return tell_version(name, version=ranker.version, is_new=is_new)

    take_brought_file(request, take=take, unfit=UnfitRanker, most_bytes=LARGEST_BYTES)
    return redirect("moment-models")


@require_safe
def moment_model_file(request: HttpRequest, pk: int) -> HttpResponse:
    """A version's file, to take elsewhere: it tells of titles of all teams."""
    ranker = get_object_or_404(access_moment_rankers(request.user).defer(None), pk=pk)
    require_trainer(request, action="take files of rankers")
    return file_to_save(ranker.weights, name=f"moments-{ranker.version}.safetensors")


def _run(request: HttpRequest, pk: int) -> MomentTraining:
    runs = access_moment_trainings(request.user).select_related("parent", "result", "created_by")
    return get_object_or_404(runs.defer("checkpoint", "parent__weights", "result__weights"), pk=pk)


moment_trainings = run_views(
    _run,
    read_page=read_run_page,
    templates="curation/{}moment_training.html",
    address="moment-training",
    cancel=cancel_training,
    retry=retry_training,
)
