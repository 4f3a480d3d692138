"""Large bodies through a real uvicorn: memory stays small, and browsers that leave cost nothing."""

import asyncio
import base64
import http.client
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import uvicorn
from django.core.asgi import get_asgi_application
from django.db import connections
from django.test import Client

from ava import frames
from ava.decoder_process import DecoderPool
from ava.models import Team, Upload
from ava.upload_files import partial_path
from tests.films import make_title, make_user, store_video
from tests.footage import write_film

pytestmark = pytest.mark.django_db(transaction=True)

PIECE = bytes(range(256)) * 2**16  # 16 MiB
PIECES = 13  # 208 MiB


@pytest.fixture
def team() -> Team:
    return Team.objects.create(name="Artwork")


@pytest.fixture
def session(team) -> str:
    """The cookie of a signed-in editor."""
    client = Client()
    client.force_login(make_user("editor", team=team))
    return f"sessionid={client.cookies['sessionid'].value}; csrftoken={'a' * 32}"


@pytest.fixture
def port(transactional_db, settings) -> Iterator[int]:
    """A running server's port."""
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(get_asgi_application(), log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join()
    listener.close()
    connections.close_all()


def ask(port: int, method: str, path: str, *, session: str, body: bytes = b"", **headers: str):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(
        method, path, body=body,
        headers={"Cookie": session, "X-CSRFToken": "a" * 32, "Tus-Resumable": "1.0.0", **headers},
    )  # fmt: skip
    return connection.getresponse()


def begin(port: int, title_id: int, *, size: int, session: str) -> str:
    metadata = f"filename {base64.b64encode(b'film.mp4').decode()},title {base64.b64encode(b'%d' % title_id).decode()}"
    headers = {"Upload-Length": str(size), "Upload-Metadata": metadata}
    answer = ask(port, "POST", "/uploads/", session=session, **headers)
    assert answer.status == 201, answer.read()
    return answer.headers["Location"]


class PeakMemory:
    """The most memory that this process takes while the block runs, in MiB above what it had before."""

    def __enter__(self) -> "PeakMemory":
        self._process, self._stop = psutil.Process(), threading.Event()
        self._before = self._most = self._process.memory_info().rss
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()
        self.grown_mb = (self._most - self._before) / 2**20

    def _watch(self) -> None:
        while not self._stop.wait(0.005):
            self._most = max(self._most, self._process.memory_info().rss)


def test_two_hundred_megabytes_come_in_and_memory_does_not_grow(port, session, team):
    size = PIECES * len(PIECE) + 1
    url = begin(port, make_title(team=team).pk, size=size, session=session)
    headers = {"Content-Type": "application/offset+octet-stream"}
    with PeakMemory() as memory:
        for number in range(PIECES):
            offset = str(number * len(PIECE))
            answer = ask(port, "PATCH", url, body=PIECE, session=session, **headers, **{"Upload-Offset": offset})
            assert answer.status == 204, answer.read()
    upload = Upload.objects.get()
    stored = partial_path(upload.pk)
    assert upload.received_bytes == stored.stat().st_size == PIECES * len(PIECE)
    with stored.open("rb") as file:
        assert all(file.read(len(PIECE)) == PIECE for _ in range(PIECES))
    assert memory.grown_mb < 24, f"{memory.grown_mb:.0f} MiB"


def test_a_film_of_gigabytes_goes_out_and_memory_does_not_grow(port, session, team, tmp_path):
    video = store_video(write_film(tmp_path / "film.mp4", frames=12), title=make_title(team=team))
    with Path(video.file.path).open("r+b") as file:
        file.truncate(3 * 2**30)
    with PeakMemory() as memory:
        answer = ask(port, "GET", f"/videos/{video.pk}/play", session=session, Range="bytes=100-")
        assert answer.status == 206 and int(answer.headers["Content-Length"]) == 3 * 2**30 - 100
        received = sum(len(answer.read(2**20)) for _ in range(128))
        answer.close()  # and the browser leaves in the middle
    assert received == 128 * 2**20 and memory.grown_mb < 40, f"{memory.grown_mb:.0f} MiB"
    deadline = time.monotonic() + 60
    while is_open(video.file.path) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_open(video.file.path)


def test_a_connection_that_breaks_in_the_middle_of_a_piece_changes_nothing(port, session, team):
    url = begin(port, make_title(team=team).pk, size=2 * len(PIECE), session=session)
    with socket.create_connection(("127.0.0.1", port)) as broken:
        head = (
            f"PATCH {url} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {session}\r\nX-CSRFToken: {'a' * 32}\r\n"
            "Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\n"
            f"Content-Length: {len(PIECE)}\r\n\r\n"
        )
        broken.sendall(head.encode() + PIECE[: 2**20])
    answer = ask(port, "HEAD", url, session=session)
    assert answer.status == 200 and answer.headers["Upload-Offset"] == "0"


def test_browsers_that_scrub_away_leave_no_frames_to_decode(port, session, team, tmp_path, monkeypatch):
    film = write_film(tmp_path / "film.mp4", frames=400, gop=400, width=640, height=360)
    video, pool, asked = store_video(film, title=make_title(team=team)), DecoderPool(size=2), []
    ask_pool = pool.ask

    def slowly(request: dict, **options: object) -> object:
        asked.append(request["start_frame"])
        time.sleep(0.5)
        return ask_pool(request, **options)

    monkeypatch.setattr(pool, "ask", slowly)
    monkeypatch.setattr(frames, "DECODERS", pool)
    for number in range(0, 400, 20):
        with socket.create_connection(("127.0.0.1", port)) as scrub:
            path = f"/videos/{video.pk}/frames/{number}.jpg"
            scrub.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {session}\r\n\r\n".encode())
            time.sleep(0.02)
    answer = ask(port, "GET", f"/videos/{video.pk}/frames/399.jpg", session=session)
    assert answer.status == 200
    time.sleep(1.5)  # time enough to decode for whoever were still waiting
    assert len(asked) < 6, asked
    pool.close()


def is_open(path: str) -> bool:
    """Whether this process has the file open."""
    return any(descriptor.resolve() == Path(path) for descriptor in Path("/proc/self/fd").iterdir())
