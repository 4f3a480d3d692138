"""Files at addresses: what has come stays, and nothing but the right bytes is ever installed."""

import dataclasses
import errno
import hashlib
import multiprocessing
import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ava.weights import resumable_download
from ava.weights.entry import AddressSource, CatalogueEntry, Licence
from ava.weights.errors import FetchFailed, StoreNotWritable, WeightsCorrupt
from ava.weights.fetch_progress import FetchProgress
from ava.weights.store import WeightsStore

CONTENT = os.urandom(3_000_000)
OTHER_CONTENT = os.urandom(3_000_000)


class FileServer(ThreadingHTTPServer):
    """Serves one file, as well or as badly as its attributes say; remembers the ranges that it was asked for."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = CONTENT
        self.etag: str | None = '"one"'
        self.knows_ranges = True
        self.tells_length = True
        self.cuts: list[int] = []  # after how many bytes of the next answers the connection breaks
        self.statuses: list[int] = []  # what the next answers are instead
        self.piece_delay_s = 0.0
        self.asked: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/model.bin"


class Handler(BaseHTTPRequestHandler):
    server: FileServer

    def do_GET(self) -> None:
        server = self.server
        server.asked.append(self.headers.get("Range", "all"))
        if server.statuses:
            self.send_error(server.statuses.pop(0))
            return
        start = self._start()
        if start > len(server.content):
            self.send_error(416)
            return
        body = server.content[start:]
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(server.content) - 1}/{len(server.content)}")
        if server.etag:
            self.send_header("ETag", server.etag)
        if server.tells_length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if server.cuts:
            body = body[: server.cuts.pop(0)]
        try:
            for place in range(0, len(body), 100_000):
                self.wfile.write(body[place : place + 100_000])
                time.sleep(server.piece_delay_s)
        except OSError:
            return

    def _start(self) -> int:
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if asked is None or not self.server.knows_ranges or self.headers.get("If-Range") != self.server.etag:
            return 0
        return int(asked[1])

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resumable_download, "_WAIT_S", 0.0)


@pytest.fixture
def server() -> Iterator[FileServer]:
    with FileServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def store_at(server: FileServer, folder: Path, **fields: Any) -> WeightsStore:
    entry = CatalogueEntry(
        name="model",
        file="model.bin",
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        size_bytes=len(CONTENT),
        licence=Licence("MIT"),
        paper="",
        preprocessing="",
        enables="this test",
        source=AddressSource(server.address),
    )
    return WeightsStore(folder, catalogue={"model": dataclasses.replace(entry, **fields)})


def left_over(store: WeightsStore) -> set[str]:
    return {path.name for path in store.folder.iterdir()} - {".model.lock", ".model.fetch.json"}


def test_file_at_an_address_is_installed_with_progress(tmp_path: Path, server: FileServer) -> None:
    store = store_at(server, tmp_path)
    seen: list[FetchProgress] = []
    assert store.fetch("model", on_progress=seen.append).read_bytes() == CONTENT
    assert seen[-1] == FetchProgress(("model",), len(CONTENT), len(CONTENT))
    assert [each.done_bytes for each in seen] == sorted(each.done_bytes for each in seen)
    assert left_over(store) == {"model.bin"}
    store.fetch("model")
    assert server.asked == ["all"], "what is installed is not fetched again"


def test_a_cut_connection_is_gone_on_with_where_it_broke(tmp_path: Path, server: FileServer) -> None:
    server.cuts = [1_000_000, 700_000]
    assert store_at(server, tmp_path).fetch("model").read_bytes() == CONTENT
    assert server.asked == ["all", "bytes=1000000-", "bytes=1700000-"]


def test_a_later_fetch_goes_on_where_the_last_one_gave_up(tmp_path: Path, server: FileServer) -> None:
    store = store_at(server, tmp_path)
    server.cuts = [1_000_000, 0, 0, 0, 0]
    with pytest.raises(FetchFailed, match=r"what has come, 1.0 MB, is kept .* models add model FILE"):
        store.fetch("model")
    assert store.status("model").state == "failed" and not store.is_installed("model")
    server.asked.clear()
    assert store.fetch("model").read_bytes() == CONTENT
    assert server.asked == ["bytes=1000000-"]
    assert left_over(store) == {"model.bin"}


def test_a_server_without_ranges_begins_anew(tmp_path: Path, server: FileServer) -> None:
    server.knows_ranges, server.cuts = False, [2_000_000]
    assert store_at(server, tmp_path).fetch("model").read_bytes() == CONTENT
    assert server.asked == ["all", "bytes=2000000-"]


@pytest.mark.parametrize("etag", [None, 'W/"weak"'])
def test_without_a_firm_mark_of_the_file_nothing_is_gone_on_with(
    tmp_path: Path, server: FileServer, etag: str | None
) -> None:
    server.etag, server.cuts = etag, [2_000_000]
    assert store_at(server, tmp_path).fetch("model").read_bytes() == CONTENT
    assert server.asked == ["all", "all"]


@pytest.mark.parametrize("shorter", [False, True])
def test_a_file_that_changed_between_tries_is_fetched_anew(tmp_path: Path, server: FileServer, shorter: bool) -> None:
    store = store_at(server, tmp_path, size_bytes=None)
    server.content, server.etag, server.cuts = OTHER_CONTENT + CONTENT, '"old"', [3_500_000, 0, 0, 0, 0]
    with pytest.raises(FetchFailed):
        store.fetch("model")
    server.content, server.asked = CONTENT, []
    server.etag = '"old"' if shorter else '"new"'  # a server that does not keep its word about ETags answers 416
    assert store.fetch("model").read_bytes() == CONTENT
    assert server.asked == ["bytes=3500000-", "all"] if shorter else ["bytes=3500000-"]


def test_other_bytes_are_not_installed_and_nothing_of_them_is_kept(tmp_path: Path, server: FileServer) -> None:
    server.content = OTHER_CONTENT
    store = store_at(server, tmp_path)
    with pytest.raises(WeightsCorrupt, match="nothing was installed"):
        store.fetch("model")
    assert left_over(store) == set()
    server.content = CONTENT
    assert store.fetch("model").read_bytes() == CONTENT


@pytest.mark.parametrize("tells_length", [False, True])
def test_too_long_a_file_is_not_read_to_its_end(tmp_path: Path, server: FileServer, tells_length: bool) -> None:
    server.content, server.tells_length = CONTENT * 20, tells_length
    store = store_at(server, tmp_path)
    seen: list[FetchProgress] = []
    with pytest.raises(WeightsCorrupt, match=r"3,000,000"):
        store.fetch("model", on_progress=seen.append)
    assert max((each.done_bytes for each in seen), default=0) <= len(CONTENT)
    assert left_over(store) == set()


def test_an_end_without_a_length_is_not_taken_for_the_whole_file(tmp_path: Path, server: FileServer) -> None:
    server.tells_length, server.cuts = False, [1_000_000]
    assert store_at(server, tmp_path).fetch("model").read_bytes() == CONTENT
    assert server.asked == ["all", "bytes=1000000-"]


def test_a_server_in_passing_trouble_is_asked_again_and_a_refusal_is_final(tmp_path: Path, server: FileServer) -> None:
    store = store_at(server, tmp_path)
    server.statuses = [404]
    with pytest.raises(FetchFailed, match=r"model: .*it answered 404.* models add model FILE"):
        store.fetch("model")
    assert server.asked == ["all"]
    server.statuses = [503, 429]
    assert store.fetch("model").read_bytes() == CONTENT


def test_address_that_does_not_answer_names_the_file_and_the_way_out(tmp_path: Path, server: FileServer) -> None:
    store = store_at(server, tmp_path, source=AddressSource("http://127.0.0.1:9/model.bin"))
    with pytest.raises(FetchFailed, match=r"model: 127.0.0.1 did not send .* models add model FILE"):
        store.fetch("model")
    assert "it cannot be reached: Connection refused" in store.status("model").reason


def test_the_beginning_of_a_published_fingerprint_is_enough_to_fetch(tmp_path: Path, server: FileServer) -> None:
    whole = hashlib.sha256(CONTENT).hexdigest()
    store = store_at(server, tmp_path, sha256=whole[:8], size_bytes=None)
    store.fetch("model")
    assert store.expected_fingerprint("model") == whole
    store.remove("model")
    server.content, server.etag = OTHER_CONTENT, '"two"'
    with pytest.raises(WeightsCorrupt):
        store.fetch("model")
    assert left_over(store) == set()


def test_two_fetchers_at_once_take_one_download(tmp_path: Path, server: FileServer) -> None:
    server.piece_delay_s = 0.01
    store = store_at(server, tmp_path)
    threads = [threading.Thread(target=store.fetch, args=("model",)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert server.asked == ["all"]
    assert store.verify("model") == "installed"


def test_a_killed_fetch_is_gone_on_with(tmp_path: Path, server: FileServer) -> None:
    server.piece_delay_s = 0.05
    store = store_at(server, tmp_path)
    process = multiprocessing.get_context("fork").Process(target=store.fetch, args=("model",))
    process.start()
    partial = tmp_path / ".model.partial" / "model.bin"
    deadline = time.monotonic() + 120
    while not (partial.exists() and partial.stat().st_size > 300_000) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert store.status("model").state == "fetching" and process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert store.missing() == ("model",)
    assert "cut off" in store.status("model").reason
    came, server.piece_delay_s = partial.stat().st_size, 0.0
    assert store.fetch("model").read_bytes() == CONTENT
    assert server.asked == ["all", f"bytes={came}-"]
    assert left_over(store) == {"model.bin"}


def test_a_disk_that_fills_up_keeps_what_has_come(
    tmp_path: Path, server: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = store_at(server, tmp_path)
    really = Path.open

    class FullFile:
        def __init__(self, file: Any) -> None:
            self.file, self.room_bytes = file, 1_000_000

        def __getattr__(self, name: str) -> Any:
            return getattr(self.file, name)

        def __enter__(self) -> "FullFile":
            return self

        def __exit__(self, *_: object) -> None:
            self.file.close()

        def write(self, block: bytes) -> None:
            if len(block) > self.room_bytes:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self.room_bytes -= len(block)
            self.file.write(block)

    def open_on_full_disk(path: Path, *arguments: Any, **options: Any) -> Any:
        file = really(path, *arguments, **options)
        return FullFile(file) if path.parent.name == ".model.partial" and arguments[:1] == ("wb",) else file

    with monkeypatch.context() as full:
        full.setattr(Path, "open", open_on_full_disk)
        with pytest.raises(StoreNotWritable, match="is full; make room"):
            store.fetch("model")
    came = (tmp_path / ".model.partial" / "model.bin").stat().st_size
    assert 0 < came <= 1_000_000
    assert store.fetch("model").read_bytes() == CONTENT
    assert server.asked == ["all", f"bytes={came}-"]
