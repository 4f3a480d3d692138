"""The Models page: what is installed and what it enables; fetching, adding, verifying and removing by superusers."""

import dataclasses
import hashlib
import json
import re
from io import StringIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

from ava import model_files
from ava.management.commands.up import NUDITY_MODEL
from ava.management.commands.up import Command as Up
from ava.tasks import fetch_model_file
from ava.weights import store as store_module
from ava.weights.catalogue import CATALOGUE
from ava.weights.entry import AddressSource, CatalogueEntry, FileSource, Licence
from ava.weights.fetch_note import FetchNote, write_note
from ava.weights.fetch_progress import NotedProgress, ignore_progress
from ava.weights.store import WeightsStore
from ava.weights.store_folder import locked
from tests.world import make_person

pytestmark = pytest.mark.django_db

CONTENT = bytes(range(256)) * 4000
NOWHERE = AddressSource("http://127.0.0.1:9/model.bin")


def entry_called(name: str, **fields: Any) -> CatalogueEntry:
    entry = CatalogueEntry(
        name=name,
        file=f"{name}.bin",
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        size_bytes=len(CONTENT),
        licence=Licence("MIT"),
        paper="Somebody, A paper, 2020",
        preprocessing="RGB",
        enables=f"what {name} is for",
        source=NOWHERE,
    )
    return dataclasses.replace(entry, **fields)


ENTRIES = (
    entry_called("plain"),
    entry_called("bound", licence=Licence("AGPL-3.0", copyleft=True)),
    entry_called("research", licence=Licence("CC BY-NC 4.0", non_commercial=True)),
    entry_called("unknown", sha256="", size_bytes=None),
    entry_called("brought", source=FileSource("Ask the maker.")),
)


@pytest.fixture
def store(settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WeightsStore:
    """An installation whose catalogue holds five small files."""
    settings.AVA_WEIGHTS_DIR = tmp_path / "weights"
    monkeypatch.setattr(store_module, "CATALOGUE", MappingProxyType({entry.name: entry for entry in ENTRIES}))
    return model_files.weights_store()


@pytest.fixture
def root() -> Client:
    client = Client()
    client.force_login(make_person("root", is_superuser=True))
    return client


@pytest.fixture
def reader() -> Client:
    client = Client()
    client.force_login(make_person("ada"))
    return client


def put(store: WeightsStore, name: str = "plain", content: bytes = CONTENT) -> None:
    store.folder.mkdir(exist_ok=True)
    (store.folder / f"{name}.bin").write_bytes(content)


def article(client: Client, name: str) -> str:
    """One file's part of the page, its white space made plain."""
    html = client.get(f"/models/{name}/", headers={"HX-Request": "true"}).content.decode()
    return re.sub(r"\s+", " ", html)


def said(client: Client, response: Any) -> list[str]:
    return [str(message) for message in client.get(response.headers["Location"]).context["messages"]]


def test_everyone_reads_what_there_is_and_only_superusers_get_buttons(store, reader: Client, root: Client) -> None:
    put(store)
    page = reader.get("/models/").content.decode()
    assert 'aria-current="page">Models' in page
    for entry in ENTRIES:
        assert f"Needed for {entry.enables}." in page and entry.licence.name in page
    assert "<form" not in page.partition("<main")[2].partition("</main>")[0]
    assert 'aria-label="Fetch bound"' in root.get("/models/").content.decode()
    assert reader.get("/models/plain/").headers["Location"] == "/models/#model-plain"
    assert reader.get("/models/nonsense/").status_code == 404


def test_licences_that_restrict_are_marked_and_ask_for_consent(store, root: Client) -> None:
    assert "Copyleft" in article(root, "bound") and "Non-commercial use only" in article(root, "research")
    assert "Copyleft" not in article(root, "plain") and "Non-commercial" not in article(root, "plain")
    assert 'name="accept_licence" required> I agree to AGPL-3.0' in article(root, "bound")
    assert "accept_licence" not in article(root, "plain")


def test_a_fingerprint_that_nobody_publishes_is_said_to_be_unknown(store, root: Client) -> None:
    html = article(root, "unknown")
    assert "Fingerprint not published" in html and "AVA records that of the file first installed" in html
    assert 'aria-label="Fetch unknown"' not in html and "Add a file" in html
    assert "Fingerprint" not in article(root, "plain")


@pytest.mark.parametrize(
    ("address", "names"),
    [("/models/", {"plain", "bound"}), ("/models/?state=installed", {"plain"}), ("/models/?state=missing", {"bound"})],
)
def test_the_page_shows_all_files_or_those_in_one_state(store, reader: Client, address: str, names: set[str]) -> None:
    put(store)
    page = reader.get(address).content.decode()
    assert {name for name in ("plain", "bound") if f'id="model-{name}"' in page} == names
    assert re.findall(r'class="soft">(\d+)</span>', page) == ["5", "1", "4"]


@pytest.mark.parametrize("action", ["fetch", "add", "verify", "remove"])
def test_others_change_nothing(store, reader: Client, hints: list[tuple], action: str) -> None:
    put(store)
    answer = reader.post(f"/models/plain/{action}/", {"file": SimpleUploadedFile("x", CONTENT)})
    assert answer.status_code == 403
    assert store.is_installed("plain") and hints == []


@pytest.mark.parametrize("action", ["fetch", "add", "verify", "remove"])
def test_an_unheard_of_file_is_not_found(store, root: Client, action: str) -> None:
    assert root.post(f"/models/nonsense/{action}/").status_code == 404


def test_a_fetch_is_handed_to_a_worker_once(
    store, root: Client, hints: list[tuple], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            assert root.post("/models/plain/fetch/").headers["Location"] == "/models/#model-plain"
    assert hints == [("ava.tasks.fetch_model_file", "plain", False)]
    assert "Waiting for a worker" in article(root, "plain")
    assert "data-model-at-work" in article(root, "plain") and 'aria-label="Fetch' not in article(root, "plain")


def test_a_fetch_that_no_worker_takes_can_be_asked_for_again(store, root: Client, monkeypatch) -> None:
    store.note_queued("plain")
    monkeypatch.setattr(model_files, "SILENT_QUEUE_AFTER_S", -1.0)
    html = article(root, "plain")
    assert "are the workers running?" in html and 'aria-label="Fetch plain"' in html


def test_what_a_dead_worker_left_is_sent_again_with_the_consent_that_was_given(
    store,
    root: Client,
    hints: list[tuple],
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    store.note_queued("bound", consent=True)
    progress = NotedProgress(store.folder, ["bound"], pass_on=ignore_progress)
    progress(430_000, 1_000_000)  # and here the worker dies: nobody holds the lock
    write_note(store.folder, "plain", FetchNote("fetching", 1, 2))  # a fetch in a shell, broken off
    html = article(root, "bound")
    assert "Waiting for a worker" in html and "430 kB have come" in html
    with django_capture_on_commit_callbacks(execute=True):
        assert model_files.resend_lost_fetches() == 0, "a worker may still come"
        monkeypatch.setattr(model_files, "RESEND_AFTER_S", -1.0)
        assert model_files.resend_lost_fetches() == 1
    assert hints == [("ava.tasks.fetch_model_file", "bound", True)]
    with locked(store.folder, "bound"):
        progress(500_000, 1_000_000)
        assert model_files.resend_lost_fetches() == 0, "somebody is at it"


def test_a_restricted_file_is_fetched_only_with_consent(
    store, root: Client, hints: list[tuple], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        refused = root.post("/models/bound/fetch/")
        assert "AGPL-3.0, which restricts its use" in said(root, refused)[0]
        assert hints == []
        root.post("/models/bound/fetch/", {"accept_licence": "on"})
    assert hints == [("ava.tasks.fetch_model_file", "bound", True)]


def test_a_fetch_at_work_shows_how_far_it_is_and_a_broken_one_why(store, root: Client) -> None:
    write_note(store.folder, "plain", FetchNote("fetching", 430_000, 1_000_000))
    with locked(store.folder, "plain"):
        html = article(root, "plain")
        assert ">43 %<" in html and 'value="43"' in html and "430 kB of 1.0 MB" in html
    html = article(root, "plain")
    assert "cut off after 0.4 MB" in html and "Fetch again" in html and 'data-state="failed"' in html


def test_a_worker_writes_down_why_it_could_not_fetch(store, root: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ava.weights.resumable_download._WAIT_S", 0.0)
    store.note_queued("plain")
    fetch_model_file("plain", consent=False)
    assert "Connection refused" in article(root, "plain")
    fetch_model_file("bound", consent=False)
    assert "an administrator has to agree" in article(root, "bound")


def test_an_uploaded_file_is_taken_in_only_when_it_is_the_right_one(store, root: Client) -> None:
    wrong = root.post("/models/plain/add/", {"file": SimpleUploadedFile("../../evil.bin", CONTENT[::-1])})
    assert "is not the one in the catalogue" in said(root, wrong)[0]
    assert not store.is_installed("plain")
    right = root.post("/models/plain/add/", {"file": SimpleUploadedFile("anything", CONTENT)})
    assert said(root, right) == ["plain is installed."]
    assert store.verify("plain") == "installed"
    assert {path.name for path in store.folder.iterdir() if path.name[0] != "."} == {"plain.bin"}


def test_an_upload_needs_consent_and_a_file_and_not_too_large_a_one(store, root: Client) -> None:
    file = SimpleUploadedFile("x", CONTENT)
    assert "has to agree" in said(root, root.post("/models/bound/add/", {"file": file}))[0]
    assert said(root, root.post("/models/plain/add/", {})) == ["Choose a file first."]
    large = SimpleUploadedFile("x", CONTENT + bytes(100_000))
    assert "larger than the 1,024,000 bytes" in said(root, root.post("/models/plain/add/", {"file": large}))[0]
    with locked(store.folder, "plain"):
        busy = root.post("/models/plain/add/", {"file": SimpleUploadedFile("x", CONTENT)})
        assert "being fetched or added already" in said(root, busy)[0]
    root.post("/models/bound/add/", {"file": SimpleUploadedFile("x", CONTENT), "accept_licence": "on"})
    assert store.is_installed("bound")


def test_an_upload_without_its_token_is_refused(store) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_person("root", is_superuser=True))
    answer = client.post("/models/plain/add/", {"file": SimpleUploadedFile("x", CONTENT)})
    assert answer.status_code == 403
    assert not store.is_installed("plain")


def test_damage_is_found_by_verify_and_shown_until_it_is_mended(store, root: Client) -> None:
    put(store)
    assert said(root, root.post("/models/plain/verify/")) == ["plain is exactly the file that it should be."]
    put(store, content=CONTENT[::-1])
    assert said(root, root.post("/models/plain/verify/")) == ["plain differs from the file that it should be."]
    html = article(root, "plain")
    assert "Damaged" in html and "differs from the one in the catalogue" in html and "Fetch again" in html
    assert said(root, root.post("/models/plain/remove/")) == ["plain is removed."]
    assert "Not installed" in article(root, "plain")


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("models", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_lists_terms_and_states(store) -> None:
    put(store)
    listed = {row["name"]: row for row in json.loads(run("list", "--json"))}
    assert listed["plain"]["installed"] and not listed["bound"]["installed"]
    assert listed["research"]["licence"] == {
        "name": "CC BY-NC 4.0", "non_commercial": True, "copyleft": False, "needs_consent": True,
    }  # fmt: skip
    text = run("list")
    assert "research: not installed, 1.0 MB." in text and "CC BY-NC 4.0 [NON-COMMERCIAL, needs --accept-l" in text
    assert "bound" in text and "[COPYLEFT" in text and "unknown: not installed, size not published." in text


def test_the_command_adds_verifies_and_removes(store, tmp_path: Path) -> None:
    file = tmp_path / "brought"
    file.write_bytes(CONTENT)
    with pytest.raises(CommandError, match="has to agree"):
        run("add", "bound", str(file))
    assert run("add", "bound", str(file), "--accept-licence") == "bound is installed.\n"
    assert "held to sha-256 " + hashlib.sha256(CONTENT).hexdigest() in run("add", "unknown", str(file))
    assert json.loads(run("verify", "--json", "bound", "plain")) == [
        {"name": "bound", "state": "installed"},
        {"name": "plain", "state": "missing"},
    ]
    put(store, "bound", CONTENT[::-1])
    with pytest.raises(CommandError, match="differs from the catalogue"):
        run("verify")
    assert json.loads(run("remove", "bound", "--json"))[0]["state"] == "missing"
    with pytest.raises(CommandError, match="no model file called nonsense"):
        run("remove", "unknown", "nonsense")
    assert store.is_installed("unknown"), "nothing is removed when one of the names is wrong"


def test_the_command_refuses_before_it_fetches_anything(store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ava.weights.resumable_download.download", lambda *_, **__: pytest.fail("nothing is asked for"))
    with pytest.raises(CommandError, match="has to agree"):
        run("fetch", "plain", "bound")
    with pytest.raises(CommandError, match="publishes no fingerprint"):
        run("fetch", "unknown")


def test_the_command_fetches_what_one_archive_holds_at_once_and_tells_every_failure(
    store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ava.weights.resumable_download._WAIT_S", 0.0)
    put(store)
    with pytest.raises(CommandError) as failed:
        run("fetch", "plain", "bound", "research", "--accept-licence")
    assert "bound: 127.0.0.1" in str(failed.value) and "research: 127.0.0.1" in str(failed.value)
    assert run("fetch", "plain") == f"plain is installed as {store.folder / 'plain.bin'}.\n"
    assert run("fetch") == "", "none of these comes from a package"


def test_the_switch_of_up_counts_as_consent_to_the_nudity_models_licence(
    settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.AVA_WEIGHTS_DIR = tmp_path
    with pytest.raises(CommandError, match="--offline fetches no model files"):
        call_command("up", "--offline", "--with-nudity-model")
    fetched: list[str] = []
    monkeypatch.setattr(
        WeightsStore, "_fetch_group", lambda _, entries, **__: fetched.extend(entry.name for entry in entries)
    )
    up = Up(stdout=StringIO())
    up.fetch_weights(agreed_to=())
    unasked = list(model_files.weights_store().fetched_unasked())
    assert sorted(fetched) == sorted(unasked) and NUDITY_MODEL not in unasked
    fetched.clear()
    up.fetch_weights(agreed_to=(NUDITY_MODEL,))
    assert sorted(fetched) == sorted([*unasked, "nudenet"])


def test_up_fetches_unasked_only_what_comes_from_packages_and_binds_nobody() -> None:
    unasked = [CATALOGUE[name] for name in WeightsStore(Path("nowhere")).fetched_unasked()]
    assert {entry.source_kind for entry in unasked} == {"package"}
    assert not any(entry.licence.needs_consent for entry in unasked)
    assert "transnetv2" in {entry.name for entry in unasked}


def test_names_of_the_catalogue_go_into_addresses() -> None:
    assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in CATALOGUE)
