"""A team's own weightings: saved under a name, made the usual one, taken away, brought back."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from ava.models import Team, Title, User
from ava.selectors import EDITING_ROLES, access_teams
from curation.models import RankingProfile
from curation.selectors import access_former_ranking_profiles, access_ranking_profiles
from curation.stills.weighting import Weighting

MOST_NAME = 60
MOST_PROFILES = 50
MOST_FORMER = 20
"""Replaced and deleted weightings of a team that are kept, the newest."""


class InvalidProfile(ValueError):
    """What was to be saved is no weighting of a team; the sentence says what would be one."""


def teams_to_save_for(user: User, *, title: Title) -> Sequence[Team]:
    """The title's teams in which the user edits, by name."""
    return list(access_teams(user, roles=EDITING_ROLES).filter(titles=title).order_by("name"))


def save_profile(
    team: Team, *, name: str, weighting: Weighting, user: User, is_default: bool = False
) -> RankingProfile:
    """Keep a weighting under a name for a team, in place of the one of that name, whatever its case, which can be
    brought back.

    `is_default` makes it the one that the team's boards open with, and no other. Raises InvalidProfile for a name that
    is empty, too long or not plain text, for weights of which none counts, and where a team has too many.
    """
    name = " ".join(name.split())
    _check(team, name=name, weighting=weighting)
    try:
        with transaction.atomic():
            Team.objects.select_for_update(no_key=True).values_list("pk").get(pk=team.pk)  # one after the other
            if is_default:
                team.ranking_profiles.filter(is_default=True).update(is_default=False)
            profile = _current(team).filter(name__iexact=name).first() or RankingProfile(team=team)
            _keep_former(profile)
            profile.name, profile.variety, profile.updated_by = name, weighting.variety, user
            profile.weights, profile.vector_weights = dict(weighting.weights), dict(weighting.vector_weights)
            profile.is_default = is_default
            profile.save()
    except IntegrityError as error:
        raise InvalidProfile("This team has a weighting of that name; choose another.") from error
    return profile


@transaction.atomic
def delete_profile(profile: RankingProfile) -> None:
    """Take a weighting away; it can be brought back."""
    Team.objects.select_for_update(no_key=True).values_list("pk").get(pk=profile.team_id)
    _keep_former(profile)
    profile.delete()


@transaction.atomic
def restore_profile(former: RankingProfile, *, user: User) -> RankingProfile:
    """Let a weighting that was replaced or deleted hold again; the one of its name that held can be brought back then.

    Raises InvalidProfile where the team has too many others by now.
    """
    weighting = Weighting(former.name, former.weights, former.variety, former.vector_weights)
    now = _current(former.team).filter(name__iexact=former.name).first()
    is_default = now.is_default if now else False
    profile = save_profile(former.team, name=former.name, weighting=weighting, user=user, is_default=is_default)
    former.delete()
    return profile


def _current(team: Team) -> QuerySet[RankingProfile]:
    return team.ranking_profiles.filter(is_current=True)


def _keep_former(profile: RankingProfile) -> None:
    """Keep what a saved weighting is, before it becomes something else."""
    if profile.pk is None:
        return
    former = RankingProfile.objects.get(pk=profile.pk)
    former.pk, former.is_current, former.is_default = None, False, False
    former.save()
    old = former.team.ranking_profiles.filter(is_current=False).order_by("-id").values_list("pk", flat=True)
    RankingProfile.objects.filter(pk__in=list(old[MOST_FORMER:])).delete()


def former_profiles(user: User, *, title: Title) -> QuerySet[RankingProfile]:
    """Replaced and deleted weightings of the title's teams that the user may bring back, the newest first."""
    former = access_former_ranking_profiles(user, roles=EDITING_ROLES).filter(team__titles=title)
    return former.select_related("team", "updated_by").order_by("-id")


def editable_profiles(user: User) -> set[int]:
    """Keys of the profiles that the user may change."""
    return set(access_ranking_profiles(user, roles=EDITING_ROLES).values_list("pk", flat=True))


def _check(team: Team, *, name: str, weighting: Weighting) -> None:
    if not name or "\0" in name:
        raise InvalidProfile("Give the weighting a name, such as its purpose.")
    if len(name) > MOST_NAME:
        raise InvalidProfile(f"A name has at most {MOST_NAME} characters; shorten it.")
    if not any(weight > 0 for weight in weighting.weights.values()):
        raise InvalidProfile("At least one part must weigh more than 0.")
    others = _current(team).exclude(name__iexact=name)
    if others.count() >= MOST_PROFILES:
        raise InvalidProfile(f"A team has at most {MOST_PROFILES} weightings; delete one first.")
