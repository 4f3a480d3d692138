"""Reading what search keeps; nothing is reached past `access_*`."""

from collections.abc import Iterable

from django.db.models import QuerySet

from ava.models import User
from ava.roles import is_administrator
from ava.selectors import access_teams, access_videos
from search.models import (
    Attribute,
    ContrastiveTraining,
    DialogueLine,
    Encoder,
    Reel,
    SavedSearch,
    ShotDescription,
    ShotLabel,
)


def access_shot_descriptions(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[ShotDescription]:
    return ShotDescription.objects.filter(video__in=access_videos(user, roles=roles))


def access_dialogue_lines(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[DialogueLine]:
    return DialogueLine.objects.filter(video__in=access_videos(user, roles=roles))


def access_shot_labels(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[ShotLabel]:
    return ShotLabel.objects.filter(video__in=access_videos(user, roles=roles))


def access_saved_searches(user: User) -> QuerySet[SavedSearch]:
    """A person's own."""
    return SavedSearch.objects.filter(user=user) if user.is_authenticated else SavedSearch.objects.none()


def access_reels(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[Reel]:
    return Reel.objects.filter(team__in=access_teams(user, roles=roles), is_deleted=False)


def access_deleted_reels(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[Reel]:
    """Reels that somebody deleted and that may be brought back."""
    return Reel.objects.filter(team__in=access_teams(user, roles=roles), is_deleted=True)


def access_attributes(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[Attribute]:
    return Attribute.objects.filter(team__in=access_teams(user, roles=roles), is_deleted=False)


def access_deleted_attributes(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[Attribute]:
    return Attribute.objects.filter(team__in=access_teams(user, roles=roles), is_deleted=True)


def access_encoders(user: User) -> QuerySet[Encoder]:
    """Encoders are the installation's: administrators of any team see them, superusers switch them."""
    if not user.is_authenticated or not is_administrator(user):
        return Encoder.objects.none()
    return Encoder.objects.defer("weights")


def access_contrastive_trainings(user: User) -> QuerySet[ContrastiveTraining]:
    if not user.is_authenticated or not is_administrator(user):
        return ContrastiveTraining.objects.none()
    return ContrastiveTraining.objects.defer("checkpoint")
