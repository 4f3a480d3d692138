"""The address of a picture on a canvas: to whom it answers, with what, how long it is kept, and what it refuses."""

import asyncio
import io
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from asgiref.sync import async_to_sync
from django.core.files.base import ContentFile
from django.test import AsyncClient, Client
from django.utils import timezone
from PIL import Image

from ava import frames
from ava.decoder_process import DecoderDied, DecoderPool
from ava.media.canvas_picture import render_canvas
from ava.media.decode import decode_frame
from ava.models import Team, Title, Video
from ava.video_facts import video_info
from curation import canvas_picture_order, canvas_picture_views, picture_layouts
from curation.canvas_picture_links import picture_address, signed_address
from curation.layout.box import Box
from curation.layout.canvases import DEFAULT_CANVASES
from curation.layout.lay_out import lay_out
from curation.layout.layouts import CanvasLayout, Crop, FocalPoint, Layout
from curation.layout_sources import source_of_frame
from curation.models import Artwork, Still, TeamCanvas
from tests.films import make_title, make_user, store_video
from tests.footage import write_film

pytestmark = pytest.mark.django_db

CROP = Box(20, 10, 300, 170)


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    return write_film(tmp_path_factory.mktemp("films") / "film.mp4", frames=30, width=320, height=180, fps=24)


@pytest.fixture(scope="module")
def pool():
    pool = DecoderPool(size=1)
    yield pool
    pool.close()


@pytest.fixture(autouse=True)
def decoders(pool, monkeypatch) -> None:
    monkeypatch.setattr(frames, "DECODERS", pool)


@pytest.fixture
def crops(monkeypatch) -> dict[str, Box]:
    """The crops that layouts have, by canvas; what is not here is the whole middle."""
    boxes: dict[str, Box] = {}

    def lay_out(source, *, canvases, among):
        middle = FocalPoint(160, 90, CROP, 1.0, "middle")
        return Layout(middle, tuple(CanvasLayout(each, Crop(boxes.get(each.key, CROP), 1.0)) for each in canvases))

    monkeypatch.setattr(canvas_picture_order, "layout_of", lay_out)
    return boxes


@pytest.fixture
def title() -> Title:
    return make_title("Heat: “Uncut”", team=Team.objects.create(name="Artwork"))


@pytest.fixture
def video(film: Path, title: Title) -> Video:
    return store_video(film, title=title)


@pytest.fixture
def still(video: Video) -> Still:
    return Still.objects.create(
        video=video, frame_index=7, timecode="00:00:00:07", rank=1, score=1.0, explanation={}, signals={}
    )


@pytest.fixture
def browser(title: Title) -> Client:
    client = Client()
    client.force_login(make_user("editor", team=title.teams.get()))
    return client


def picture(response) -> Image.Image:
    assert response.status_code == 200, response.content[:200]
    image = Image.open(io.BytesIO(response.content))
    image.load()
    return image


def test_a_still_is_sent_as_its_layout_cuts_it_from_the_film_itself(browser, still, crops) -> None:
    response = browser.get(f"/i/{still.pk}?canvas=story-art&format=png")
    sent = np.asarray(picture(response).convert("RGB")).astype(int)
    rgb = decode_frame(Path(still.video.file.path), info=video_info(still.video), frame_index=7)
    expected = render_canvas(rgb, box=CROP, size=(1536, 864)).astype(int)
    assert sent.shape == (864, 1536, 3)
    assert np.abs(sent - expected).mean() < 1.5
    assert response["Content-Type"] == "image/png"
    assert "Heat" in response["Content-Disposition"] and "story-art 1536x864.png" in response["Content-Disposition"]


def test_a_picture_is_laid_out_on_its_canvas_alone_unless_the_layout_on_all_is_kept(browser, still) -> None:
    made = []

    def lay_out_noting(rgb, *, canvases, **others):
        made.append([canvas.key for canvas in canvases])
        return lay_out(rgb, canvases=canvases, **others)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(picture_layouts, "lay_out", lay_out_noting)
        first = browser.get(f"/i/{still.pk}?canvas=square&w=80")
        picture_layouts.layout_of(source_of_frame(still.video, 7))
        browser.get(f"/i/{still.pk}?canvas=box-art&w=80")
        assert browser.get(f"/i/{still.pk}?canvas=square&w=80")["ETag"] == first["ETag"], "one crop either way"
    assert made == [["square"], [canvas.key for canvas in DEFAULT_CANVASES]]


def test_every_form_of_reference_names_its_picture(browser, still, crops) -> None:
    by_still = browser.get(f"/i/{still.pk}?canvas=square&w=90")
    by_frame = browser.get(f"/i/v{still.video_id}f7?canvas=square&w=90")
    other = browser.get(f"/i/v{still.video_id}f8?canvas=square&w=90")
    assert by_still.content == by_frame.content
    assert by_still["ETag"] == by_frame["ETag"] != other["ETag"]
    assert picture(other).size == (90, 90)


def test_an_artwork_is_cut_from_its_stored_picture(browser, title, crops) -> None:
    rgb = np.random.default_rng(1).integers(0, 256, (9, 16, 3), dtype=np.uint8).repeat(20, 0).repeat(20, 1)
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "PNG")
    artwork = Artwork(
        title=title, original_name="key art.png", sha256="ab" * 32, size_bytes=1, width=320, height=180, state="ready"
    )
    artwork.picture.save("art.png", ContentFile(file.getvalue()), save=True)
    crops["story-art"] = Box(0, 0, 320, 180)
    sent = np.asarray(picture(browser.get(f"/i/a{artwork.pk}?canvas=story-art&w=320&format=png")).convert("RGB"))
    assert np.abs(sent.astype(int) - rgb).mean() < 4
    artwork.picture.storage.delete(artwork.picture.name)
    again = browser.get(f"/i/a{artwork.pk}?canvas=story-art&w=160")
    assert again.status_code == 200, "the whole picture is kept in the cache"
    Artwork.objects.filter(pk=artwork.pk).update(sha256="cd" * 32)
    gone = browser.get(f"/i/a{artwork.pk}?canvas=story-art&w=161")
    assert (gone.status_code, gone.content[-1:]) == (422, b".")


def test_the_second_time_nothing_is_decoded_or_rendered(browser, still, crops, monkeypatch) -> None:
    first = browser.get(f"/i/{still.pk}?canvas=square&w=80")
    monkeypatch.setattr(canvas_picture_views, "make_canvas_file", None)
    monkeypatch.setattr(frames.DECODERS, "ask", None)
    assert browser.get(f"/i/{still.pk}?canvas=square&w=80").content == first.content


def test_what_a_browser_has_is_confirmed_until_a_crop_changes(browser, still, crops) -> None:
    address = picture_address(str(still.pk), canvas="square", width_px=80)
    first = browser.get(address)
    assert first["Cache-Control"].startswith("private")
    kept = browser.get(address, HTTP_IF_NONE_MATCH=first["ETag"])
    assert (kept.status_code, kept.content, kept["ETag"]) == (304, b"", first["ETag"])
    crops["square"] = Box(0, 0, 170, 170)
    changed = browser.get(address, HTTP_IF_NONE_MATCH=first["ETag"])
    assert changed.status_code == 200 and changed["ETag"] != first["ETag"]
    TeamCanvas.objects.create(
        team=still.video.title.teams.get(), key="square", name="Square", width_px=500, height_px=400
    )
    assert picture(browser.get(address)).size == (80, 64), "the team's own version of the canvas"


def test_the_format_follows_what_is_accepted_unless_it_is_asked_for(browser, still, crops) -> None:
    def sent(query: str, accept: str) -> tuple[str, bool]:
        response = browser.get(f"/i/{still.pk}?canvas=story-art{query}", HTTP_ACCEPT=accept)
        return response["Content-Type"], "Accept" in response.get("Vary", "")

    assert sent("&w=80", "image/avif,image/webp,*/*") == ("image/webp", True)
    assert sent("&w=80", "*/*") == ("image/jpeg", True)
    assert sent("&w=80&format=", "image/webp") == ("image/webp", True), "or a cache sends it to anybody"
    assert sent("", "image/webp") == ("image/jpeg", True), "a large WebP takes too long"
    assert sent("&w=80&format=avif", "image/webp") == ("image/avif", False)


@pytest.mark.parametrize(
    "query",
    ["", "canvas=", "canvas=nothing", "canvas=%00", "canvas=square&w=0", "canvas=square&w=1081", "canvas=square&w=x",
     "canvas=square&w=-5", "canvas=square&w=1e2", "canvas=square&w=%00", "canvas=square&w=99999999999999999999",
     "canvas=square&w=²", "canvas=square&format=gif", "canvas=square&format=%00"],
)  # fmt: skip
def test_what_cannot_be_asked_for_is_refused_with_a_sentence(browser, still, crops, query) -> None:
    response = browser.get(f"/i/{still.pk}?{query}")
    assert response.status_code == 400
    assert response.content.endswith(b".") and response["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("ref", ["0", "999999", "x", "v1", "v1f", "vf1", "a", "a999", "-1", "9" * 30, "v9f" + "9" * 9])
def test_references_that_name_nothing_are_not_found(browser, still, crops, ref) -> None:
    assert browser.get(f"/i/{ref}?canvas=square").status_code == 404
    assert browser.get(f"/i/v{still.video_id}f30?canvas=square").status_code == 404


def test_a_frame_that_cannot_be_decoded_is_said(browser, still, crops, monkeypatch) -> None:
    def die(request: dict, **_: object) -> None:
        frames.DECODERS.give_back_place()
        raise DecoderDied("the decoder crashed (signal 11)")

    monkeypatch.setattr(frames.DECODERS, "ask", die)
    response = browser.get(f"/i/v{still.video_id}f9?canvas=square")
    assert response.status_code == 422
    assert b"neighbouring" in response.content


def test_when_too_many_wait_the_next_is_asked_to_come_again(browser, still, crops, monkeypatch) -> None:
    monkeypatch.setattr(canvas_picture_views, "MOST_IN_LINE", 0)
    response = browser.get(f"/i/{still.pk}?canvas=square&w=77")
    assert (response.status_code, response["Retry-After"]) == (503, "2")


def test_seven_at_once_are_all_sent_and_none_stays_in_line(title, still, crops) -> None:
    user = make_user("editor", team=title.teams.get())

    async def ask() -> list[int]:
        client = AsyncClient()
        await client.aforce_login(user)
        asked = (client.get(f"/i/{still.pk}?canvas={each.key}&w=120") for each in DEFAULT_CANVASES)
        return [response.status_code for response in await asyncio.gather(*asked)]

    assert async_to_sync(ask)() == [200] * len(DEFAULT_CANVASES)
    assert canvas_picture_views._in_work == []


def test_a_crop_without_area_is_said(browser, still, crops) -> None:
    crops["square"] = Box(50, 50, 50, 90)
    response = browser.get(f"/i/{still.pk}?canvas=square")
    assert response.status_code == 400 and b"no area" in response.content


# --- who may see it -----------------------------------------------------------------------------------------------


def test_outsiders_find_nothing_and_who_is_not_signed_in_is_asked_to(still, crops) -> None:
    outsider = Client()
    outsider.force_login(make_user("outsider", team=Team.objects.create(name="Other")))
    for ref in (still.pk, f"v{still.video_id}f7"):
        for query in ("canvas=square", "", "canvas=x"):
            assert outsider.get(f"/i/{ref}?{query}").status_code == 404
    response = Client().get(f"/i/{still.pk}?canvas=square")
    assert response.status_code == 302 and response["Location"].startswith("/sign-in/?next=/i/")
    assert Client().post(f"/i/{still.pk}?canvas=square").status_code == 405


def test_a_signed_address_shows_its_picture_to_anybody_until_it_expires(still, crops, browser) -> None:
    expires = timezone.now() + timedelta(hours=1)
    address = signed_address(str(still.pk), canvas="square", width_px=90, format="jpeg", expires=expires)
    response = Client().get(address)
    assert picture(response).size == (90, 90)
    public, age = response["Cache-Control"].split(", max-age=")
    assert public == "public" and 3590 <= int(age) <= 3600
    assert "Cookie" not in response.get("Vary", "") and not response.cookies
    for client in (Client(), browser):
        late = client.get(signed_address(str(still.pk), canvas="square", expires=timezone.now() - timedelta(seconds=1)))
        assert late.status_code == 403 and b"expired" in late.content and "no-store" in late["Cache-Control"]


def test_whoever_sees_a_picture_gets_a_signed_address_of_it(still, crops, browser) -> None:
    told = browser.get(f"/i/{still.pk}/link?canvas=square&w=90&format=png&days=2")
    address = urlsplit(told.json()["url"])
    response = Client().get(f"{address.path}?{address.query}")
    assert picture(response).size == (90, 90)
    assert response["Cache-Control"] == "public, max-age=3600", "so long at most until a new crop is seen"
    for query in ("", "canvas=x", "canvas=square&days=0", "canvas=square&days=367", "canvas=square&days=%00"):
        assert browser.get(f"/i/{still.pk}/link?{query}").status_code == 400
    outsider = Client()
    outsider.force_login(make_user("outsider", team=Team.objects.create(name="Other")))
    assert outsider.get(f"/i/{still.pk}/link?canvas=square").status_code == 404
    assert Client().get(f"/i/{still.pk}/link?canvas=square").status_code == 302


def test_a_signed_address_outlives_the_still_and_does_not_tell_of_the_teams_canvases(still, crops, browser) -> None:
    own = TeamCanvas.objects.create(
        team=still.video.title.teams.get(), key="secret", name="Secret", width_px=500, height_px=400
    )
    asked = urlsplit(browser.get(f"/i/{still.pk}/link?canvas=secret&w=90").json()["url"])
    address = f"{asked.path}?{asked.query}"
    Still.objects.all().delete()  # as the next analysis does
    assert picture(Client().get(address)).size == (90, 72)
    own.width_px = 80
    own.save()
    assert Client().get(address).status_code == 404, "wider than the canvas is now"
    own.delete()
    response = Client().get(address)
    assert response.status_code == 404 and b"story-art" not in response.content


def test_no_part_of_a_signed_address_can_be_changed(still, crops) -> None:
    address = signed_address(str(still.pk), canvas="square", width_px=90, expires=timezone.now() + timedelta(hours=1))
    path, query = urlsplit(address).path, urlsplit(address).query
    asked = {name: values[0] for name, values in parse_qs(query).items()}
    assert Client().get(path, asked).status_code == 200
    changes = [
        {"canvas": "story-art"}, {"w": "91"}, {"w": ""}, {"format": "png"}, {"signature": ""},
        {"expires": str(int(asked["expires"]) + 1)}, {"expires": ""}, {"signature": asked["signature"] + "a"},
        {"signature": "ä\x00"},
    ]  # fmt: skip
    for change in changes:
        assert Client().get(path, asked | change).status_code == 404, change
    assert Client().get(f"/i/v{still.video_id}f7", asked).status_code == 404
    assert Client().get(f"{path}?{query}&canvas=story-art").status_code == 404
