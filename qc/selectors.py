"""Reading what quality control keeps; nothing is reached past `access_*`."""

from collections.abc import Iterable

from django.db.models import QuerySet

from ava.models import Title, User
from ava.roles import is_administrator
from ava.selectors import access_titles, access_videos
from qc.models import ChunkScan, PixelDecision, PixelFlag, PixelModel, PixelTraining, WatchFolder


def access_pixel_flags(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[PixelFlag]:
    return PixelFlag.objects.filter(video__in=access_videos(user, roles=roles))


def access_pixel_decisions(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[PixelDecision]:
    return PixelDecision.objects.filter(flag__video__in=access_videos(user, roles=roles))


def access_chunk_scans(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[ChunkScan]:
    return ChunkScan.objects.filter(chunk__video__in=access_videos(user, roles=roles))


def access_watch_folders(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[WatchFolder]:
    return WatchFolder.objects.filter(title__in=access_titles(user, roles=roles))


def access_pixel_models(user: User) -> QuerySet[PixelModel]:
    """Versions are the installation's: administrators of any team see them, superusers switch them."""
    if not user.is_authenticated or not is_administrator(user):
        return PixelModel.objects.none()
    return PixelModel.objects.defer("weights")


def access_pixel_trainings(user: User) -> QuerySet[PixelTraining]:
    if not user.is_authenticated or not is_administrator(user):
        return PixelTraining.objects.none()
    return PixelTraining.objects.defer("checkpoint")


def count_open_flags(title: Title) -> int:
    """How many flags of a title nobody has judged; by an index, whatever their number. Who sees the title may know."""
    return PixelFlag.objects.filter(video__title=title, is_current=True, state=PixelFlag.State.OPEN).count()
