"""The pages of encoders and training runs: administrators see them, people who run the installation act."""

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
)
from search.contrastive_runs import cancel_training, retry_training, start_training
from search.embed.encoder import UnusableEncoder
from search.encoder_bringing import bring_towers
from search.encoder_pages import read_encoders_page, read_run_page
from search.encoder_versions import NotReleasable, release, withdraw
from search.models import ContrastiveTraining, Encoder
from search.selectors import access_contrastive_trainings, access_encoders
from search.train.towers_file import LARGEST_BYTES


@require_safe
def encoders(request: HttpRequest) -> HttpResponse:
    """Encoders with what they have embedded, what there is to learn from, and runs; scripts follow by the part."""
    require_sight(request)
    context = {"page": read_encoders_page(request.user)}
    return render_page(request, page="search/encoders.html", part="search/_encoders.html", context=context)


@require_POST
def encoders_train(request: HttpRequest) -> HttpResponse:
    require_trainer(request, action="train encoders")
    parent = _chosen(request.POST.get("parent", ""))
    if parent is None:
        messages.error(request, "There is no such encoder; choose one of the list.")
        return redirect("encoders")
    try:
        run = start_training(request.user, parent=parent, variant=request.POST.get("variant", "frozen"))
    except CannotTrain as error:
        messages.error(request, str(error))
        return redirect("encoders")
    return redirect("encoder-training", pk=run.pk)


@require_POST
def encoder_release(request: HttpRequest, pk: int) -> HttpResponse:
    """Release a version, or go back to one."""
    encoder = _encoder(request, pk)
    require_trainer(request, action="switch encoders")
    try:
        encoder = release(encoder, user=request.user)
    except NotReleasable as error:
        messages.error(request, f"{encoder} is not put to use. {error}")
    else:
        later = "Every shot gets a vector of it now; it serves as soon as all have one."
        messages.success(request, f"{encoder} serves." if encoder.is_serving else f"{encoder} is released. {later}")
    return redirect("encoders")


@require_POST
def encoder_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Have searches do without an encoder, or give up its release."""
    encoder = _encoder(request, pk)
    require_trainer(request, action="switch encoders")
    try:
        withdraw(encoder, user=request.user)
    except NotReleasable as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{encoder} is not used any more; its vectors are kept.")
    return redirect("encoders")


@require_POST
def encoder_add(request: HttpRequest) -> HttpResponse:
    """Take in trained towers that a person brings."""
    require_trainer(request, action="add encoders")
    take_brought_file(
        request,
        take=lambda name, packed: f"{name} is {bring_towers(packed, name=name, user=request.user)}.",
        unfit=UnusableEncoder,
        most_bytes=LARGEST_BYTES,
    )
    return redirect("encoders")


@require_safe
def encoder_file(request: HttpRequest, pk: int) -> HttpResponse:
    """A trained version's file, to take elsewhere."""
    rows = access_encoders(request.user).filter(kind=Encoder.Kind.TRAINED, weights__isnull=False)
    encoder = get_object_or_404(rows.defer(None), pk=pk)
    return file_to_save(encoder.weights, name=f"{encoder.name}-{encoder.version}.safetensors")


def _chosen(wanted: str) -> Encoder | None:
    number = read_number(wanted)
    return None if number is None else Encoder.objects.defer("weights").filter(pk=number).first()


def _encoder(request: HttpRequest, pk: int) -> Encoder:
    return get_object_or_404(access_encoders(request.user), pk=pk)


def _run(request: HttpRequest, pk: int) -> ContrastiveTraining:
    runs = access_contrastive_trainings(request.user).select_related("parent", "result", "created_by")
    return get_object_or_404(runs.defer("checkpoint", "parent__weights", "result__weights"), pk=pk)


encoder_trainings = run_views(
    _run,
    read_page=read_run_page,
    templates="search/{}training.html",
    address="encoder-training",
    cancel=cancel_training,
    retry=retry_training,
)
