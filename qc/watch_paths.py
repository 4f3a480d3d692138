"""Which folders of this machine may be watched, and which of their files are clips."""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from ava.file_names import safe_suffix

MOST_CLIPS = 20_000
LONGEST_PATH = 500


class UnfitFolder(ValueError):
    """A folder that cannot be watched; the sentence says why."""


class Clip(NamedTuple):
    """A file as it was found: its path below the folder, its size and its time of change."""

    name: str
    size_bytes: int
    modified_ns: int


def watch_roots() -> list[Path]:
    """The folders below which this installation may watch, links resolved; none: watching is not enabled."""
    return [Path(os.path.realpath(root)) for root in settings.AVA_WATCH_ROOTS]


def fitting_folder(path: str, *, others: Sequence[str] = ()) -> Path:
    """The folder that a path means, links resolved. Raises UnfitFolder unless it is one that may be watched.

    It lies in or below one of the roots, can be read, holds none of AVA's own files, and none of `others`, the folders
    watched already, lies in it or around it.
    """
    roots = watch_roots()
    if not roots:
        raise UnfitFolder("No folder may be watched on this installation: AVA_WATCH_ROOTS is not set.")
    if "\0" in path or not _is_text(path) or not path.startswith("/"):
        raise UnfitFolder("Give the whole path of the folder, beginning with a slash.")
    folder = Path(os.path.realpath(path))
    if len(str(folder)) > LONGEST_PATH:
        raise UnfitFolder(f"The path is longer than {LONGEST_PATH} characters.")
    if not any(folder.is_relative_to(root) for root in roots):
        raise UnfitFolder(f"{path} is not below {' or '.join(map(str, roots))}, where folders may be watched.")
    own = (Path(os.path.realpath(each)) for each in (settings.AVA_HOME, settings.MEDIA_ROOT))
    if any(_overlap(folder, each) for each in own):
        raise UnfitFolder(f"{path} holds AVA's own files, or lies among them; watch another folder.")
    if near := next((each for each in others if _overlap(folder, Path(each))), None):
        raise UnfitFolder(f"{near} is watched already, and every file is taken in once.")
    if not os.path.isdir(folder):  # noqa: PTH112 – a Path raises where a name is too long for the file system
        raise UnfitFolder(f"{path} is no folder of this machine, or AVA may not see it.")
    return folder


def find_clips(folder: Path) -> list[Clip]:
    """The films in and below a folder, by name; hidden files, links to elsewhere and other kinds are passed over.

    Raises OSError when the folder itself cannot be read, UnfitFolder when it holds more than anybody watches.
    """
    os.scandir(folder).close()
    clips: list[Clip] = []
    for clip in _walk(folder):
        clips.append(clip)
        if len(clips) > MOST_CLIPS:
            raise UnfitFolder(f"It holds more than {MOST_CLIPS:,} films; watch a smaller folder.")
    return sorted(clips)


def clip_path(folder: Path, name: str) -> Path | None:
    """Where a clip lies; None unless that is a file of the folder itself or of one below it, links resolved."""
    path = Path(os.path.realpath(folder / name))
    return path if path.is_relative_to(folder) and path.is_file() else None


def _walk(folder: Path) -> Iterator[Clip]:
    for where, folders, files in os.walk(folder):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        for file in files:
            if file.startswith(".") or not safe_suffix(file):
                continue
            clip = _clip(folder, os.path.relpath(Path(where) / file, folder))
            if clip is not None:
                yield clip


def _clip(folder: Path, name: str) -> Clip | None:
    if len(name) > LONGEST_PATH or not _is_text(name):
        return None
    try:
        seen = os.lstat(folder / name)
        if stat.S_ISLNK(seen.st_mode):
            path = clip_path(folder, name)
            seen = path.stat() if path is not None else seen
    except OSError:  # it has gone since it was listed
        return None
    return Clip(name, seen.st_size, seen.st_mtime_ns) if stat.S_ISREG(seen.st_mode) else None


def _is_text(name: str) -> bool:
    """Names in no known encoding cannot be kept."""
    return not any("\ud800" <= char <= "\udfff" for char in name)


def _overlap(one: Path, other: Path) -> bool:
    return one.is_relative_to(other) or other.is_relative_to(one)
