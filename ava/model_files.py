"""Model files as the pages and the API know them: how each stands, and fetching one as background work."""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from ava.messages import send_task
from ava.weights.catalogue import DEMO_PICTURES
from ava.weights.entry import AddressSource, CatalogueEntry, FileSource, PackageSource
from ava.weights.errors import WeightsError
from ava.weights.store import FileStatus, WeightsStore

logger = logging.getLogger(__name__)

SILENT_QUEUE_AFTER_S = 60.0
"""After so long without a worker a fetch can be asked for again."""
RESEND_AFTER_S = 30.0


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One entry of the catalogue with how it stands in the store."""

    entry: CatalogueEntry
    status: FileStatus
    sha256: str
    """The catalogue's fingerprint, else the one of the file first installed, else the beginning that is published."""

    @property
    def name(self) -> str:
        return self.entry.name

    @property
    def is_installed(self) -> bool:
        return self.status.state == "installed"

    @property
    def is_demo_picture(self) -> bool:
        """True for pictures that only the demo film is made of."""
        return self.name in DEMO_PICTURES

    @property
    def is_at_work(self) -> bool:
        """True while a worker fetches the file or is expected to."""
        return self.status.state in {"queued", "fetching"}

    @property
    def can_be_asked_for(self) -> bool:
        """True when a fetch makes sense: the file can be fetched, is not here, and nobody is at it."""
        is_waiting = self.status.state == "fetching" or (self.status.state == "queued" and not self.is_forgotten)
        return self.entry.can_be_fetched and not self.is_installed and not is_waiting

    @property
    def is_forgotten(self) -> bool:
        """True when a fetch was asked for and no worker has taken it for a minute."""
        return self.status.state == "queued" and time.time() - self.status.at_s > SILENT_QUEUE_AFTER_S

    @property
    def percent(self) -> int | None:
        """How much of a fetch has come; None while nobody knows the whole."""
        if not self.status.total_bytes:
            return None
        return min(100, 100 * self.status.done_bytes // self.status.total_bytes)

    @property
    def source_text(self) -> str:
        """Where the file comes from, for people."""
        match self.entry.source:
            case PackageSource(archive=archive, member=member):
                return f"{member} of the package {archive.package} {archive.version}"
            case AddressSource(address=address):
                return address
            case FileSource(advice=advice):
                return advice


def weights_store() -> WeightsStore:
    """The installation's store."""
    return WeightsStore(Path(settings.AVA_WEIGHTS_DIR))


def list_model_files() -> list[ModelFile]:
    """Every entry of the catalogue, in its order; reads no model file."""
    return _model_files(weights_store(), weights_store().catalogue)


def find_model_file(name: str) -> ModelFile:
    """One entry; raises UnknownWeights."""
    (found,) = _model_files(weights_store(), [name])
    return found


def request_fetch(name: str, *, consent: bool) -> None:
    """Have a worker fetch a file; asking twice fetches once.

    Raises UnknownWeights, ConsentNeeded, FetchFailed (it can only be brought) or StoreNotWritable.
    """
    store = weights_store()
    store.require_fetchable(name, consent=consent)
    if find_model_file(name).can_be_asked_for:
        store.note_queued(name, consent=consent)
        send_task("ava.tasks.fetch_model_file", name, consent)


def resend_lost_fetches() -> int:
    """Send fetches again that somebody is owed and no worker is at, for a killed worker's message may be lost.

    Can be called at any time: a message too many finds the file installed. Returns how many were sent.
    """
    store = weights_store()
    lost = [
        file.name
        for file in list_model_files()
        if file.status.state == "queued" and time.time() - file.status.at_s > RESEND_AFTER_S
    ]
    for name in lost:
        consent = store.consent_given(name)
        store.note_queued(name, consent=consent)
        send_task("ava.tasks.fetch_model_file", name, consent)
    return len(lost)


def fetch_model_file(name: str, *, consent: bool) -> None:
    """Fetch a file now; how it goes, and why it fails, stands in the store's note, where every page finds it."""
    store = weights_store()
    try:
        store.fetch(name, consent=consent)
    except WeightsError as error:
        logger.warning("The model file %s was not fetched: %s", name, error)
        store.note_failed(name, str(error))


def _model_files(store: WeightsStore, names: Iterable[str]) -> list[ModelFile]:
    files = []
    for name in names:
        entry = store.entry(name)
        sha256 = store.expected_fingerprint(name) or entry.sha256
        files.append(ModelFile(entry, store.status(name), sha256))
    return files
