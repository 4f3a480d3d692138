"""A title's artwork on its pages and over the API: measured like stills, narrowed, served safely, kept by editors."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from rest_framework.test import APIClient
from skimage import data

from ava import janitor
from ava.annotate import picture as picture_measuring
from ava.annotate.base import find_annotators
from ava.media.picture_copies import write_copies
from ava.picture_process import PictureCopies
from curation import artwork_annotation, artwork_uploads
from curation.artwork import ReadArtwork, store_artworks
from curation.artwork_annotation import annotate_artworks, due_artworks, wanted_versions
from curation.models import Artwork, Picture, TestResult
from tests.artwork_reading import reads_here  # noqa: F401
from tests.world import World, make_artwork, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def ours() -> World:
    return make_world("ours")


@pytest.fixture
def editor(ours) -> Client:
    client = Client()
    client.force_login(ours.editor)
    return client


@pytest.fixture
def few_annotators(monkeypatch, no_detectors) -> None:
    """Two annotators and no detectors: enough to see the way of an artwork."""
    few = [each for each in find_annotators() if each.name in {"exposure", "sharpness"}]
    monkeypatch.setattr(artwork_annotation, "find_annotators", lambda: few)


def encoded(level: int = 90, *, size: tuple[int, int] = (48, 32), kind: str = "PNG") -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, (level, 100, 50)).save(written, kind)
    return written.getvalue()


def kept(world: World, folder: Path, rgb: np.ndarray, *, name: str = "poster.png") -> Artwork:
    """An artwork whose files are there."""
    write_copies(rgb, folder=folder)
    original = folder / "original"
    Image.fromarray(rgb).save(original, "PNG")
    height, width = rgb.shape[:2]
    copies = PictureCopies(folder / "picture.png", folder / "preview.jpg", width, height, [])
    read = ReadArtwork(path=name, file=original, sha256=name.encode().hex(), size_bytes=7, copies=copies)
    return store_artworks(world.title, [read], user=world.editor)[0].artwork


def post(client: Client, world: World, *files: tuple[str, bytes], as_json: bool = False, **fields: Any) -> Any:
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    headers = {"accept": "application/json"} if as_json else {}
    return client.post(f"/titles/{world.title.pk}/artwork/", {"files": sent, **fields}, headers=headers)


def test_pictures_come_in_by_a_plain_form_and_each_is_told_of(ours, editor):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("in.png", encoded(3))
    response = post(
        editor, ours, ("a_fr.png", encoded(1)), ("b.jpg", b"%PDF-1.4"), ("set.zip", archive.getvalue()), ("c.png", b"")
    )
    page = response.content.decode()
    assert response.status_code == 200
    names = Artwork.objects.filter(title=ours.title).values_list("original_name", flat=True)
    assert set(names) == {ours.artwork.original_name, "a_fr.png", "in.png"}
    assert "a PDF document" in page and "c.png is no PNG" in page and "fr</option>" in page


@pytest.mark.usefixtures("reads_here")
def test_a_script_hears_of_each_file_as_json_and_its_folders_tell_names_apart(ours, editor):
    first = post(editor, ours, ("poster.png", encoded(1)), as_json=True, paths=["de/poster.png"]).json()
    second = post(editor, ours, ("poster.png", encoded(2)), as_json=True, paths=["../fr/poster.png"]).json()
    assert [first["pictures"][0]["name"], second["pictures"][0]["name"]] == ["poster.png", "fr/poster.png"]
    assert editor.get(first["pictures"][0]["url"]).status_code == 200
    refused = post(editor, ours, ("x.png", b"MZ"), as_json=True)
    (told,) = refused.json()["pictures"]
    assert told["outcome"] == "refused" and "a program" in told["sentence"] and told["url"] is None


@pytest.mark.usefixtures("reads_here")
def test_requests_that_cannot_be_taken_are_answered_with_a_sentence(ours, editor, settings, monkeypatch):
    nothing = editor.post(f"/titles/{ours.title.pk}/artwork/", headers={"accept": "application/json"})
    assert nothing.status_code == 400 and "Choose pictures" in nothing.json()["detail"]
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    many = post(editor, ours, *((f"{n}.png", encoded(n)) for n in range(3)), as_json=True)
    assert many.status_code == 400 and "hundred files at once" in many.json()["detail"]
    monkeypatch.setattr(artwork_uploads, "MOST_BYTES", 10)
    monkeypatch.setattr(artwork_uploads, "MOST_BYTES_OF_A_FORM", 10)
    large = post(editor, ours, ("a.png", encoded()), as_json=True)
    assert large.status_code == 400 and "at once" in large.json()["detail"]
    assert post(editor, ours, ("a.png", encoded())).status_code == 302
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ours.editor)
    monkeypatch.undo()
    assert post(strict, ours, ("a.png", encoded()), as_json=True).status_code == 403
    assert Artwork.objects.filter(title=ours.title).count() == 1


def test_who_only_reads_sees_artwork_and_changes_none(ours):
    reviewer = Client()
    reviewer.force_login(ours.reviewer)
    pages = [f"/titles/{ours.title.pk}/artwork/", f"/artworks/{ours.artwork.pk}/"]
    for page in pages:
        shown = reviewer.get(page)
        main = shown.content.decode().split("<main")[1].split("</main>")[0]  # the help over every page names keys
        assert shown.status_code == 200 and "Delete" not in main
        assert reviewer.post(page, {"language": "fr"}).status_code == 403
    assert reviewer.get(f"/artworks/{ours.artwork.pk}/delete/").status_code == 403
    api = APIClient()
    api.force_login(ours.reviewer)
    sent = {"title": ours.title.pk, "files": [SimpleUploadedFile("a.png", encoded())]}
    assert api.post("/api/artworks/", sent, format="multipart").status_code == 403
    assert api.delete(f"/api/artworks/{ours.artwork.pk}/").status_code == 403
    assert api.patch(f"/api/artworks/{ours.artwork.pk}/", {"language": "fr"}).status_code == 403
    assert Artwork.objects.filter(title=ours.title).count() == 1


def test_artwork_is_measured_like_stills_and_then_grouped(
    ours, tmp_path, few_annotators, hints, django_capture_on_commit_callbacks
):
    artwork = kept(ours, tmp_path, data.astronaut())
    with django_capture_on_commit_callbacks(execute=True):
        annotate_artworks()
    artwork.refresh_from_db()
    annotators = artwork_annotation.find_annotators()
    truth = picture_measuring.measure_picture(data.astronaut(), annotators=annotators)
    assert artwork.state == "ready" and artwork.versions == {"exposure": 2, "sharpness": 2} == wanted_versions()
    assert artwork.signals == {name: round(value, 5) for name, value in truth.items()}
    assert ("curation.tasks.group_pictures", ours.title.pk) in hints
    assert not due_artworks().filter(pk=artwork.pk).exists()


def test_a_picture_gives_the_values_that_a_frame_of_a_film_gives():
    from ava.annotate.run import _Block

    rgb = np.ascontiguousarray(data.astronaut()[:360])  # under 640 px: both see the very same pixels
    annotators = [each for each in find_annotators() if picture_measuring.measures_single_frames(each)]
    for annotator in annotators:
        annotator.load()
    block = _Block(rgb[None], np.zeros(1, np.int64), first_row=0, end_row=1)
    signals = picture_measuring.measure_picture(rgb, annotators=annotators)
    for annotator in annotators:
        row = block.measure(annotator).values[0]
        mine = [signals.get(f"{annotator.name}.{column}", np.nan) for column in annotator.columns]
        assert np.array_equal(np.array(mine, np.float32), row, equal_nan=True), annotator.name


@pytest.mark.filterwarnings("error")
def test_pictures_of_extreme_shapes_are_measured(no_detectors):
    annotators = [each for each in find_annotators() if picture_measuring.measures_single_frames(each)]
    for annotator in annotators:
        annotator.load()
    for shape in ((1, 1, 3), (1, 5000, 3), (5000, 1, 3), (2, 2, 3), (700, 700, 3)):
        signals = picture_measuring.measure_picture(np.full(shape, 128, np.uint8), annotators=annotators)
        assert np.isfinite(list(signals.values())).all() and "exposure.brightness" in signals


def test_what_was_measured_by_another_version_is_measured_again_and_lost_messages_are_sent_again(
    ours, tmp_path, few_annotators, hints, monkeypatch, django_capture_on_commit_callbacks
):
    artwork = kept(ours, tmp_path, data.astronaut())
    Artwork.objects.exclude(pk=artwork.pk).delete()
    Artwork.objects.update(state="ready", versions={"exposure": 1, "sharpness": 2}, signals={"exposure.brightness": 9})
    hints.clear()
    for _ in range(3):
        monkeypatch.setitem(artwork_annotation._asked_at, "s", -100 * artwork_annotation.ASK_EVERY_S)
        with django_capture_on_commit_callbacks(execute=True):
            janitor.resend_registered()
            janitor.resend_registered()  # too soon after the first
    assert hints.count(("curation.tasks.annotate_artworks",)) == 3
    annotate_artworks()
    artwork.refresh_from_db()
    assert artwork.versions == wanted_versions() and 0 < artwork.signals["exposure.brightness"] < 1


def test_a_failure_is_told_and_can_be_tried_again(ours, editor, tmp_path, few_annotators, hints, monkeypatch):
    broken, sound = make_artwork(ours.title, "gone.png", state="waiting"), kept(ours, tmp_path, data.astronaut())
    annotate_artworks()
    broken.refresh_from_db()
    sound.refresh_from_db()
    assert (broken.state, sound.state) == ("failed", "ready")
    assert "Delete it and bring it again" in editor.get(f"/artworks/{broken.pk}/").content.decode()
    assert editor.post(f"/artworks/{broken.pk}/", {"again": "1"}).status_code == 302
    broken.refresh_from_db()
    assert (broken.state, broken.error) == ("waiting", "")


def test_a_picture_is_served_at_a_few_widths_and_its_file_only_to_be_saved(ours, editor, tmp_path):
    artwork = kept(ours, tmp_path, np.kron(data.astronaut(), np.ones((4, 4, 1), np.uint8)), name='x"<svg>.html')
    for asked, width in ((None, 640), (100, 160), (640, 640), (1900, 1920), (3840, 2048)):
        response = editor.get(f"/artworks/{artwork.pk}/picture.jpg", {"w": asked} if asked else {})
        content = b"".join(response.streaming_content)
        assert Image.open(io.BytesIO(content)).width == width and response["Content-Type"] == "image/jpeg"
        assert "immutable" in response["Cache-Control"] and response["X-Content-Type-Options"] == "nosniff"
        known = {"If-None-Match": response["ETag"]}
        again = editor.get(f"/artworks/{artwork.pk}/picture.jpg", {"w": asked or 640}, headers=known)
        assert again.status_code == 304
    for wrong in ("0", "-1", "x", "9" * 30, "1\x00", ""):
        assert editor.get(f"/artworks/{artwork.pk}/picture.jpg", {"w": wrong}).status_code == 400
    file = editor.get(f"/artworks/{artwork.pk}/file")
    assert file["Content-Disposition"].startswith("attachment") and file["X-Content-Type-Options"] == "nosniff"
    assert file["Content-Type"] == "application/octet-stream" and "sandbox" in file["Content-Security-Policy"]
    assert editor.get(f"/artworks/{ours.artwork.pk}/file").status_code == 404  # its files are gone
    assert editor.get(f"/artworks/{ours.artwork.pk}/picture.jpg?w=1280").status_code == 404


def test_the_library_is_narrowed_and_ordered_as_asked(ours, editor):
    Artwork.objects.all().delete()
    wide, tall = {"faces.count": 2, "text.count": 1}, {"faces.count": 0, "text.count": 0, "colour_names.red": 0.4}
    make_artwork(ours.title, "wide_fr.png", language="fr", width=4000, height=2200, signals=wide)
    make_artwork(ours.title, "tall.png", width=600, height=900, signals=tall)
    make_artwork(ours.title, "new.png", width=500, height=500, state="waiting")

    def shown(query: str) -> list[str]:
        page = editor.get(f"/titles/{ours.title.pk}/artwork/?{query}")
        assert page.status_code == 200, query
        return [card.artwork.original_name for card in page.context["library"].cards]

    assert shown("") == ["new.png", "tall.png", "wide_fr.png"]
    for query, names in {
        "language=fr": ["wide_fr.png"], "language=none": ["new.png", "tall.png"], "faces=2": ["wide_fr.png"],
        "faces=0": ["tall.png"], "text=any": ["wide_fr.png"], "colour=red": ["tall.png"], "shape=tall": ["tall.png"],
        "shape=square": ["new.png"], "size=large": ["wide_fr.png"], "size=small&sort=oldest": ["tall.png", "new.png"],
        "state=waiting": ["new.png"], "q=TALL": ["tall.png"], "sort=name": ["new.png", "tall.png", "wide_fr.png"],
        "sort=faces": ["wide_fr.png", "tall.png", "new.png"],
        "faces=9&size=x&sort=x&page=99999&language=": ["new.png", "tall.png", "wide_fr.png"],
        "q=%00&language=%00xx": [],
    }.items():  # fmt: skip
        assert shown(query) == names, query


def test_the_library_takes_as_many_queries_for_many_pictures_as_for_one(ours, editor, django_assert_max_num_queries):
    for number in range(40):
        make_artwork(ours.title, f"{number}.png")
    with django_assert_max_num_queries(12):
        editor.get(f"/titles/{ours.title.pk}/artwork/")


def test_an_artworks_page_tells_what_is_in_it(ours, editor):
    artwork = make_artwork(
        ours.title, "poster.png", remarks=["It is animated; its first picture was taken."], language="fr",
        signals={"framing.scale": 1.0, "framing.confidence": 0.9, "faces.count": 1.0, "exposure.brightness": 0.4},
        findings={"faces": [{"box": [1, 2, 30, 40], "score": 0.9, "is_detected": True}],
                  "text": [{"box": [5, 5, 90, 20], "text": "LE <b>VOYAGE</b>"}]},
    )  # fmt: skip
    page = editor.get(f"/artworks/{artwork.pk}/").content.decode()
    assert "one face, close-up" in page and "LE &lt;b&gt;VOYAGE&lt;/b&gt;" in page and "first picture was taken" in page
    assert '<script id="artwork-findings"' in page and "<b>VOYAGE" not in page
    for language, status in (("pt_BR", 302), ("", 302), ("not a language", 400), ("x\x00", 400), ("f" * 500, 400)):
        assert editor.post(f"/artworks/{artwork.pk}/", {"language": language}).status_code == status, language
    assert editor.post(f"/artworks/{artwork.pk}/").status_code == 400


def test_deleting_asks_first_and_tells_what_goes_along(
    ours, editor, tmp_path, media_folder, django_capture_on_commit_callbacks
):
    artwork = kept(ours, tmp_path, data.astronaut())
    picture = Picture.objects.create(title=ours.title, artwork=artwork)
    TestResult.objects.create(batch=ours.test_batch, picture=picture, region="FR", impressions=10, plays=1)
    assert "1 result of tests" in editor.get(f"/artworks/{artwork.pk}/delete/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        assert editor.post(f"/artworks/{artwork.pk}/delete/").status_code == 302
    assert not Artwork.objects.filter(pk=artwork.pk).exists()
    assert [path for path in media_folder.rglob("*") if path.is_file()] == []


@pytest.mark.usefixtures("reads_here")
def test_pipelines_bring_read_change_and_delete_artwork(ours):
    api = APIClient()
    api.force_login(ours.editor)

    def send(*files: tuple[str, bytes], title: object = ours.title.pk) -> Any:
        sent = {"title": title, "files": [SimpleUploadedFile(name, content) for name, content in files]}
        return api.post("/api/artworks/", sent, format="multipart")

    made = send(("poster_de.png", encoded(1)), ("bad.png", b"#!/bin/sh"))
    assert made.status_code == 201
    assert {each["name"]: each["outcome"] for each in made.json()["pictures"]} == {
        "poster_de.png": "added", "bad.png": "refused",
    }  # fmt: skip
    number = next(each["artwork"] for each in made.json()["pictures"] if each["artwork"])
    assert send(("again.png", encoded(1))).status_code == 200
    refused = send(("bad.png", b"#!/bin/sh"))
    assert refused.status_code == 400 and "a program" in refused.json()["files"][0]
    good = ("a.png", encoded())
    for wrong in (send(good, title=make_world("theirs").title.pk), send(), send(good, title="x\x00")):
        assert wrong.status_code == 400
    detail = api.get(f"/api/artworks/{number}/").json()
    assert detail["language"] == "de" and detail["state"] == "waiting" and detail["findings"]["faces"] == []
    assert api.patch(f"/api/artworks/{number}/", {"language": "fr-CA"}).json()["language"] == "fr-CA"
    assert api.patch(f"/api/artworks/{number}/", {"language": "no such"}).status_code == 400
    counts = {
        "": 2, "?language=fr-CA": 1, "?state=ready": 1, f"?title={ours.title.pk}&shape=wide": 2, "?faces=0": 0,
        "?name=POSTER": 1, "?size=large": 0,
    }  # fmt: skip
    for query, count in counts.items():
        listed = api.get(f"/api/artworks/{query}").json()
        assert len(listed["results"]) == count, (query, json.dumps(listed)[:300])
    assert api.get("/api/artworks/?faces=many").status_code == 400
    assert api.delete(f"/api/artworks/{number}/").status_code == 204
    assert api.get(f"/api/artworks/{number}/").status_code == 404
