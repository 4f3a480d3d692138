"""Picture files described, on several cores where there are many."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2

from ava.annotate.processes import Report, map_in_processes
from ava.media.picture_file import UnusablePicture, read_picture
from curation.similarity.descriptor import PictureDescriptor, describe_picture

SUFFIXES = frozenset((
    ".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".avif", ".heic", ".heif",
))  # fmt: skip
"""Of a folder, files with these endings are read."""
FILES_A_PART = 100
LEAST_FOR_PROCESSES = 200


class DescribedFile(NamedTuple):
    """A file and its descriptor, or in a sentence why it has none."""

    path: Path
    descriptor: PictureDescriptor | None
    problem: str


def list_picture_files(folder: Path) -> list[Path]:
    """Files below a folder that end as pictures do, sorted; hidden ones are passed over."""
    files = (file for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
    return sorted(file for file in files if not any(part.startswith(".") for part in file.relative_to(folder).parts))


def describe_files(
    paths: Sequence[Path], *, processes: int = 1, report: Callable[[int], None] = lambda done: None
) -> list[DescribedFile]:
    """Read and describe files, in their order; a file that cannot be used is told, not raised."""
    parts = [paths[start : start + FILES_A_PART] for start in range(0, len(paths), FILES_A_PART)]
    used = processes if len(paths) >= LEAST_FOR_PROCESSES else 1
    done = map_in_processes(_describe_part, parts, size=len, processes=used, report=report)
    return [described for part in done for described in part]


def _describe_part(paths: Sequence[Path], report: Report) -> list[DescribedFile]:
    cv2.setNumThreads(1)
    described = []
    for number, path in enumerate(paths, start=1):
        described.append(_describe(path))
        report(number)
    return described


def _describe(path: Path) -> DescribedFile:
    try:
        return DescribedFile(path, describe_picture(read_picture(path)), "")
    except UnusablePicture as error:
        return DescribedFile(path, None, str(error))
