"""Pictures as a request brings them: how much it may bring, and where its files lie meanwhile."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from django.core.exceptions import TooManyFilesSent
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.http import HttpRequest

from ava.workspaces import workspace
from curation.artwork_import import MOST_BYTES, GivenFile

MOST_BYTES_OF_A_FORM = 2**18
"""What a request may hold beside the files."""
TITLE_GONE = "The title was deleted meanwhile; nothing was kept."


class UnusableUpload(Exception):
    """A request cannot be taken; the message says why and what to do."""


def refuse_too_large(request: HttpRequest) -> None:
    """Raise UnusableUpload before anything of a request is read that is larger than all that may be sent at once."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MOST_BYTES + MOST_BYTES_OF_A_FORM:
        raise UnusableUpload(f"That is more than {MOST_BYTES // 2**30} GB at once; send it in several parts.")


def sent_files(request: HttpRequest) -> list[UploadedFile]:
    """The files of a form; raises UnusableUpload when there are none, or more than Django takes at once."""
    try:
        files = request.FILES.getlist("files")
    except TooManyFilesSent as error:
        raise UnusableUpload("Send a hundred files at once at most, or pack them into a ZIP file.") from error
    if not files:
        raise UnusableUpload("Choose pictures or a ZIP file of them.")
    return files


@contextmanager
def as_given_files(files: Sequence[UploadedFile], *, paths: Sequence[str] = ()) -> Iterator[list[GivenFile]]:
    """The files of a form as paths to read; `paths` are the folders and names that scripts send along."""
    with workspace(stores="") as scratch, ExitStack() as opened:
        given = []
        for number, file in enumerate(files):
            opened.callback(file.close)
            path = paths[number] if number < len(paths) and paths[number] else file.name or ""
            given.append(GivenFile(path, _on_disk(file, scratch / str(number))))
        yield given


def _on_disk(file: UploadedFile, target: Path) -> Path:
    """Where a large upload lies already; a small one, which is in memory, is written to the target."""
    if isinstance(file, TemporaryUploadedFile):
        return Path(file.temporary_file_path())
    with target.open("wb") as copy:
        shutil.copyfileobj(file, copy)
    return target
