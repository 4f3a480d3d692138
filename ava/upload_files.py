"""The bytes of uploads on their way in, and the end of those that nobody brings to an end."""

import shutil
import uuid
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from ava.messages import send_upload
from ava.models import Upload
from ava.workspaces import remove_abandoned_workspaces

UNFINISHED_FOR = timedelta(hours=24)  # how long an upload may rest before it is given up
OUTCOME_FOR = timedelta(days=7)  # how long the outcome of one can be asked for
UNHEARD_AFTER = timedelta(seconds=60)
_SUFFIX = ".part"


def partial_path(upload_id: uuid.UUID) -> Path:
    """Where the bytes of an upload lie until it is complete and taken in."""
    return Path(settings.AVA_UPLOAD_DIR) / f"{upload_id}{_SUFFIX}"


def free_bytes() -> int:
    """Room left on the disk that uploads go to."""
    folder = Path(settings.AVA_UPLOAD_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    return shutil.disk_usage(folder).free


def remove_stale_uploads() -> int:
    """Delete uploads given up, outcomes nobody asks for any more and whatever dead processes left half-made.

    Can be called at any time and from several processes at once; returns how many things were removed.
    """
    removed = _forget_uploads()
    kept = set(Upload.objects.filter(video=None, error="").values_list("pk", flat=True))
    for path in Path(settings.AVA_UPLOAD_DIR).glob(f"*{_SUFFIX}"):
        # A row is there before its file: a file without one belongs to nobody any more.
        if _id_of(path) not in kept and not Upload.objects.filter(pk=_id_of(path), video=None, error="").exists():
            path.unlink(missing_ok=True)
            removed += 1
    return removed + remove_abandoned_workspaces()


def resend_complete_uploads() -> int:
    """Send complete uploads to the workers again when none has answered for a minute; return how many.

    A message too many finds the upload held by another worker, or done, and does nothing.
    """
    unheard = Upload.objects.filter(
        received_bytes=F("size_bytes"), video=None, error="", updated_at__lt=Now() - UNHEARD_AFTER
    ).filter(created_at__gt=Now() - OUTCOME_FOR)
    upload_ids = list(unheard.values_list("pk", flat=True))
    Upload.objects.filter(pk__in=upload_ids).update(updated_at=Now())
    for upload_id in upload_ids:
        send_upload(str(upload_id))
    return len(upload_ids)


@transaction.atomic
def _forget_uploads() -> int:
    is_ended = Q(video__isnull=False) | ~Q(error="")
    given_up = ~is_ended & Q(received_bytes__lt=F("size_bytes")) & Q(updated_at__lt=Now() - UNFINISHED_FOR)
    outlived = Q(updated_at__lt=Now() - OUTCOME_FOR) | Q(created_at__lt=Now() - 2 * OUTCOME_FOR)
    # Rows that a request is writing to are locked, and therefore not stale.
    stale = Upload.objects.select_for_update(skip_locked=True, of=("self",)).filter(given_up | outlived)
    ids = list(stale.values_list("pk", flat=True))
    Upload.objects.filter(pk__in=ids).delete()
    return len(ids)


def _id_of(path: Path) -> uuid.UUID | None:
    try:
        return uuid.UUID(path.stem)
    except ValueError:
        return None
