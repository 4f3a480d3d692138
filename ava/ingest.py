"""How a film comes in: checked, probed apart, stored once under a name of ours, and sent to be analysed."""

import errno
import hashlib
import logging
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from ava.decoder_process import DecoderError, probe_apart
from ava.exclusive import exclusive
from ava.file_names import clean_name, safe_suffix
from ava.media.probe import UnusableVideo, VideoInfo
from ava.media.proxy import why_proxy
from ava.messages import send_proxy
from ava.models import Job, Title, Upload, User, Video
from ava.selectors import EDITING_ROLES, access_titles, access_videos
from ava.stored_content import MovableFile
from ava.upload_files import partial_path, remove_stale_uploads, resend_complete_uploads
from ava.video_facts import fields_from_info
from ava.workspaces import workspace

__all__ = [
    "Ingested",
    "NotStored",
    "UnusableVideo",
    "finish_upload",
    "ingest_file",
    "remove_stale_uploads",
    "resend_complete_uploads",
]

logger = logging.getLogger(__name__)

_PIECE_BYTES = 4 * 2**20
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Ingested(NamedTuple):
    """The video that a file became; `is_duplicate` when it was there already and nothing was kept twice."""

    video: Video
    is_duplicate: bool


class NotStored(Exception):
    """A usable file could not be kept; the text is one sentence for the person who brought it."""


def ingest_file(
    path: Path,
    *,
    title: Title,
    original_name: str,
    user: User | None,
    keep_source: bool = False,
    file_id: uuid.UUID | None = None,
    on_progress: Callable[[float], None] | None = None,
    kind: str = Job.Kind.ANALYSIS,
) -> Ingested:
    """Add the film at `path` to a title and start its analysis, or with the kind "scan" only a scan of it.

    Without `keep_source` the file is consumed: moved into the media storage, or deleted when it is refused or
    there already. A file counts as there when the title has it, or when another title has it that the user
    may see (for the shell, where `user` is None: one of the same teams). `file_id` names the stored file.
    on_progress is called with the fraction of the file read, 0–1.
    Raises UnusableVideo when the file is no usable film and NotStored when it cannot be kept; in neither case
    anything is left behind. Errors of the database leave `path` as it was, to be tried again.
    """
    shown_name = clean_name(original_name)
    try:
        with _sentences(path, shown_name=shown_name):
            ingested = _ingest(
                path, title=title, shown_name=shown_name, user=user, keep_source=keep_source,
                file_id=file_id or uuid.uuid4(), on_progress=on_progress, kind=kind,
            )  # fmt: skip
    except (UnusableVideo, NotStored):
        if not keep_source:
            path.unlink(missing_ok=True)
        raise
    if not keep_source:
        path.unlink(missing_ok=True)
    return ingested


def _ingest(
    path: Path,
    *,
    title: Title,
    shown_name: str,
    user: User | None,
    keep_source: bool,
    file_id: uuid.UUID,
    on_progress: Callable[[float], None] | None,
    kind: str,
) -> Ingested:
    before = path.stat() if path.is_file() else None
    if before is None or before.st_size == 0:
        probe_apart(path)  # says what is wrong with it
        raise UnusableVideo(f"{path.name} is empty (0 bytes); upload it again.")
    checksum = _checksum(path)
    existing = _existing(checksum, title=title, user=user)
    if existing is not None:
        return Ingested(existing, is_duplicate=True)
    info = probe_apart(path, on_progress=on_progress)
    video = Video(
        title=title, original_name=shown_name, sha256=checksum, size_bytes=before.st_size, created_by=user,
        **fields_from_info(info),
    )  # fmt: skip
    video.file.name = video.file.field.generate_filename(video, f"{file_id}{safe_suffix(shown_name)}")
    try:
        _keep(video, path, info=info, before=before, keep_source=keep_source, kind=kind)
    except IntegrityError:
        existing = Video.objects.filter(title=title, sha256=checksum).first()
        if existing is None:
            raise
        return Ingested(existing, is_duplicate=True)  # the same file came in twice at the same time
    return Ingested(video, is_duplicate=False)


def _keep(
    video: Video, path: Path, *, info: VideoInfo, before: os.stat_result, keep_source: bool, kind: str
) -> None:
    """Store row, job and file in one transaction: the rows first, since whatever they refuse costs nothing."""
    from ava.services import start_analysis

    name = video.file.name
    video.proxy_reason = (why_proxy(info) or "")[:300]
    video.proxy_sent_at = timezone.now() if video.proxy_reason else None
    with workspace(stores=name), transaction.atomic():
        video.save()
        start_analysis(video, user=video.created_by, kind=kind)
        if video.proxy_reason:
            send_proxy(video.pk)
        with path.open("rb") as source:
            content = File(source) if keep_source else MovableFile(source, path=path)
            if default_storage.save(name, content) != name:
                raise NotStored(f"{path.name} could not be stored: its place is taken. Try again.")
        if keep_source:
            now = path.stat()
            if (now.st_size, now.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
                raise NotStored(f"{path.name} was changed while it was read; bring it again when it is finished.")


def _existing(checksum: str, *, title: Title, user: User | None) -> Video | None:
    """The same file in this title, else in another that this person may know of."""
    same: QuerySet[Video] = Video.objects.filter(sha256=checksum)
    if user is not None:
        known = access_videos(user).filter(sha256=checksum)
    else:
        known = same.filter(title__teams__in=title.teams.all()).distinct()
    return same.filter(title=title).first() or known.order_by("id").first()


def _checksum(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while piece := file.read(_PIECE_BYTES):
            digest.update(piece)
    return digest.hexdigest()


@contextmanager
def _sentences(path: Path, *, shown_name: str) -> Iterator[None]:
    """Turn what can go wrong with a file into sentences that call it by the name its owner knows."""
    try:
        yield
    except (UnusableVideo, NotStored) as error:
        raise type(error)(str(error).replace(path.name, shown_name)) from error
    except (OSError, DecoderError) as error:
        if error.errno in _NO_ROOM:
            raise NotStored(
                f"The server's disk has no room left for {shown_name}; free some space and bring it again."
            ) from error
        if isinstance(error, OSError):
            reason = error.strerror or str(error)
            raise NotStored(f"{shown_name} could not be read or stored ({reason}); try again.") from error
        raise


def finish_upload(upload_id: str) -> None:
    """Turn a complete upload into a video, or note on it why that cannot be. Safe to call any number of times."""
    with exclusive(f"upload {upload_id}") as is_mine:
        upload = Upload.objects.select_related("title", "user").filter(pk=upload_id, video=None, error="").first()
        if not is_mine or upload is None or upload.received_bytes < upload.size_bytes:
            return
        try:
            ingested = _take_in(upload)
        except (UnusableVideo, NotStored) as error:
            _close(upload, error=str(error))
        except (OperationalError, InterfaceError):
            raise  # the database is away; the upload waits as it is until it is sent again
        except Exception:
            _close(upload, error=f"{upload.original_name} could not be taken in because of an error in AVA; try again.")
            raise
        else:
            Upload.objects.filter(pk=upload.pk).update(video=ingested.video, is_duplicate=ingested.is_duplicate)


def _take_in(upload: Upload) -> Ingested:
    path = partial_path(upload.pk)
    if not path.exists():
        # A worker may have died between storing the film and saying so: the stored file bears the upload's id.
        stored = Video.objects.filter(title=upload.title, file__contains=str(upload.pk)).first()
        if stored is None:
            raise NotStored(f"{upload.original_name} was lost on the server before it was checked; upload it again.")
        return Ingested(stored, is_duplicate=False)
    if path.stat().st_size != upload.size_bytes:
        raise NotStored(f"{upload.original_name} arrived damaged; upload it again.")
    if not access_titles(upload.user, roles=EDITING_ROLES).filter(pk=upload.title_id).exists():
        raise NotStored("You may no longer add films to this title; ask an administrator of its team.")
    return ingest_file(
        path, title=upload.title, original_name=upload.original_name, user=upload.user, file_id=upload.pk
    )


def _close(upload: Upload, *, error: str) -> None:
    partial_path(upload.pk).unlink(missing_ok=True)
    Upload.objects.filter(pk=upload.pk).update(error=error[:500])
