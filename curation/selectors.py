"""Reading stills and decisions; nothing is reached past `access_*`."""

from collections.abc import Iterable

from django.db.models import QuerySet

from ava.models import User, Video
from ava.selectors import access_videos
from curation.models import Decision, Still


def access_stills(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[Still]:
    return Still.objects.filter(video__in=access_videos(user, roles=roles))


def access_decisions(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[Decision]:
    return Decision.objects.filter(video__in=access_videos(user, roles=roles))


def still_files(videos: QuerySet[Video]) -> QuerySet[Still, str]:
    """Names of the stored previews of these films' stills."""
    return Still.objects.filter(video__in=videos).exclude(image="").values_list("image", flat=True)
