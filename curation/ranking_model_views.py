"""The page of a team's ranking models: editors train versions, administrators of the team put them to use."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from ava.form_numbers import read_number
from ava.models import Team
from ava.page_parts import render_page
from ava.selectors import ADMINISTERING_ROLES, EDITING_ROLES, access_teams
from curation.models import RankingModel
from curation.ranking_model_page import read_ranking_models_page
from curation.ranking_model_tasks import request_training
from curation.ranking_models import NotBetter, stop_using, use_model

WEIGHTS = "weights"


@require_safe
def ranking_models(request: HttpRequest) -> HttpResponse:
    """Versions of the team that `?team=` names, with their figures; scripts follow a training by the part."""
    page = read_ranking_models_page(request.user, team_id=request.GET.get("team", ""))
    return render_page(
        request,
        page="curation/ranking_models.html",
        part="curation/_ranking_versions.html",
        context={"page": page},
    )


@require_POST
def ranking_models_train(request: HttpRequest) -> HttpResponse:
    team = _team(request)
    if not access_teams(request.user, roles=EDITING_ROLES).filter(pk=team.pk).exists():
        raise PermissionDenied("Only editors and administrators of this team may train its ranking model.")
    request_training(team, user=request.user)
    return _to_page(team)


@require_POST
def ranking_models_use(request: HttpRequest) -> HttpResponse:
    """Put a version to use, or the weights alone."""
    team = _team(request)
    if not access_teams(request.user, roles=ADMINISTERING_ROLES).filter(pk=team.pk).exists():
        raise PermissionDenied("Only administrators of this team may switch its ranking model.")
    wanted = request.POST.get("version", "")
    if wanted == WEIGHTS:
        stop_using(team, user=request.user)
        messages.success(request, "The current weights alone order the boards again.")
        return _to_page(team)
    model = RankingModel.objects.filter(team=team, version=read_number(wanted)).select_related("team").first()
    if model is None:
        messages.error(request, "There is no such version; choose one of the list.")
        return _to_page(team)
    try:
        use_model(model, user=request.user)
    except NotBetter as error:
        messages.error(request, f"Version {model.version} is not put to use. {error}")
    else:
        messages.success(request, f"Version {model.version} is in use on the boards of {team}.")
    return _to_page(team)


def _team(request: HttpRequest) -> Team:
    team = access_teams(request.user).filter(pk=read_number(request.POST.get("team", ""))).first()
    if team is None:
        raise Http404("There is no such team, or you are not in it.")
    return team


def _to_page(team: Team) -> HttpResponse:
    return redirect(f"{reverse('ranking-models')}?team={team.pk}")
