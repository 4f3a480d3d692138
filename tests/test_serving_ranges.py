"""Films and their pictures over HTTP ranges, against a slow and obvious reference; only for those who may see them."""

import asyncio
import os
from email.utils import formatdate
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.test import AsyncClient, Client
from django.urls import reverse

from ava import file_responses
from ava.byte_ranges import ByteRange, UnsatisfiableRange, parse_range
from ava.filmstrip import filmstrip_name
from ava.models import Team, Video
from tests.films import make_title, make_user, store_video
from tests.footage import write_film

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    return write_film(tmp_path_factory.mktemp("films") / "film.mp4", frames=30)


@pytest.fixture
def team() -> Team:
    return Team.objects.create(name="Artwork")


@pytest.fixture
def video(film, team) -> Video:
    return store_video(film, title=make_title(team=team))


@pytest.fixture
def browser(team) -> Client:
    client = Client()
    client.force_login(make_user("editor", team=team))
    return client


@pytest.fixture
def server(team) -> AsyncClient:
    """Requests as an ASGI server hands them over."""
    client = AsyncClient()
    client.force_login(make_user("async editor", team=team))
    return client


def body(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def is_open(path: str) -> bool:
    """Whether this process has the file open."""
    return any(descriptor.resolve() == Path(path) for descriptor in Path("/proc/self/fd").iterdir())


def reference(header: str | None, content: bytes) -> tuple[int, bytes, str | None]:
    """What RFC 9110 asks for, byte by byte: status, body and Content-Range."""
    whole = (200, content, None)
    if header is None or not header.lower().startswith("bytes=") or "," in header:
        return whole
    first, dash, last = header[6:].strip().partition("-")
    if not dash or not (first + last).isdigit() or (first and last and int(last) < int(first)):
        return whole
    if not first:
        wanted = [index for index in range(len(content)) if index >= len(content) - int(last)]
    else:
        wanted = [index for index in range(len(content)) if int(first) <= index <= int(last or len(content))]
    if not wanted:
        return 416, b"", f"bytes */{len(content)}"
    return 206, bytes(content[index] for index in wanted), f"bytes {wanted[0]}-{wanted[-1]}/{len(content)}"


HEADERS = [
    None, "bytes=0-", "bytes=0-0", "bytes=5-9", "bytes=100-", "bytes=-1", "bytes=-100", "bytes=-99999999999",
    "bytes=0-99999999999999999999999", "bytes=99999999999999999999999-", "bytes=-0", "bytes=9-5", "bytes=", "bytes=-",
    "bytes=a-b", "items=0-5", "bytes=0-1,5-6", "BYTES=3-4", "bytes=--5", "bytes=5", "bytes=0-1x", "bytes=٣-٤",
]  # fmt: skip


@pytest.mark.parametrize("header", HEADERS)
def test_every_kind_of_range_is_answered_as_the_reference_says(header, video, film, browser):
    content = film.read_bytes()
    headers = {"Range": header.encode().decode("latin1")} if header is not None else {}
    response = browser.get(f"/videos/{video.pk}/play", headers=headers)
    status, expected, content_range = reference(header if header is None or header.isascii() else "?", content)
    assert (response.status_code, response.headers.get("Content-Range")) == (status, content_range)
    assert body(response) == expected
    if status != 416:
        assert int(response["Content-Length"]) == len(expected)
    assert response["Accept-Ranges"] == "bytes" and response["X-Content-Type-Options"] == "nosniff"


def test_ranges_at_the_files_last_byte(video, film, browser):
    size = film.stat().st_size
    for header, status in ((f"bytes={size - 1}-", 206), (f"bytes={size}-", 416), (f"bytes=-{size}", 206)):
        response = browser.get(f"/videos/{video.pk}/play", headers={"Range": header})
        assert (response.status_code, body(response)) == reference(header, film.read_bytes())[:2]
        assert response.status_code == status


def test_a_parsed_range_lies_within_the_file():
    assert parse_range("bytes=2-", size=5) == ByteRange(2, 5)
    assert parse_range("bytes=-2", size=5) == ByteRange(3, 5)
    with pytest.raises(UnsatisfiableRange):
        parse_range("bytes=0-", size=0)


def test_head_tells_the_size_and_sends_nothing(video, film, browser):
    response = browser.head(f"/videos/{video.pk}/play", headers={"Range": "bytes=0-9"})
    assert response.status_code == 200 and response["Accept-Ranges"] == "bytes"
    assert int(response["Content-Length"]) == film.stat().st_size and body(response) == b""


def test_if_range_gives_the_part_only_of_the_same_file(video, film, browser):
    whole = browser.get(f"/videos/{video.pk}/play")
    for condition, status in (
        (whole["ETag"], 206), (whole["Last-Modified"], 206), ('"another"', 200), (f"W/{whole['ETag']}", 200),
        (formatdate(0, usegmt=True), 200), ("nonsense", 200),
    ):  # fmt: skip
        response = browser.get(f"/videos/{video.pk}/play", headers={"Range": "bytes=0-9", "If-Range": condition})
        assert response.status_code == status, condition


def test_what_the_browser_has_already_is_not_sent_again(video, browser):
    whole = browser.get(f"/videos/{video.pk}/play")
    assert whole["ETag"] == f'"{video.sha256}"' and "private" in whole["Cache-Control"]
    unchanged = browser.get(f"/videos/{video.pk}/play", headers={"If-None-Match": whole["ETag"]})
    assert unchanged.status_code == 304 and body(unchanged) == b"" and unchanged["ETag"] == whole["ETag"]
    later = browser.get(f"/videos/{video.pk}/play", headers={"If-Modified-Since": whole["Last-Modified"]})
    assert later.status_code == 304
    assert browser.get(f"/videos/{video.pk}/play", headers={"If-Match": '"x"'}).status_code == 412


def test_only_reading_is_allowed(video, browser):
    assert browser.post(f"/videos/{video.pk}/play").status_code == 405


def test_the_proxy_is_played_where_there_is_one(video, browser):
    video.proxy.save("proxy.mp4", ContentFile(b"the proxy"))
    response = browser.get(f"/videos/{video.pk}/play")
    assert body(response) == b"the proxy" and response["Content-Type"] == "video/mp4"
    assert response["ETag"] != f'"{video.sha256}"'


@pytest.mark.parametrize(
    ("container", "codec", "content_type"),
    [("mov,mp4,m4a,3gp,3g2,mj2", "h264", "video/mp4"), ("webm", "vp9", "video/webm"),
     ("matroska,webm", "vp8", "video/webm"), ("matroska", "h264", "video/x-matroska"),
     ("mxf", "dnxhd", "application/mxf"), ("html", "script", "application/octet-stream")],
)  # fmt: skip
def test_content_types_follow_what_was_probed_and_not_the_files_name(container, codec, content_type, video, browser):
    Video.objects.update(container=container, codec=codec)
    response = browser.get(f"/videos/{video.pk}/play")
    assert response["Content-Type"] == content_type and "sandbox" in response["Content-Security-Policy"]


def test_a_film_whose_file_is_gone_is_not_found(video, browser):
    Path(video.file.path).unlink()
    assert browser.get(f"/videos/{video.pk}/play").status_code == 404


def test_outsiders_find_nothing_and_the_signed_out_are_sent_to_sign_in(video, browser):
    strip = reverse("video-filmstrip", args=[video.pk, 0])
    default_storage.save(filmstrip_name(video.pk, 0), ContentFile(b"strip"))
    outsider = Client()
    outsider.force_login(make_user("outsider", team=Team.objects.create(name="Other")))
    for url in (f"/videos/{video.pk}/play", strip):
        assert browser.get(url).status_code == 200
        assert outsider.get(url).status_code == 404
        signed_out = Client().get(url)
        assert signed_out.status_code == 302 and "sign-in" in signed_out["Location"]


def test_a_filmstrip_is_served_until_it_is_renewed(video, browser):
    url = reverse("video-filmstrip", args=[video.pk, 3])
    assert browser.get(url).status_code == 404
    name = default_storage.save(filmstrip_name(video.pk, 3), ContentFile(b"first"))
    first = browser.get(url)
    assert body(first) == b"first" and first["Content-Type"] == "image/jpeg"
    assert browser.get(url, headers={"If-None-Match": first["ETag"]}).status_code == 304
    default_storage.delete(name)
    default_storage.save(name, ContentFile(b"second"))
    os.utime(default_storage.path(name), (1e9, 1e9))
    assert body(browser.get(url, headers={"If-None-Match": first["ETag"]})) == b"second"


def test_nginx_is_handed_the_file_where_it_is_set_up_for_that(video, browser, settings):
    settings.AVA_X_ACCEL_PREFIX = "/protected/"
    Video.objects.update(file="videos/a b%.mp4")
    response = browser.get(f"/videos/{video.pk}/play")
    assert response["X-Accel-Redirect"] == "/protected/videos/a%20b%25.mp4"
    assert response["Content-Type"] == "video/mp4" and response.content == b""


def test_files_in_object_storage_are_fetched_there_at_a_signed_address(video, browser, monkeypatch):
    def no_path(storage: FileSystemStorage, name: str) -> str:
        raise NotImplementedError

    monkeypatch.setattr(FileSystemStorage, "path", no_path)
    monkeypatch.setattr(FileSystemStorage, "url", lambda storage, name: f"https://bucket.example/{name}?signature=1")
    response = browser.get(f"/videos/{video.pk}/play")
    assert response.status_code == 302 and response["Location"].endswith("?signature=1")
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db(transaction=True)
def test_under_asgi_a_file_is_read_in_pieces_and_closed_when_the_browser_leaves(video, film, server, monkeypatch):
    monkeypatch.setattr(file_responses, "PIECE_BYTES", 100)

    async def watch() -> list[bytes]:
        response = await server.get(f"/videos/{video.pk}/play", headers={"Range": "bytes=10-"})
        assert response.status_code == 206 and response.is_async
        pieces = []
        async for piece in response.streaming_content:
            pieces.append(piece)
            if len(pieces) == 3:
                break
        assert is_open(video.file.path)
        await sync_to_async(response.close)()
        return pieces

    assert b"".join(asyncio.run(watch())) == film.read_bytes()[10:310]
    assert not is_open(video.file.path)


def test_a_sparse_file_of_many_gigabytes_is_served_from_its_very_end(video, browser):
    path, size = Path(video.file.path), 12 * 2**30
    with path.open("r+b") as file:
        file.truncate(size)
        file.seek(size - 3)
        file.write(b"end")
    response = browser.get(f"/videos/{video.pk}/play", headers={"Range": f"bytes={size - 5}-"})
    assert body(response) == b"\0\0end" and response["Content-Range"] == f"bytes {size - 5}-{size - 1}/{size}"
    path.unlink()
