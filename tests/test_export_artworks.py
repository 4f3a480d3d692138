"""Exports of artworks: in full size and on canvases, from the picture that is kept, alone and together with stills."""

import csv
import io
import json
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path

import numpy as np
import pytest
import tifffile
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.test import Client
from PIL import Image

from ava.media.canvas_picture import render_canvas
from ava.media.still_file import ArtworkMetadata, encode_still
from ava.models import Team, Title, User, Video
from curation.export_request import InvalidExport, check_wanted, count_in_words, request_export
from curation.export_work import make_export
from curation.exports.file_names import name_pictures
from curation.exports.record import StillRecord
from curation.exports.xmp import sidecar
from curation.layout_sources import source_of_artwork
from curation.models import Artwork, Export, TeamCanvas
from curation.pick_list_frames import FrameKey
from curation.picture_layouts import layout_of
from tests.films import make_title, make_user, store_video
from tests.footage import write_film
from tests.test_export_canvases import NAMES, regions

STILL = StillRecord(1, "Film", "reel.mov", 7, "00:00:00:07", 0.28, "25", 96, 64, 8)
POSTER = StillRecord(2, "Film", "", None, "", None, "", 300, 400, 8, artwork="poster fr.jpg")
FACE = [100.0, 80.0, 160.0, 160.0]
db = pytest.mark.django_db


# --- names and documents ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("", ["Film_00-00-00-07_f000007", "Film_poster fr"]),
        ("{place} {frame}", ["0001 000007", "0002 poster fr"]),
        ("{video}", ["reel", "poster fr"]),
        ("{frame}-{canvas}-{timecode}", ["000007-full-size-00-00-00-07", "poster fr"]),
        ("{title}", ["Film", "Film_2"]),
    ],
)
def test_an_artwork_s_name_stands_where_a_still_s_frame_stands(pattern: str, names: list[str]) -> None:
    assert name_pictures([(STILL, ""), (POSTER, "")], pattern=pattern) == names


def test_on_canvases_the_canvas_is_named_even_where_the_frame_s_tokens_enclosed_it() -> None:
    pictures = [(POSTER, ""), (POSTER, "square")]
    names = name_pictures(pictures, pattern="{frame}-{canvas}-{timecode}")
    assert names == ["poster fr_full-size", "poster fr_square"]


def test_a_sidecar_of_an_artwork_speaks_of_no_frame() -> None:
    told = sidecar(POSTER)
    ElementTree.fromstring(told.encode())
    assert "<photoshop:Source>poster fr.jpg<" in told and "Film, poster fr.jpg" in told
    assert not any(word in told for word in ("Rating", "startTimecode", "still:frame", "None"))


@pytest.mark.parametrize("format", ["png", "jpeg", "webp", "avif", "tiff"])
def test_a_file_of_an_artwork_says_its_name_and_of_no_frame(format: str) -> None:
    rgb = np.zeros((8, 8, 3), np.uint8)
    content = encode_still(rgb, format=format, metadata=ArtworkMetadata(film="A & B", name="poster <fr>.jpg"))
    with Image.open(io.BytesIO(content)) as image:
        xmp = getattr(image, "text", {}).get("XML:com.adobe.xmp") or image.info.get("xmp")
        assert "Timecode" not in getattr(image, "text", {}) and image.info["icc_profile"]
    if format == "tiff":
        xmp = tifffile.TiffFile(io.BytesIO(content)).pages[0].tags["XMP"].value
    text = xmp if isinstance(xmp, str) else bytes(xmp).decode()
    ElementTree.fromstring(text.encode())
    assert "A &amp; B, poster &lt;fr&gt;.jpg" in text and "still:frame" not in text


def test_what_is_in_an_export_is_told_in_words() -> None:
    assert count_in_words({"stills": [[1, 2]], "artworks": [4, 5]}) == "1 still, 2 artworks"
    assert count_in_words({"stills": [[1, 2]] * 1200}) == "1,200 stills", "as exports before there were artworks"


# --- archives -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(tmp_path_factory.mktemp("films") / "reel 1.mp4", frames=12)


@pytest.fixture
def title(hints) -> Title:
    title = make_title("Zwölf", team=Team.objects.create(name="Team"))
    for key in ("square", "tall"):
        TeamCanvas.objects.create(
            team=title.teams.get(), key=key, name=key.title(), width_px=200, height_px=200 if key == "square" else 500
        )
    return title


@pytest.fixture
def user(title: Title) -> User:
    return make_user("anna", team=title.teams.get())


@pytest.fixture
def video(title: Title, film: Path) -> Video:
    return store_video(film, title=title)


@pytest.fixture
def client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def make_artwork(title: Title, name: str, *, seed: int, size: tuple[int, int] = (300, 400)) -> Artwork:
    """An artwork with its stored picture, and no preview."""
    small = np.random.default_rng(seed).integers(0, 256, (size[1] // 20, size[0] // 20, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(small.repeat(20, 0).repeat(20, 1)).save(file, "PNG")
    artwork = Artwork(
        title=title, original_name=name, sha256=f"{seed:064}", size_bytes=1, width=size[0], height=size[1],
        state="ready", findings={"faces": [{"box": FACE}]}, versions={"faces": 1},
    )  # fmt: skip
    artwork.picture.save(f"{seed}.png", ContentFile(file.getvalue()), save=True)
    return artwork


@pytest.fixture
def poster(title: Title) -> Artwork:
    return make_artwork(title, "poster fr.jpg", seed=1)


def pixels(artwork: Artwork) -> np.ndarray:
    return np.asarray(Image.open(artwork.picture.path).convert("RGB"))


def made(title: Title, user: User, **asked) -> tuple[Export, zipfile.ZipFile | None]:
    export = request_export(title, user=user, **asked)
    make_export(export.pk)
    export.refresh_from_db()
    return export, zipfile.ZipFile(io.BytesIO(export.file.read())) if export.file else None


@db
def test_an_artwork_comes_whole_and_on_canvases_exact_in_every_pixel(title, user, poster) -> None:
    export, archive = made(
        title, user, artworks=[poster.pk], formats=["png", "tiff"], documents=["xmp", "json"],
        canvases=["square", "tall"], name="Artwork",
    )  # fmt: skip
    assert (export.state, export.error, export.total_count, export.done_count) == ("done", "", 1, 1)
    rgb = pixels(poster)
    layout = {each.canvas.key: each for each in layout_of(source_of_artwork(poster)).canvases}
    for key, size in (("full-size", (300, 400)), ("square", (200, 200)), ("tall", (200, 500))):
        expected = rgb if key == "full-size" else render_canvas(rgb, box=layout[key].crop.box, size=size)
        with Image.open(archive.open(f"png/Zwölf_poster fr_{key}.png")) as image:
            assert np.array_equal(np.asarray(image.convert("RGB")), expected)
            root = ElementTree.fromstring(image.text["XML:com.adobe.xmp"])
        assert np.array_equal(tifffile.imread(archive.open(f"tiff/Zwölf_poster fr_{key}.tif")), expected)
        assert root.find(".//still:focalPoint", NAMES) is not None and root.find(".//still:frame", NAMES) is None
        sidecar = ElementTree.fromstring(archive.read(f"png/Zwölf_poster fr_{key}.xmp"))
        assert regions(sidecar, "Face") == regions(root, "Face")
        if key == "full-size":
            ((_, face),) = regions(root, "Face")
            assert face == pytest.approx({"x": 130 / 300, "y": 0.3, "w": 0.2, "h": 0.2}, abs=1e-5)
    told = json.loads(archive.read("Zwölf Artwork.json"))
    (artwork,) = told["artworks"]
    assert told["stills"] == [] and not {"frame_index", "timecode", "verdict", "rank"} & artwork.keys()
    assert (artwork["artwork"], artwork["width"], artwork["height"]) == ("poster fr.jpg", 300, 400)
    assert set(artwork["files"]) < set(archive.namelist()) and len(artwork["files"]) == 6
    assert artwork["layout"]["canvases"]["tall"]["files"] == [each for each in artwork["files"] if "_tall" in each]


@db
def test_stills_and_artworks_share_an_archive_with_its_documents(title, user, video, poster) -> None:
    key_art = make_artwork(title, "folder/key art.png", seed=2, size=(400, 200))
    export, archive = made(
        title, user, stills=[FrameKey(video.pk, 7)], artworks=[key_art.pk, poster.pk], formats=["png"],
        documents=["contact_sheet", "csv", "json"], canvases=["square"], full_size=False, name="Picks and artwork",
    )  # fmt: skip
    assert (export.state, export.error, export.total_count) == ("done", "", 3)
    base = "Zwölf Picks and artwork"
    assert archive.namelist() == [
        "Zwölf_00-00-00-07_f000007_square.png", "Zwölf_key art_square.png", "Zwölf_poster fr_square.png",
        f"{base}.csv", f"{base}.json", f"{base} contact sheet.pdf",
    ]  # fmt: skip
    assert {Image.open(archive.open(name)).size for name in archive.namelist()[:3]} == {(200, 200)}
    rows = list(csv.DictReader(io.StringIO(archive.read(f"{base}.csv").decode("utf-8-sig"))))
    told = [(row["frame_index"], row["artwork"]) for row in rows]
    assert told == [("7", ""), ("", "key art.png"), ("", "poster fr.jpg")]
    told = json.loads(archive.read(f"{base}.json"))
    assert [len(told["stills"]), [each["place"] for each in told["artworks"]]] == [1, [2, 3]]
    assert archive.read(f"{base} contact sheet.pdf").startswith(b"%PDF")


@db
def test_artworks_that_are_gone_or_damaged_stay_out_and_are_named(title, user, poster) -> None:
    gone, damaged = (make_artwork(title, f"{name}.png", seed=seed) for seed, name in ((3, "gone"), (4, "damaged")))
    Path(damaged.picture.path).write_bytes(b"no picture")
    export = request_export(title, user=user, artworks=[poster.pk, damaged.pk, gone.pk], formats=["jpeg"])
    gone.delete()
    make_export(export.pk)
    export.refresh_from_db()
    assert export.state == Export.State.DONE
    assert export.error.startswith("2 pictures could not be read") and "damaged.png" in export.error
    assert zipfile.ZipFile(io.BytesIO(export.file.read())).namelist() == ["Zwölf_poster fr.jpg"]
    Path(poster.picture.path).unlink()
    export, archive = made(title, user, artworks=[poster.pk], formats=["jpeg"])
    assert (export.state, archive) == (Export.State.FAILED, None) and export.error.endswith(".")


@db
def test_only_artworks_of_the_title_that_the_formats_can_hold_are_taken(title, poster) -> None:
    other = make_artwork(make_title("Other", team=Team.objects.create(name="Others")), "x.png", seed=5)
    for artworks in ([other.pk], [poster.pk, 10**12], [0]):
        with pytest.raises(InvalidExport, match=r"artworks again\.$"):
            check_wanted(title, artworks=artworks)
    Artwork.objects.filter(pk=poster.pk).update(width=20_000)
    with pytest.raises(InvalidExport, match="WebP"):
        check_wanted(title, artworks=[poster.pk], formats=["webp"])
    wanted = check_wanted(title, artworks=[poster.pk] * 2, formats=["webp"], canvases=["square"], full_size=False)
    assert (wanted["artworks"], wanted["stills"]) == ([poster.pk], []), "a canvas is small enough"


# --- pages, API, shell --------------------------------------------------------------------------------------------


@db
def test_pages_lead_to_a_form_with_the_artworks_chosen(client, title, poster) -> None:
    Artwork.objects.update(findings={})
    second = make_artwork(title, "second.png", seed=6)
    make_artwork(title, "third.png", seed=7)
    page = f"/titles/{title.pk}/exports/"
    assert f'href="{page}?artworks={poster.pk}"' in client.get(f"/artworks/{poster.pk}/").content.decode()
    library = client.get(f"/titles/{title.pk}/artwork/").content.decode()
    assert library.count('name="artworks"') == 3 and f'href="{page}?artworks=all"' in library

    def checked(query: str) -> list[str]:
        html = client.get(f"{page}?{query}").content.decode()
        parts = [part for part in html.split('value="')[1:] if " checked" in part.partition(">")[0]]
        return [part.partition('"')[0] for part in parts[:2]]

    assert checked(f"artworks={poster.pk}") == ["none", str(poster.pk)]
    assert checked(f"artworks={second.pk}&artworks={poster.pk}") == ["none", f"{second.pk},{poster.pk}"]
    assert checked("artworks=all") == ["none", "all"]
    for odd in ("", "artworks=", "artworks=x%00", "artworks=999999", "artworks=-1"):
        assert checked(odd) == ["picks", ""], odd


@db
def test_a_form_asks_for_artworks_alone_or_with_stills(client, title, video, poster) -> None:
    page = f"/titles/{title.pk}/exports/"
    asked = {"what": "none", "artworks": str(poster.pk), "formats": "png", "canvases": "square"}
    alone = client.post(page, asked, HTTP_ACCEPT="application/json").json()
    wanted = Export.objects.get(pk=alone["export"]).wanted
    assert (wanted["stills"], wanted["artworks"], wanted["name"]) == ([], [poster.pk], "Artwork")
    shown = client.get(alone["url"]).content.decode()
    assert "1 artwork" in shown and "still" not in shown.partition("1 artwork")[2][:40]
    both = asked | {"what": "frames", "frames": f"{video.pk}:3", "artworks": "all"}
    assert client.post(page, both, HTTP_ACCEPT="application/json").json()["total"] == 2
    assert Export.objects.first().wanted["name"] == "Selection and artwork"
    for wrong in ({"artworks": "x"}, {"artworks": "1\x00"}, {"artworks": "999999"}, {"artworks": ""}):
        assert client.post(page, asked | wrong, HTTP_ACCEPT="application/json").status_code == 400, wrong
    Export.objects.filter(pk=alone["export"]).update(state=Export.State.FAILED, error="Failed.")
    again = client.get(alone["url"]).content.decode()
    assert 'name="what" value="none"' in again and f'name="artworks" value="{poster.pk}"' in again


@db
def test_the_api_exports_artworks(client, title, video, poster) -> None:
    def post(**asked):
        return client.post("/api/exports/", {"title": title.pk} | asked, content_type="application/json")

    told = post(artworks=[poster.pk], canvases=["square"], full_size=False)
    assert told.status_code == 201 and told.json()["wanted"]["artworks"] == [poster.pk]
    both = post(frames=[{"video": video.pk, "frame_index": 7}], all_artworks=True)
    assert both.status_code == 201 and both.json()["total_count"] == 2
    other = make_artwork(make_title("Other", team=Team.objects.create(name="Others")), "x.png", seed=8)
    for wrong in (
        {}, {"artworks": []}, {"artworks": [other.pk]}, {"artworks": ["x\x00"]}, {"artworks": [2**70]},
        {"artworks": 5}, {"artworks": [None]}, {"artworks": [poster.pk], "all_artworks": True},
        {"artworks": [poster.pk], "picks": True, "frames": [{"video": video.pk, "frame_index": 7}]},
    ):  # fmt: skip
        assert post(**wrong).status_code == 400, wrong


@db
def test_the_shell_exports_artworks(title, poster, tmp_path, capsys) -> None:
    out = tmp_path / "artwork.zip"
    asked = ["export", "Zwölf", "--format", "zip", "--no-stills", "--documents", "", "--out", str(out)]
    call_command(*asked, "--artworks", "all", "--canvases", "square", "--no-full-size")
    assert zipfile.ZipFile(out).namelist() == ["Zwölf_poster fr_square.png"]
    assert capsys.readouterr().out.startswith("Wrote 1 picture to ")
    for wrong in ("x", "999999", ""):
        with pytest.raises(CommandError, match=r"\.$"):
            call_command(*asked, "--artworks", wrong)
