"""Places for files in the making, so that neither an error nor a dead process leaves anything half-made behind.

A workspace is a folder for scratch files and a note of the name under which the finished file goes to the
media storage. The process that works in it holds a lock on the note; a note that can be locked by another
belongs to a dead process, and what it names goes unless a video in the database refers to it.
"""

import fcntl
import logging
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import Error as DatabaseError
from django.db.models import Q

from ava.models import Video

logger = logging.getLogger(__name__)

_UNBORN_AFTER_S = 3600


def _folder() -> Path:
    return Path(settings.AVA_UPLOAD_DIR) / "making"


@contextmanager
def workspace(*, stores: str) -> Iterator[Path]:
    """A scratch folder for a file that will be stored under the name `stores`.

    When the block ends well, the stored file stays; when it raises, it is deleted, unless a video refers to it.
    """
    _folder().mkdir(parents=True, exist_ok=True)
    note = _folder() / f"{uuid.uuid4().hex}.name"
    scratch = note.with_suffix("")
    # The note gets its final name only when it is locked and written: before that, no clean-up looks at it.
    unborn = note.with_suffix(".new")
    with unborn.open("x") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(stores)
        file.flush()
        scratch.mkdir()
        unborn.rename(note)
        try:
            yield scratch
        except BaseException:
            try:
                _forget(stores)
            except (DatabaseError, OSError) as error:
                logger.warning("Left %s for the clean-up: %s", stores, error)
                raise
            _close(note)
            raise
        _close(note)


def remove_abandoned_workspaces() -> int:
    """Delete what dead processes had begun; return how many workspaces that were."""
    removed = 0
    for note in _folder().glob("*.name"):
        try:
            with note.open() as file:
                if _is_held(file):
                    continue
                _forget(file.read())
        except FileNotFoundError:
            continue  # its owner has just finished
        _close(note)
        removed += 1
    for unborn in _folder().glob("*.new"):
        if time.time() - unborn.stat().st_mtime > _UNBORN_AFTER_S:
            _close(unborn)
    return removed


def _is_held(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _forget(name: str) -> None:
    if name and not Video.objects.filter(Q(file=name) | Q(proxy=name)).exists():
        default_storage.delete(name)


def _close(note: Path) -> None:
    shutil.rmtree(note.with_suffix(""), ignore_errors=True)
    note.unlink(missing_ok=True)
