"""Files in the media storage: handed to it without copying them where they can be moved, and taken from it."""

import logging
from pathlib import Path
from typing import BinaryIO

from django.core.files import File
from django.core.files.storage import default_storage

logger = logging.getLogger(__name__)


class MovableFile(File):  # type: ignore[type-arg]
    """An open file that local storage moves into place, and object storage reads; its path is free afterwards."""

    def __init__(self, file: BinaryIO, *, path: Path) -> None:
        super().__init__(file, name=path.name)
        self._path = path

    def temporary_file_path(self) -> str:
        """Where the file lies; Django's local storage takes it from there."""
        return str(self._path)


def store_made(path: Path, *, name: str) -> None:
    """Move a file that a worker made into the storage, in place of one that a worker stored before it died."""
    default_storage.delete(name)
    with path.open("rb") as content:
        default_storage.save(name, MovableFile(content, path=path))


def delete_stored(name: str) -> None:
    """Delete a stored file whose row is gone; where it cannot be deleted, the log tells."""
    try:
        default_storage.delete(name)
    except OSError as error:
        logger.warning("The stored file %s could not be deleted: %s", name, error)
