"""Searching by a picture of one's own: what is taken, what is refused, for whom and for how long it is kept."""

import io
import os
import time
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from search import uploaded_pictures
from search.models import ShotDescription
from search.uploaded_pictures import KEPT_FOR, forget_old_pictures, picture_name, read_picture
from tests.search_world import make_description
from tests.world import World, make_person, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world("home")


@pytest.fixture
def client(world: World) -> Client:
    client = Client()
    client.force_login(world.editor)
    return client


def picture_file(*, width: int = 64, height: int = 36, form: str = "PNG", name: str = "red.png") -> SimpleUploadedFile:
    """Left half red, right half blue."""
    pixels = np.zeros((height, width, 3), dtype=np.uint8)
    pixels[:, : width // 2, 0] = pixels[:, width // 2 :, 2] = 220
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, form)
    return SimpleUploadedFile(name, content.getvalue(), content_type="image/png")


def bring(client: Client, file: object, **fields: str) -> tuple[int, dict[str, str]]:
    answer = client.post(
        reverse("search-picture"), {"picture": file, **fields}, headers={"Accept": "application/json"}
    )
    return answer.status_code, answer.json()


def token_of(address: str) -> str:
    return address.split("upload%3A")[1].split("&")[0]


def test_a_picture_becomes_an_address_that_keeps_what_else_was_asked_for(client: Client, world: World) -> None:
    status, told = bring(client, picture_file(), query="q=boat&scale=full&region=0,0,1,1&like=still:3")
    assert status == 200
    assert told["address"].startswith("/search/?q=boat&scale=full&like=upload%3A") and "region" not in told["address"]
    kept = read_picture(token_of(told["address"]), user=world.editor)
    assert kept is not None and kept.shape == (36, 64, 3)
    assert abs(kept[:, :28].mean(axis=(0, 1)) - (220, 0, 0)).max() < 12


def test_without_a_script_the_form_leads_to_the_results(client: Client) -> None:
    answer = client.post(reverse("search-picture"), {"picture": picture_file()})
    assert answer.status_code == 302 and "like=upload%3A" in answer.headers["Location"]
    page = client.get(answer.headers["Location"])
    assert page.status_code == 200
    shown = page.context["page"].example.address
    assert client.get(shown).headers["Content-Type"] == "image/jpeg"


@pytest.mark.parametrize(
    "content",
    [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 40, b"<svg xmlns='http://www.w3.org/2000/svg'/>"],
)
def test_what_is_no_picture_is_refused_with_a_sentence(content: bytes, client: Client) -> None:
    status, told = bring(client, SimpleUploadedFile("film\u202e.png", content))
    assert status == 400 and told["detail"].endswith((".", ";")) and "\u202e" not in told["detail"]
    assert client.post(reverse("search-picture"), {}).status_code == 302


def test_a_picture_of_too_many_bytes_or_pixels_is_refused(
    client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploaded_pictures, "MOST_BYTES", 100)
    assert "save the picture smaller" in bring(client, picture_file())[1]["detail"]
    monkeypatch.setattr(uploaded_pictures, "MOST_BYTES_OF_A_FORM", 0)
    assert "at most" in bring(client, picture_file())[1]["detail"]
    assert bring(client, SimpleUploadedFile("large.png", _png_of(60_000, 60_000)))[0] == 400


def _png_of(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds nothing of it."""
    import struct
    import zlib

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def test_nobody_but_who_brought_it_has_the_picture(client: Client, world: World) -> None:
    token = token_of(bring(client, picture_file())[1]["address"])
    assert client.get(reverse("search-example", args=[token])).status_code == 200
    for other in (make_person("colleague", team=world.team), make_person("root", is_superuser=True)):
        stranger = Client()
        stranger.force_login(other)
        assert stranger.get(reverse("search-example", args=[token])).status_code == 404
        assert read_picture(token, user=other) is None
        assert b"is gone" in stranger.get(f"{reverse('search')}?like=upload:{token}").content


@pytest.mark.parametrize("token", ["", "0" * 32, "../../secret", "A" * 32, "0" * 31, "0" * 33])
def test_an_unknown_token_gives_nothing(token: str, world: World) -> None:
    assert picture_name(token, user=world.editor) is None and read_picture(token, user=world.editor) is None


def test_after_its_day_a_picture_is_gone_and_cleared_away(client: Client, world: World) -> None:
    token = token_of(bring(client, picture_file())[1]["address"])
    fresh = token_of(bring(client, picture_file())[1]["address"])
    path = Path(settings.MEDIA_ROOT) / str(picture_name(token, user=world.editor))
    long_ago = time.time() - KEPT_FOR.total_seconds() - 60
    os.utime(path, (long_ago, long_ago))
    assert read_picture(token, user=world.editor) is None
    assert forget_old_pictures() == 1 and not path.exists()
    assert read_picture(fresh, user=world.editor) is not None


def test_of_one_person_only_so_many_pictures_are_kept(
    client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploaded_pictures, "MOST_KEPT", 2)
    tokens = [token_of(bring(client, picture_file())[1]["address"]) for _ in range(3)]
    kept = [picture_name(token, user=world.editor) is not None for token in tokens]
    assert sum(kept) == 2 and kept[-1]


def test_the_page_shows_the_marked_region_and_its_field(client: Client, world: World) -> None:
    ShotDescription.objects.all().delete()
    make_description(world.video, "A red boat.", start=0, end=100, colours=["red"])
    page = client.get(f"{reverse('search')}?like=shot:{world.video.pk}:10&region=0.25,0,0.75,0.5").content.decode()
    assert "M0.25 0.0H0.75V0.5H0.25Z" in page and 'value="0.25,0,0.75,0.5"' in page
    assert client.get(f"{reverse('search')}?region=0,0,1,1").status_code == 400
