"""Deleting films and titles with everything that belongs to them, files included.

Rows go in one transaction, which also stops whatever works on them; files go when it is committed, so that
nothing in the database ever refers to a file that is gone. Apps that store files of their own for a film register
how to list them; `ava` knows none of them by name.
"""

from collections.abc import Callable, Iterable

from django.db import transaction
from django.db.models import QuerySet

from ava.filmstrip import filmstrip_name
from ava.models import ACTIVE_STATES, Job, Title, Video
from ava.services import cancel_job
from ava.stored_content import delete_stored

ListFiles = Callable[[QuerySet[Video]], Iterable[str]]
_registered: list[ListFiles] = []


def register(list_files: ListFiles) -> None:
    """Have the stored files that `list_files(videos)` names deleted with the videos; called from `AppConfig.ready`."""
    _registered.append(list_files)


@transaction.atomic
def delete_videos(videos: QuerySet[Video]) -> None:
    """Delete films with their jobs, measurements, shots, stills, decisions and files."""
    chosen = Video.objects.filter(pk__in=list(videos.order_by().values_list("pk", flat=True)))
    _wait_for_turns(Title.objects.filter(videos__in=chosen))
    # Rows that refer to a film are written while it is held: none comes in between finding them and the end.
    list(chosen.select_for_update().order_by("pk").values_list("pk"))
    for job in Job.objects.filter(video__in=chosen, state__in=ACTIVE_STATES):
        cancel_job(job)
    names = {name for list_files in (_film_files, *_registered) for name in list_files(chosen) if name}
    chosen.delete()
    transaction.on_commit(lambda: _delete_files(names))


@transaction.atomic
def delete_titles(titles: QuerySet[Title]) -> None:
    """Delete titles with their films. Raises ProtectedError while episodes or trailers depend on one of them."""
    chosen = Title.objects.filter(pk__in=list(titles.order_by().values_list("pk", flat=True)))
    _wait_for_turns(chosen)
    delete_videos(Video.objects.filter(title__in=chosen))
    chosen.delete()


def _wait_for_turns(titles: QuerySet[Title]) -> None:
    """Let whoever decides on something of the titles finish; who comes later finds it gone (see `ava.turns`)."""
    list(Title.objects.filter(pk__in=titles.values("pk")).select_for_update().order_by("pk").values_list("pk"))


def _film_files(videos: QuerySet[Video]) -> Iterable[str]:
    for stored in videos.values_list("file", "proxy"):
        yield from stored
    for video_id, index in videos.exclude(chunks=None).values_list("pk", "chunks__index"):
        yield filmstrip_name(video_id, index)


def _delete_files(names: Iterable[str]) -> None:
    for name in names:
        delete_stored(name)
