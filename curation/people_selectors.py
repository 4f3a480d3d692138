"""Reading characters, tracks and faces; nothing is reached past `access_*`."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from ava.models import Title, User, Video
from ava.selectors import access_titles, access_videos
from curation.models import Character, Face, FaceTrack, PeopleAction


def cast_scope(title: Title) -> Title:
    """The title that a title's characters belong to: the series of an episode, what a trailer advertises, or itself."""
    while title.parent is not None:
        title = title.parent
    return title


def titles_in_scope(scope: Title) -> QuerySet[Title]:
    """A film or series with all that belongs to it: episodes, and the trailers of either."""
    return Title.objects.filter(Q(pk=scope.pk) | Q(parent=scope) | Q(parent__parent=scope))


def access_cast_videos(user: User, title: Title) -> QuerySet[Video]:
    """The videos whose people a title's page shows: its own, and for a series also those of episodes the user sees."""
    mine = Q(title=title)
    if title.kind == Title.Kind.SERIES:
        mine |= Q(title__parent=title, title__kind=Title.Kind.EPISODE)
    return access_videos(user).filter(mine)


def access_characters(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[Character]:
    """Characters of the films and series that the user sees, or of which they see an episode or a trailer."""
    return Character.objects.filter(_sees_scope(user, roles=roles))


def access_face_tracks(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[FaceTrack]:
    return FaceTrack.objects.filter(video__in=access_videos(user, roles=roles))


def access_faces(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[Face]:
    return Face.objects.filter(track__video__in=access_videos(user, roles=roles))


def access_people_actions(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[PeopleAction]:
    """What was done to the casts that the user sees."""
    return PeopleAction.objects.filter(_sees_scope(user, roles=roles))


def _sees_scope(user: User, *, roles: Iterable[str] | None) -> Exists:
    """Whether the user sees anything of the scope of a row."""
    in_scope = Q(pk=OuterRef("scope")) | Q(parent=OuterRef("scope")) | Q(parent__parent=OuterRef("scope"))
    return Exists(access_titles(user, roles=roles).filter(in_scope))
