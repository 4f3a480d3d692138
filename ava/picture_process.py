"""Reading pictures that strangers bring in a process of its own, which may crash, hang or run out of memory alone."""

from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from ava.decoder_process import DecoderDied, DecoderProcess
from ava.media.picture_copies import PICTURE_FILE, PREVIEW_FILE
from ava.media.picture_file import UnusablePicture

LONGEST_READ_S = 60.0


class PictureCopies(NamedTuple):
    """What was made of a picture: where its copies lie, its size in pixels, and sentences on how it was read."""

    picture: Path
    preview: Path
    width: int
    height: int
    remarks: list[str]


class PictureReader:
    """Reads one picture after the other; one that brings the process down costs a new process and nothing else."""

    def __init__(self) -> None:
        self._process: DecoderProcess | None = None

    def read(self, path: Path, *, name: str, folder: Path) -> PictureCopies:
        """Read an image file and write its copies into a folder; raises UnusablePicture, whatever the file does.

        Raises DecoderError when the disk is full, or for what else is no fault of the file.
        """
        if self._process is None or not self._process.is_alive:
            self.close()
            self._process = DecoderProcess()
        request = {"work": "picture", "path": str(path), "name": name, "folder": str(folder)}
        try:
            told = self._process.ask(request, silence_s=LONGEST_READ_S)
        except DecoderDied as error:
            raise UnusablePicture(
                f"{name} cannot be read: {error}. It is damaged or made in an unusual way; save it again."
            ) from error
        return PictureCopies(folder / PICTURE_FILE, folder / PREVIEW_FILE, **told)

    def close(self) -> None:
        """End the process at once."""
        if self._process is not None:
            self._process.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
