"""Logos as people and pipelines keep them: hostile pictures refused with a sentence, roles and teams held to."""

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from rest_framework.test import APIClient

from curation.logos import MOST_WORDS
from curation.models import Logo, LogoLook
from curation.stills.logo_pictures import KEPT_SIDE_PX, MOST_BYTES, UnusableLogo, open_logo, read_logo_picture
from tests.drawn_logos import draw_logos
from tests.world import World, make_logo, make_person, make_still, make_world

pytestmark = pytest.mark.django_db

LOGOS = draw_logos()


@pytest.fixture
def ours() -> World:
    return make_world("ours")


@pytest.fixture
def theirs() -> World:
    return make_world("theirs")


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


WAVE = encoded(Image.fromarray(LOGOS["wave"]))
PLATE = Image.fromarray(LOGOS["plate"])


def bomb() -> bytes:
    """A PNG of 40 KB that says it is 60,000 × 60,000 pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(40_000_000)))
        + chunk(b"IEND", b"")
    )


MARGINED = np.pad(np.full((80, 80, 4), 255, np.uint8), ((40, 40), (40, 40), (0, 0)))
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><rect width="9" height="9"/></svg>'
BAD = {
    "svg": (SVG, "no PNG, JPEG or WebP"),
    "html": (b"<html><script>alert(1)</script></html>", "no PNG, JPEG or WebP"),
    "gif": (encoded(PLATE.convert("P"), "GIF"), "no PNG, JPEG or WebP"),
    "empty": (b"", "no PNG, JPEG or WebP"),
    "bomb": (bomb(), "too many pixels"),
    "huge sides": (encoded(Image.new("L", (6001, 32))), "too many pixels"),
    "truncated png": (WAVE[: len(WAVE) // 2], "damaged or incomplete"),
    "truncated jpeg": (encoded(PLATE.convert("RGB"), "JPEG")[:3000], "damaged or incomplete"),
    "header alone": (WAVE[:20], "no PNG, JPEG or WebP"),
    "1x1": (encoded(Image.new("RGB", (1, 1))), "only 1 × 1 pixels"),
    "line": (encoded(Image.new("RGB", (2000, 20))), "too narrow"),
    "flat": (encoded(Image.new("RGB", (300, 200), (200, 30, 40))), "too few details"),
    "flat in a margin": (encoded(Image.fromarray(MARGINED)), "too few details"),
    "see-through": (encoded(Image.new("RGBA", (300, 200))), "transparent all over"),
    "many bytes": (bytes(MOST_BYTES + 1), "larger than 8 MB"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_usable_logo_is_refused_with_a_sentence_and_leaves_nothing(
    name: str, ours: World, media_folder: Any
) -> None:
    content, sentence = BAD[name]
    with pytest.raises(UnusableLogo, match=sentence) as refused:
        read_logo_picture(content)
    assert str(refused.value).endswith(".")
    before = Logo.objects.count()
    response = add(signed_in(ours.editor), ours, name="Bad", upload=SimpleUploadedFile("logo.png", content))
    assert response.status_code == 422
    assert Logo.objects.count() == before and not list(media_folder.glob("logos/*"))


KEPT = {
    "png": WAVE,
    "webp": encoded(Image.fromarray(LOGOS["wave"]), "WEBP", lossless=True),
    "jpeg": encoded(PLATE.convert("RGB"), "JPEG"),
    "cmyk jpeg": encoded(PLATE.convert("CMYK"), "JPEG"),
    "palette": encoded(Image.fromarray(LOGOS["wave"]).quantize(16)),
    "grey with alpha": encoded(Image.fromarray(LOGOS["wave"]).convert("LA")),
    "bilevel": encoded(PLATE.convert("1")),
    "16 bits": encoded(Image.fromarray(np.asarray(PLATE.convert("L")).astype(np.uint16) << 8)),
    "a flat mark on a see-through ground": encoded(Image.fromarray(np.where(
        LOGOS["wordmark"][..., 3:] > 0, np.uint8([255, 255, 255, 255]), np.uint8([0, 0, 0, 0])))),
}  # fmt: skip


@pytest.mark.parametrize("name", KEPT)
def test_pictures_of_every_kind_are_kept_as_png_with_what_was_see_through(name: str) -> None:
    kept = Image.open(io.BytesIO(read_logo_picture(KEPT[name])))
    assert (kept.format, kept.mode) == ("PNG", "RGBA")
    alpha = np.asarray(kept)[..., 3]
    was_see_through = Image.open(io.BytesIO(KEPT[name])).has_transparency_data
    assert (alpha.min() == 0) == was_see_through
    assert alpha.max() == 255


def test_a_kept_picture_holds_nothing_of_the_upload_but_its_pixels() -> None:
    large = PLATE.resize((5200, 2200))
    large.info["Comment"] = "secret"
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = "secret place", 6
    content = encoded(large.convert("RGB"), "JPEG", exif=exif, comment=b"secret")
    kept = read_logo_picture(content + b"<script>secret</script>")
    assert b"secret" not in kept
    picture = open_logo(kept)
    assert picture.shape[0] == KEPT_SIDE_PX > picture.shape[1], "turned upright and made smaller"


def test_margins_that_are_see_through_are_cut_off() -> None:
    wide = np.pad(LOGOS["gear"], ((300, 0), (0, 500), (0, 0)))
    assert np.array_equal(
        open_logo(read_logo_picture(encoded(Image.fromarray(wide)))),
        open_logo(read_logo_picture(encoded(Image.fromarray(LOGOS["gear"])))),
    )


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def add(client: Client, world: World, **fields: Any) -> Any:
    return client.post("/logos/new/", {"team": world.team.pk, "use": "avoid"} | fields)


def test_an_editor_adds_changes_and_deletes_a_logo_with_plain_forms(ours: World) -> None:
    client = signed_in(ours.editor)
    response = add(
        client, ours, name="Wave", upload=SimpleUploadedFile("x.png", WAVE), brand_words="Wave Inc, WAVE inc"
    )
    assert response.headers["Location"] == "/logos/"
    logo = Logo.objects.get(name="Wave")
    assert (logo.team, logo.created_by, logo.is_wanted) == (ours.team, ours.editor, False)
    assert len(logo.brand_words) == 1
    picture = client.get(f"/logos/{logo.pk}/picture.png")
    assert picture.headers["Content-Type"] == "image/png" and picture.headers["X-Content-Type-Options"] == "nosniff"
    assert open_logo(b"".join(picture.streaming_content)).shape[2] == 4
    client.post(f"/logos/{logo.pk}/edit/", {"name": "Waves", "use": "wanted", "brand_words": "Wave\nWaves"})
    logo.refresh_from_db()
    assert (logo.name, logo.is_wanted, sorted(logo.brand_words)) == ("Waves", True, ["Wave", "Waves"])
    page = client.get("/logos/").content.decode()
    assert "Waves" in page and f"/logos/{logo.pk}/delete/" in page
    assert "Keep it" in client.get(f"/logos/{logo.pk}/delete/").content.decode()
    assert Logo.objects.filter(pk=logo.pk).exists(), "asking deletes nothing"
    client.post(f"/logos/{logo.pk}/delete/")
    assert not Logo.objects.filter(pk=logo.pk).exists()


def test_a_reviewer_sees_logos_and_may_not_change_them(ours: World) -> None:
    client = signed_in(ours.reviewer)
    page = client.get("/logos/").content.decode()
    assert "logo-ours" in page and "Change" not in page and "/logos/new/" not in page
    assert "read-ours" not in page and "tc-ours" in client.get(f"/logos/{ours.logo.pk}/").content.decode()
    for address in (f"/logos/{ours.logo.pk}/edit/", f"/logos/{ours.logo.pk}/delete/", "/logos/new/"):
        for method in (client.get, client.post):
            response = method(address)
            assert response.status_code == 403 and "editors and administrators" in response.content.decode().lower()
    api = api_of(ours.reviewer)
    assert api.patch(f"/api/logos/{ours.logo.pk}/", {"name": "x"}).status_code == 403
    assert api.delete(f"/api/logos/{ours.logo.pk}/").status_code == 403
    body = {"team": ours.team.pk, "name": "x", "brand_words": ["word"]}
    assert api.post("/api/logos/", body).status_code == 403


def test_bad_words_and_a_name_that_is_taken_are_refused_with_a_sentence(ours: World) -> None:
    client = signed_in(ours.editor)
    taken = add(client, ours, name="LOGO-ours", brand_words="word")
    assert taken.status_code == 422 and "has a logo of that name" in taken.content.decode()
    for words, sentence in (
        ("", "nothing to look for"),
        ("!!", "too short"),
        ("x" * 61, "longer than 60 letters"),
        (",".join(f"word{n}" for n in range(MOST_WORDS + 1)), "at most"),
    ):
        response = add(client, ours, name="New", brand_words=words)
        assert response.status_code == 422 and sentence in response.content.decode(), words
    second = make_logo(ours.team, "second")
    response = client.post(f"/logos/{second.pk}/edit/", {"name": "logo-OURS", "use": "avoid", "brand_words": "a word"})
    assert response.status_code == 422 and "has a logo of that name" in response.content.decode()
    second.refresh_from_db()
    assert second.name == "second"
    assert Logo.objects.count() == 2


def test_a_form_that_is_too_large_is_turned_away_before_it_is_read_and_the_token_is_asked_for(ours: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ours.editor)
    small = {"team": ours.team.pk, "name": "x", "use": "avoid", "brand_words": "word"}
    assert client.post("/logos/new/", small).status_code == 403
    large = {**small, "upload": SimpleUploadedFile("x.png", bytes(MOST_BYTES + 2**17))}
    response = client.post("/logos/new/", large)
    assert response.headers["Location"] == "/logos/new/"
    assert "larger than 8 MB" in client.get("/logos/new/").content.decode()


def test_words_that_nobody_could_look_for_are_not_said_to_be_nowhere(ours: World) -> None:
    logo = make_logo(ours.team, "unread")
    LogoLook.objects.create(logo=logo, video=ours.video, frame_index=10, version=1, words=logo.brand_words)
    page = signed_in(ours.editor).get("/logos/").content.decode()
    assert "Could not be looked for yet" in page and "1 still whose text has not been read" in page
    assert "In none of" not in page
    LogoLook.objects.filter(logo=logo).update(text_version=1, probability=0)
    page = signed_in(ours.editor).get("/logos/").content.decode()
    assert "In none of 1 still" in page and "not been read" not in page


def test_a_logo_cannot_be_made_for_another_team(ours: World, theirs: World) -> None:
    response = add(signed_in(ours.editor), theirs, name="Wave", brand_words="word")
    assert response.status_code == 422
    body = {"team": theirs.team.pk, "name": "Wave", "brand_words": ["word"]}
    response = api_of(ours.editor).post("/api/logos/", body)
    assert response.status_code == 400 and "does not exist" in response.json()["team"][0]
    assert Logo.objects.count() == 2


def test_opening_the_page_sends_searches_again_that_are_due(
    ours: World, hints: list[tuple[Any, ...]], django_capture_on_commit_callbacks: Any
) -> None:
    client = signed_in(ours.reviewer)
    with django_capture_on_commit_callbacks(execute=True):
        page = client.get("/logos/").content.decode()
    assert hints == [] and "Searching" not in page and "In 1 still" in page
    make_still(ours.video, 20, rank=2)
    with django_capture_on_commit_callbacks(execute=True):
        page = client.get("/logos/").content.decode()
    assert hints == [("curation.tasks.look_for_logos", ours.team.pk)]
    assert "Searching" in page and "1 search left" in page and "1 of 2 stills searched" in page
    with django_capture_on_commit_callbacks(execute=True):
        part = client.get("/logos/", headers={"HX-Request": "true"}).content.decode()
    assert len(hints) == 1 and "<html" not in part and "every 5s" in part


def test_the_page_asks_as_many_questions_for_many_logos(ours: World, django_assert_num_queries: Any) -> None:
    client = signed_in(ours.editor)
    client.get("/logos/")
    with django_assert_num_queries(13) as few:
        client.get("/logos/")
    for number in range(12):
        make_logo(ours.team, f"more-{number}", seen_in=ours.still)
    with django_assert_num_queries(len(few)):
        client.get("/logos/")


def test_a_still_that_is_one_no_more_shows_no_logo(ours: World) -> None:
    client = signed_in(ours.editor)
    assert "read-ours" not in client.get("/logos/").content.decode()
    page = client.get(f"/logos/{ours.logo.pk}/").content.decode()
    assert "In 1 still" in page and "90 % likely" in page and 'points="10,20 110,20 110,60 10,60 "' in page
    ours.still.delete()
    assert "No still has been searched" in client.get(f"/logos/{ours.logo.pk}/").content.decode()
    assert api_of(ours.editor).get(f"/api/logos/{ours.logo.pk}/").json()["shown_in"] == 0
    assert LogoLook.objects.filter(logo=ours.logo).exists(), "should the frame come back, it is not searched again"


def api_of(user: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def test_the_api_makes_changes_lists_and_deletes_logos(ours: World, theirs: World) -> None:
    client = api_of(ours.editor)
    body = {"team": ours.team.pk, "name": "Wave", "brand_words": ["Wave", "Wave Inc"], "is_wanted": "true"}
    made = client.post("/api/logos/", {**body, "upload": SimpleUploadedFile("x.png", WAVE)}, format="multipart")
    assert made.status_code == 201, made.json()
    logo = made.json()
    assert logo["brand_words"] == ["Wave", "Wave Inc"] and logo["is_wanted"] and logo["created_by"] == "editor-ours"
    assert logo["picture"].endswith(f"/logos/{logo['id']}/picture.png") and "upload" not in logo
    changed = client.patch(f"/api/logos/{logo['id']}/", {"is_wanted": False, "brand_words": []}, format="json")
    assert changed.json()["is_wanted"] is False and changed.json()["brand_words"] == []
    assert client.patch(f"/api/logos/{logo['id']}/", {"name": "logo-ours"}, format="json").status_code == 400
    listed = client.get("/api/logos/", {"is_wanted": "false", "ordering": "-name"}).json()["results"]
    assert [each["name"] for each in listed] == ["logo-ours", "Wave"]
    assert client.get("/api/logos/", {"team": theirs.team.pk}).status_code == 400
    stored = Logo.objects.get(pk=logo["id"]).picture.name
    assert default_storage.exists(stored)
    assert client.delete(f"/api/logos/{logo['id']}/").status_code == 204
    bad = client.post("/api/logos/", {**body, "upload": SimpleUploadedFile("x.png", SVG)}, format="multipart")
    assert bad.status_code == 400 and "no PNG" in bad.json()["upload"][0]
    nothing = client.post("/api/logos/", {"team": ours.team.pk, "name": "Nothing"}, format="json")
    assert nothing.status_code == 400 and "nothing to look for" in nothing.json()["non_field_errors"][0]
    large = SimpleUploadedFile("x.png", bytes(MOST_BYTES + 2**17))
    refused = client.post("/api/logos/", {**body, "upload": large}, format="multipart")
    assert refused.status_code == 400 and "larger than 8 MB" in refused.json()["upload"][0]


def test_the_api_tells_where_a_logo_was_found(ours: World) -> None:
    answer = api_of(ours.reviewer).get(f"/api/logos/{ours.logo.pk}/sightings/").json()
    assert answer["count"] == 1
    (sighting,) = answer["results"]
    assert sighting["still"] == ours.still.pk and sighting["title"] == ours.title.pk
    assert (sighting["frame_index"], sighting["timecode"], sighting["probability"]) == (10, "tc-ours", 0.9)
    assert sighting["found"][0]["box"] == [10, 20, 110, 60] and sighting["found"][0]["by"] == "words"


def test_logos_of_other_teams_are_in_no_list_and_answer_404(ours: World, theirs: World) -> None:
    client = api_of(ours.administrator)
    assert [each["name"] for each in client.get("/api/logos/").json()["results"]] == ["logo-ours"]
    for path in ("", "sightings/"):
        assert client.get(f"/api/logos/{theirs.logo.pk}/{path}").status_code == 404
    assert client.delete(f"/api/logos/{theirs.logo.pk}/").status_code == 404
    root = api_of(make_person("root", is_superuser=True))
    assert root.get("/api/logos/").json()["count"] == 2
