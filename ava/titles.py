"""Writing titles: which teams see one is decided here, for the pages, the API and the admin console alike."""

from collections.abc import Collection

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from ava.models import Team, Title, User
from ava.selectors import EDITING_ROLES, access_teams


@transaction.atomic
def save_title(title: Title, *, user: User, teams: Collection[Team] | None = None) -> Title:
    """Check and store a title; `teams`, when given, become those of the user's teams that see it.

    Teams the user is not in stay as they are: nobody takes a title from people they do not know of.
    Raises ValidationError, and PermissionDenied when a team is given or taken that the user may not decide on.
    """
    if title.pk is None and not teams:
        raise ValidationError({"teams": "Choose at least one team; without one nobody sees the title."})
    wanted = None if teams is None else _teams_after(title, user=user, teams=set(teams))
    if title.pk is None:
        title.created_by = user
    title.full_clean()
    title.save()
    if wanted is not None:
        title.teams.set(wanted)
    return title


def _teams_after(title: Title, *, user: User, teams: set[Team]) -> set[Team]:
    before = set(title.teams.all()) if title.pk else set()
    visible = set(access_teams(user))
    added, taken = teams - before, (before & visible) - teams
    if (added | taken) - set(access_teams(user, roles=EDITING_ROLES)):
        raise PermissionDenied("Only editors and administrators of a team may give it a title or take one from it.")
    if not teams:
        raise ValidationError({"teams": "Choose at least one team; without one nobody sees the title."})
    return teams | (before - visible)
