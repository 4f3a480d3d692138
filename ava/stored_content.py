"""Handing files to the media storage without copying them where they can be moved."""

from pathlib import Path
from typing import BinaryIO

from django.core.files import File


class MovableFile(File):  # type: ignore[type-arg]
    """An open file that local storage moves into place, and object storage reads; its path is free afterwards."""

    def __init__(self, file: BinaryIO, *, path: Path) -> None:
        super().__init__(file, name=path.name)
        self._path = path

    def temporary_file_path(self) -> str:
        """Where the file lies; Django's local storage takes it from there."""
        return str(self._path)
