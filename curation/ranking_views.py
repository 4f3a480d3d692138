"""The board's order as JSON, and the weightings that teams keep: permission, one call, response."""

from typing import Any

import numpy as np
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from ava.form_answers import answer
from ava.models import Team, Title, User, Video
from ava.roles import require_editor
from ava.selectors import EDITING_ROLES, access_titles
from curation.board_order import order_board, part_percentages
from curation.pages import choose_video
from curation.ranking_profiles import (
    InvalidProfile,
    delete_profile,
    restore_profile,
    save_profile,
    teams_to_save_for,
)
from curation.selectors import access_former_ranking_profiles, access_ranking_profiles
from curation.weighting_query import read_weighting

_ACTION = "keep its weightings"


@require_safe
def stills_order(request: HttpRequest, pk: int) -> HttpResponse:
    """The film's stills under the weighting of the address, best first."""
    title = get_object_or_404(access_titles(request.user), pk=pk)
    _, video = choose_video(title, video_id=request.GET.get("video", ""))
    if video is None:
        raise Http404
    weighting = read_weighting(request.GET, user=request.user, title=title)
    return JsonResponse(order_json(video, order_board(video, weighting), weighting=weighting))


def order_json(video: Video, ordered: Any, *, weighting: Any) -> dict[str, Any]:
    """An order as scripts read it: scores to four places, weights in percent."""
    return {
        "video": video.pk,
        "purpose": weighting.name,
        "variety": weighting.variety,
        "percent": {part: round(share, 2) for part, share in part_percentages(weighting).items()},
        "frames": ordered.frames.tolist(),
        "scores": np.round(ordered.scores.astype(np.float64), 4).tolist(),
    }


@require_POST
def ranking_profile_save(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the weighting of the form for a team; back to the board, which shows it."""
    title = get_object_or_404(access_titles(request.user), pk=pk)
    require_editor(request.user, title_id=pk, action=_ACTION)
    try:
        profile = save_profile(
            _chosen_team(request.user, title=title, given=request.POST.get("team", "")),
            name=request.POST.get("name", ""),
            weighting=read_weighting(request.POST, user=request.user, title=title),
            user=request.user,
            is_default=request.POST.get("is_default") == "on",
        )
    except InvalidProfile as error:
        return answer(request, {"detail": str(error)}, fallback=reverse("stills", args=[pk]), status=400)
    told = {"sentence": f"“{profile.name}” is kept for {profile.team}.", "id": profile.pk, "purpose": profile.name}
    return answer(request, told, fallback=reverse("stills", args=[pk]))


@require_POST
def ranking_profile_delete(request: HttpRequest, pk: int) -> HttpResponse:
    profile = get_object_or_404(access_ranking_profiles(request.user).select_related("team"), pk=pk)
    if not access_ranking_profiles(request.user, roles=EDITING_ROLES).filter(pk=pk).exists():
        raise PermissionDenied("Only editors and administrators of this team may delete its weightings.")
    delete_profile(profile)
    told = {"sentence": f"“{profile.name}” of {profile.team} is deleted. It can be brought back below."}
    return answer(request, told, fallback=reverse("titles"))


@require_POST
def ranking_profile_restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring back a weighting that was replaced or deleted."""
    former = get_object_or_404(access_former_ranking_profiles(request.user).select_related("team"), pk=pk)
    if not access_former_ranking_profiles(request.user, roles=EDITING_ROLES).filter(pk=pk).exists():
        raise PermissionDenied("Only editors and administrators of this team may bring its weightings back.")
    try:
        profile = restore_profile(former, user=request.user)
    except InvalidProfile as error:
        return answer(request, {"detail": str(error)}, fallback=reverse("titles"), status=400)
    told = {"sentence": f"“{profile.name}” of {profile.team} is as it was.", "id": profile.pk, "purpose": profile.name}
    return answer(request, told, fallback=reverse("titles"))


def _chosen_team(user: User, *, title: Title, given: str) -> Team:
    """The team that the form names, or the first of the title's teams in which the user edits."""
    teams = teams_to_save_for(user, title=title)
    chosen = next((team for team in teams if str(team.pk) == given), None) if given else next(iter(teams), None)
    if chosen is None:
        raise InvalidProfile("Choose one of this title's teams in which you are an editor.")
    return chosen
