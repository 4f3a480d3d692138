"""The page of expression models, for the people who run the installation; to others it does not exist."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from ava.form_numbers import read_number
from ava.page_parts import render_page, wants_part
from curation import expression_page
from curation.expression_models import active_model, switches, use_model
from curation.expression_training import request_training, training_state
from curation.models import ExpressionModel

UNTRAINED = "geometry"
SHOWN_SWITCHES = 10


@require_safe
def expression_models(request: HttpRequest) -> HttpResponse:
    """Versions and their figures; scripts follow a training by the part."""
    _require_superuser(request)
    context = {
        "versions": expression_page.list_versions(),
        "active": active_model(),
        "examples": expression_page.count_examples(),
        "training": training_state(),
        "switches": switches()[:SHOWN_SWITCHES],
    }
    if not wants_part(request):
        best, lowest = expression_page.extreme_faces()
        context["face_groups"] = [("Rated best", best), ("Rated lowest", lowest)]
    return render_page(
        request, page="curation/expressions.html", part="curation/_expression_versions.html", context=context
    )


@require_POST
def expression_train(request: HttpRequest) -> HttpResponse:
    _require_superuser(request)
    request_training(request.user)
    return redirect("expression-models")


@require_POST
def expression_use(request: HttpRequest) -> HttpResponse:
    """Put a version to use, or the untrained score."""
    _require_superuser(request)
    wanted = request.POST.get("version", "")
    model = None
    if wanted != UNTRAINED:
        model = ExpressionModel.objects.filter(version=read_number(wanted)).first()
        if model is None:
            messages.error(request, "There is no such version; choose one of the list.")
            return redirect("expression-models")
    use_model(model, request.user)
    name = f"Version {model.version}" if model else "The untrained score"
    messages.success(request, f"{name} is in use. All faces are being rated again, film by film.")
    return redirect("expression-models")


def _require_superuser(request: HttpRequest) -> None:
    if not request.user.is_superuser:
        raise Http404("This page is for the people who run this installation.")
