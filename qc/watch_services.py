"""Setting up watched folders: superusers choose them, administrators of the title's team may pause them."""

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet

from ava.models import Title, User
from ava.roles import is_administrator
from qc.models import WatchedFile, WatchFolder
from qc.watch_paths import UnfitFolder, fitting_folder


def require_watch_reader(user: User) -> None:
    """Raise PermissionDenied with a sentence unless the user runs the installation or administers a team."""
    if not is_administrator(user):
        raise PermissionDenied("Only administrators see which folders are watched.")


def require_watch_keeper(user: User) -> None:
    """Raise PermissionDenied with a sentence unless the user runs the installation."""
    if not user.is_superuser:
        raise PermissionDenied("Only people who run this installation choose which folders are watched.")


def with_counts(folders: QuerySet[WatchFolder]) -> QuerySet[WatchFolder]:
    """Folders by path, each with `growing_count`, `taken_count` and `refused_count` of its files."""
    counts = {f"{state}_count": Count("files", filter=Q(files__state=state)) for state in WatchedFile.State.values}
    return folders.select_related("title__parent", "created_by").annotate(**counts).order_by("path")


def save_folder(
    folder: WatchFolder, *, path: str, title: Title, analyses_too: bool, is_active: bool = True, user: User
) -> WatchFolder:
    """Store a new folder or a changed one. Raises UnfitFolder, with a sentence, for a path that may not be watched."""
    others = WatchFolder.objects.exclude(pk=folder.pk).values_list("path", flat=True)
    folder.path = str(fitting_folder(path, others=list(others)))
    folder.title, folder.analyses_too, folder.is_active = title, analyses_too, is_active
    folder.error, folder.looked_at = "", None
    folder.created_by = folder.created_by or user
    try:
        with transaction.atomic():
            folder.save()
    except IntegrityError as error:  # somebody else was quicker
        raise UnfitFolder(f"{path} is watched already, and every file is taken in once.") from error
    return folder


def pause_folder(folder: WatchFolder, *, is_active: bool) -> None:
    """Take nothing in from a folder until it goes on."""
    WatchFolder.objects.filter(pk=folder.pk).update(is_active=is_active, error="", looked_at=None)
