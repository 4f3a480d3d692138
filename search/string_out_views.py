"""Making a string-out of a title's film: permission, one call, and on to the reel's page."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from ava.form_answers import answer
from ava.models import Team, Title, User
from ava.page_parts import wants_json
from ava.selectors import EDITING_ROLES, access_teams, access_titles, access_videos
from search.reel_lengths import tell_proposed
from search.reels import InvalidReel
from search.string_out_wishes import read_wish
from search.string_outs import make_string_out
from search.views import REEL_IN_USE


@require_POST
def string_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose a string-out of one of the title's films and begin a reel with it."""
    title = get_object_or_404(access_titles(request.user), pk=pk)
    back = reverse("moments", args=[title.pk])
    try:
        wish = read_wish(request.POST)
        video = access_videos(request.user).select_related("title").filter(title=title, pk=wish.video).first()
        if video is None:
            raise InvalidReel("Choose a film of this title; this one may have been deleted meanwhile.")
        team = team_for(title, user=request.user, number=request.POST.get("team", ""))
        reel = make_string_out(video, wish, team=team, user=request.user, name=request.POST.get("name", ""))
    except InvalidReel as error:
        return answer(request, {"detail": str(error)}, fallback=back, status=400)
    request.session[REEL_IN_USE] = reel.pk
    address = reverse("reel", args=[reel.pk])
    told = {"reel": reel.pk, "name": reel.name, "url": address, "sentence": tell_proposed(reel, user=request.user)}
    answered = answer(request, told, fallback=address)
    return answered if wants_json(request) else redirect(address)


def team_for(title: Title, *, user: User, number: str = "") -> Team:
    """The team, of those of the title for which the user may make reels, that has this number, or the first by name.

    Raises PermissionDenied where there is none.
    """
    teams = access_teams(user, roles=EDITING_ROLES).filter(titles=title).order_by("name", "pk")
    team = next((team for team in teams if number in ("", str(team.pk))), None)
    if team is None:
        raise PermissionDenied("Only editors and administrators of one of the title's teams make string-outs.")
    return team
