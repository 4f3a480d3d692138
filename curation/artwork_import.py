"""Bringing in pictures: single ones, and ZIP files of them. What cannot be used is told in a sentence each."""

import errno
import hashlib
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from ava.decoder_process import DecoderError
from ava.media import picture_file
from ava.media.picture_file import UnusablePicture
from ava.models import Title, User
from ava.picture_process import PictureReader
from ava.progress import publish
from ava.workspaces import workspace
from curation.artwork import ReadArtwork, store_artworks
from curation.artwork_archive import Archive, UnusableArchive, UnusableMember, is_archive, open_archive
from curation.artwork_names import clean_path

MOST_BYTES = 2**30
"""Of all that is sent at once."""
TELL_EVERY_S = 0.5
_DISK_IS_FULL = {errno.ENOSPC, errno.EDQUOT}
_PIECE_BYTES = 2**20


class NoRoom(Exception):
    """The disk is full."""

    def __init__(self) -> None:
        super().__init__("The server's disk has no room for these pictures; ask your administrator to free some.")


class GivenFile(NamedTuple):
    """A file that somebody brings: its name, with the folders it lay in if they are known, and where it is now."""

    path: str
    file: Path


class Outcome(StrEnum):
    ADDED = "added"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


class Brought(NamedTuple):
    """What became of one picture, in a sentence; `artwork` is the number of the row that it is or was already."""

    name: str
    outcome: Outcome
    sentence: str
    artwork: int | None


@dataclass
class Delivery:
    """What became of everything that was brought at once; `leftovers` counts files of operating systems."""

    pictures: list[Brought] = field(default_factory=list)
    leftovers: int = 0

    def of(self, outcome: Outcome) -> list[Brought]:
        """The pictures with this outcome."""
        return [each for each in self.pictures if each.outcome == outcome]

    @property
    def added(self) -> list[Brought]:
        return self.of(Outcome.ADDED)

    @property
    def not_added(self) -> list[Brought]:
        return [each for each in self.pictures if each.outcome != Outcome.ADDED]


Report = Callable[[str, int, int], None]
"""Called with the name of an archive, and how many of its files have been read, of how many."""


def bring_artwork(
    title: Title, files: Iterable[GivenFile], *, user: User | None, report: Report | None = None
) -> Delivery:
    """Read files and make artwork of the pictures among them and in the ZIP files among them; the files stay.

    A picture that cannot be used is refused alone; a ZIP file that is hostile, locked or damaged is refused whole,
    before anything of it is unpacked. Every ZIP file, like every picture, is read before anything of it is stored, and
    stored in one transaction. Raises NoRoom; what was stored before stays.
    """
    delivery = Delivery()
    try:
        with workspace(stores="") as scratch, PictureReader() as reader:
            for given in files:
                with TemporaryDirectory(dir=scratch) as folder:
                    reading = _Reading(reader, scratch=Path(folder), delivery=delivery, report=report)
                    _store(title, list(reading.read(given)), user=user, delivery=delivery)
    except (OSError, DecoderError) as error:
        if error.errno in _DISK_IS_FULL:
            raise NoRoom from error
        raise
    return delivery


def publish_reading(title: Title) -> Report:
    """A report that the title's pages hear, twice a second."""
    told_at = 0.0

    def tell(name: str, done: int, total: int) -> None:
        nonlocal told_at
        if time.monotonic() - told_at > TELL_EVERY_S or done == total:
            told_at = time.monotonic()
            reading = {"name": name, "done": done, "total": total}
            publish(title_id=title.pk, message={"type": "artwork", "title_id": title.pk, "reading": reading})

    return tell


class _Reading:
    """Reads one file after the other; refusals go into the delivery."""

    def __init__(
        self, reader: PictureReader, *, scratch: Path, delivery: Delivery, report: Report | None
    ) -> None:
        self._reader, self._scratch, self._delivery = reader, scratch, delivery
        self._report = report or (lambda name, done, total: None)
        self._count = 0

    def read(self, given: GivenFile) -> Iterator[ReadArtwork]:
        name = clean_path(given.path)
        if not given.file.is_file() or not is_archive(given.file):
            yield from self._read_picture(name, self._copy(given.file))
            return
        try:
            with open_archive(given.file, name=name) as archive:
                yield from self._read_archive(archive, name=name)
        except UnusableArchive as error:
            self._refuse(name, str(error))

    def _read_archive(self, archive: Archive, *, name: str) -> Iterator[ReadArtwork]:
        self._delivery.leftovers += archive.leftovers
        for done, member in enumerate(archive.members, start=1):
            path, file = clean_path(member.path), self._next_folder() / "member"
            try:
                archive.copy(member, file)
            except UnusableMember as error:
                self._refuse(path, str(error))
            else:
                yield from self._read_picture(path, file)
            self._report(name, done, len(archive.members))

    def _read_picture(self, path: str, file: Path) -> Iterator[ReadArtwork]:
        folder = self._next_folder()
        try:
            copies = self._reader.read(file, name=path.rpartition("/")[2], folder=folder)
        except UnusablePicture as error:
            self._refuse(path, str(error))
            return
        digest, size_bytes = _digest(file)
        yield ReadArtwork(path=path, file=file, sha256=digest, size_bytes=size_bytes, copies=copies)

    def _copy(self, file: Path) -> Path:
        """A file of our own, which nobody changes and which can be moved away; what is refused anyway stays."""
        if not file.is_file() or file.stat().st_size > picture_file.MOST_BYTES:
            return file
        return Path(shutil.copyfile(file, self._next_folder() / "given"))

    def _next_folder(self) -> Path:
        self._count += 1
        folder = self._scratch / str(self._count)
        folder.mkdir()
        return folder

    def _refuse(self, name: str, sentence: str) -> None:
        self._delivery.pictures.append(Brought(name, Outcome.REFUSED, sentence, None))


def _store(title: Title, pictures: list[ReadArtwork], *, user: User | None, delivery: Delivery) -> None:
    for picture, stored in zip(pictures, store_artworks(title, pictures, user=user), strict=True):
        artwork = stored.artwork
        base = picture.path.rpartition("/")[2]
        if stored.is_duplicate:
            sentence = f"{base} is here already as “{artwork.original_name}”, so it was not kept twice."
            delivery.pictures.append(Brought(picture.path, Outcome.DUPLICATE, sentence, artwork.pk))
            continue
        renamed = artwork.original_name not in {base, picture.path}
        said = [f"Another picture has its name; this one is called “{artwork.original_name}”."] if renamed else []
        said += artwork.remarks
        delivery.pictures.append(Brought(artwork.original_name, Outcome.ADDED, " ".join(said), artwork.pk))


def _digest(file: Path) -> tuple[str, int]:
    digest, size_bytes = hashlib.sha256(), 0
    with file.open("rb") as source:
        while piece := source.read(_PIECE_BYTES):
            digest.update(piece)
            size_bytes += len(piece)
    return digest.hexdigest(), size_bytes
