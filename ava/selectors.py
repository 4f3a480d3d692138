"""Reading. Every object that a person reaches comes through an `access_*` selector: outside it, it does not exist."""

from collections.abc import Iterable

from django.db.models import BinaryField, Exists, OuterRef, QuerySet

from ava.models import (
    Annotation,
    Chunk,
    Detection,
    Inspection,
    Job,
    Membership,
    Role,
    Shot,
    Team,
    Title,
    Upload,
    User,
    Video,
)


def access_teams(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[Team]:
    """Teams whose titles the user sees: their own, or every team for a superuser.

    With `roles`, those where the user holds one of these roles.
    """
    if not user.is_authenticated:
        return Team.objects.none()
    if user.is_superuser:
        return Team.objects.all()
    memberships = Membership.objects.filter(user=user, team=OuterRef("pk"))
    if roles is not None:
        memberships = memberships.filter(role__in=list(roles))
    return Team.objects.filter(Exists(memberships))


def access_titles(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[Title]:
    """Titles the user may see; with `roles`, those where the user holds one of these roles."""
    if not user.is_authenticated:
        return Title.objects.none()
    if user.is_superuser:
        return Title.objects.all()
    memberships = Membership.objects.filter(user=user, team__titles=OuterRef("pk"))
    if roles is not None:
        memberships = memberships.filter(role__in=list(roles))
    return Title.objects.filter(Exists(memberships))


def access_videos(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[Video]:
    return Video.objects.filter(title__in=access_titles(user, roles=roles))


def access_uploads(user: User) -> QuerySet[Upload]:
    """A person's own uploads, while they may still edit the title they go to."""
    return Upload.objects.filter(user=user, title__in=access_titles(user, roles=EDITING_ROLES))


def access_jobs(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[Job]:
    return Job.objects.filter(video__in=access_videos(user, roles=roles))


def access_chunks(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[Chunk]:
    return Chunk.objects.filter(video__in=access_videos(user, roles=roles))


def access_annotations(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[Annotation]:
    return Annotation.objects.filter(chunk__video__in=access_videos(user, roles=roles))


def access_inspections(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[Inspection]:
    return Inspection.objects.filter(video__in=access_videos(user, roles=roles))


def access_detections(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[Detection]:
    return Detection.objects.filter(inspection__video__in=access_videos(user, roles=roles))


def access_shots(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[Shot]:
    return Shot.objects.filter(video__in=access_videos(user, roles=roles))


def packed_fields(prefix: str = "") -> list[str]:
    """Fields of a Video that hold something for every frame: lists defer them, since no list shows them."""
    return [f"{prefix}{field.name}" for field in Video._meta.concrete_fields if isinstance(field, BinaryField)]


EDITING_ROLES = (Role.EDITOR, Role.ADMINISTRATOR)
REVIEWING_ROLES = (Role.REVIEWER,)
ADMINISTERING_ROLES = (Role.ADMINISTRATOR,)
