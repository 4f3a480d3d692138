"""ZIP files that people bring: looked through before anything of them is unpacked."""

import errno
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple

from ava.media.picture_file import MOST_BYTES

MOST_MEMBERS = 2000
MOST_UNPACKED_BYTES = 4 * 2**30
MOST_RATIO = 100
LEAST_SUSPICIOUS_BYTES = 256 * 2**20
"""Up to so many unpacked bytes any ratio will do: drawings without shading are packed a thousandfold in earnest."""
_MOST_DIRECTORY_BYTES = MOST_MEMBERS * 512
_PIECE_BYTES = 2**20
_LEFTOVERS = {".ds_store", "thumbs.db", "desktop.ini", ".localized", "icon\r"}
_ENCRYPTED = 0x1
_DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError)


class UnusableArchive(Exception):
    """An archive is refused as a whole, and nothing of it is kept; the message says why and what to do."""


class UnusableMember(Exception):
    """One file of an archive cannot be taken out of it; the message says why."""


class Member(NamedTuple):
    """A file in an archive: its path there, and what `Archive.copy` needs."""

    path: str
    info: zipfile.ZipInfo


class Archive:
    """An archive that has been looked through: its files, and how many were left out that are no content."""

    def __init__(self, file: zipfile.ZipFile, *, name: str) -> None:
        self._file = file
        members = [info for info in file.infolist() if not info.is_dir()]
        for info in members:
            _refuse_hostile(info, archive=name)
        _refuse_bomb(members, archive=name)
        self.members = [Member(_path(info), info) for info in members if not _is_leftover(_path(info))]
        self.leftovers = len(members) - len(self.members)
        if not self.members:
            raise UnusableArchive(f"{name} holds no files.")

    def copy(self, member: Member, target: Path) -> None:
        """Unpack one file to a path; raises UnusableMember, and leaves no file then."""
        name = member.path
        if member.info.file_size > MOST_BYTES:
            raise UnusableMember(f"{name} is larger than {MOST_BYTES // 2**20} MB; save the picture smaller.")
        try:
            with self._file.open(member.info) as source, target.open("wb") as copy:
                _copy(source, copy, most_bytes=member.info.file_size)
        except NotImplementedError as error:
            target.unlink(missing_ok=True)
            raise UnusableMember(f"{name} is packed by a method that AVA does not know; pack it as ZIP.") from error
        except (*_DAMAGED, RuntimeError, OSError) as error:
            target.unlink(missing_ok=True)
            if isinstance(error, OSError) and error.errno != errno.EINVAL:
                raise  # the disk's fault; EINVAL is that of a place before the file's beginning
            raise UnusableMember(f"{name} is damaged in the archive; pack it again.") from error


@contextmanager
def open_archive(path: Path, *, name: str) -> Iterator[Archive]:
    """Open a ZIP file called `name` and look through it; raises UnusableArchive.

    Refused as a whole are: what is no ZIP or damaged; more than MOST_MEMBERS files or MOST_UNPACKED_BYTES; what
    unpacks to more than MOST_RATIO times its size; any path that leads out of its folder or is absolute; symbolic links
    and devices; locked files.
    """
    if _directory_bytes(path, name=name) > _MOST_DIRECTORY_BYTES:
        raise UnusableArchive(f"{name} holds more than {MOST_MEMBERS:,} files; split it into several.")
    try:
        file = zipfile.ZipFile(path)
    except (*_DAMAGED, NotImplementedError, OSError) as error:
        if isinstance(error, OSError) and error.errno != errno.EINVAL:
            raise
        raise UnusableArchive(f"{name} is no ZIP file or damaged; pack it again.") from error
    with file:
        yield Archive(file, name=name)


def is_archive(path: Path) -> bool:
    """Whether a file begins as ZIP files do."""
    with path.open("rb") as file:
        return file.read(4) in {b"PK\x03\x04", b"PK\x05\x06"}


def _directory_bytes(path: Path, *, name: str) -> int:
    """How long the list of contents says it is: `zipfile` would read it whole, however many files it names."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(size - 65_557, 0))  # the record has 22 bytes and a comment of up to 65,535
        tail = file.read()
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) < place + 22:
        raise UnusableArchive(f"{name} is no ZIP file or damaged; pack it again.")
    return int(struct.unpack_from("<I", tail, place + 12)[0])


def _path(info: zipfile.ZipInfo) -> str:
    return info.filename.replace("\\", "/")


def _refuse_hostile(info: zipfile.ZipInfo, *, archive: str) -> None:
    shown = "".join(char if char.isprintable() else "·" for char in info.filename)[:120]
    path = PurePosixPath(_path(info))
    has_drive = len(path.parts) > 0 and path.parts[0].endswith(":")
    if path.is_absolute() or has_drive or ".." in path.parts or "\x00" in info.orig_filename:
        raise UnusableArchive(
            f"{archive} is refused: “{shown}” in it leads out of its folder. Pack the pictures without such paths."
        )
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in {0, stat.S_IFREG}:
        what = "a symbolic link" if kind == stat.S_IFLNK else "no ordinary file"
        raise UnusableArchive(f"{archive} is refused: “{shown}” in it is {what}. Pack the pictures themselves.")
    if info.flag_bits & _ENCRYPTED:
        raise UnusableArchive(f"{archive} is locked with a password; pack the pictures again without one.")


def _refuse_bomb(members: list[zipfile.ZipInfo], *, archive: str) -> None:
    if len(members) > MOST_MEMBERS:
        raise UnusableArchive(f"{archive} holds more than {MOST_MEMBERS:,} files; split it into several.")
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if unpacked > MOST_UNPACKED_BYTES:
        raise UnusableArchive(
            f"{archive} unpacks to more than {MOST_UNPACKED_BYTES // 2**30} GB; split it into several."
        )
    if unpacked > LEAST_SUSPICIOUS_BYTES and unpacked > MOST_RATIO * max(packed, 1):
        raise UnusableArchive(
            f"{archive} is refused: it unpacks to more than {MOST_RATIO} times its size, as pictures never do."
        )


def _is_leftover(path: str) -> bool:
    """What operating systems put into archives beside the content: resource forks and folder settings."""
    parts = PurePosixPath(path).parts
    return "__MACOSX" in parts or parts[-1].startswith("._") or parts[-1].lower() in _LEFTOVERS


def _copy(source: IO[bytes], copy: IO[bytes], *, most_bytes: int) -> None:
    """Never more bytes than were announced, whatever is packed there."""
    written = 0
    while piece := source.read(_PIECE_BYTES):
        written += len(piece)
        if written > most_bytes:
            raise zipfile.BadZipFile("longer than announced")
        copy.write(piece)
