"""Exports on canvases: every file exact in its size, and saying where faces, focal point and crop lie in it."""

import io
import json
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path

import numpy as np
import pytest
import tifffile
from django.test import Client
from PIL import Image

from ava.media.canvas_picture import render_canvas
from ava.media.decode import decode_deep_frame_set, decode_frame
from ava.models import Title, User
from ava.video_facts import video_info
from curation import export_canvases
from curation.export_canvases import lay_out_still
from curation.export_request import InvalidExport, check_wanted, request_export
from curation.export_work import make_export
from curation.exports.file_names import name_pictures
from curation.exports.picture_regions import LaidOutPicture, NamedFace, describe_places
from curation.exports.record import StillRecord
from curation.layout.box import Box
from curation.layout.canvases import Canvas
from curation.layout.layouts import CanvasLayout, Crop, FocalPoint, Layout
from curation.layout_sources import UnreadableSource, source_of_frame
from curation.models import Character, Export, TeamCanvas
from curation.pick_list_frames import FrameKey
from curation.picture_layouts import layout_of
from tests.export_films import films, title, user, video  # noqa: F401 (fixtures)
from tests.films import store_video

NAMES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "rs": "http://www.metadataworkinggroup.com/schemas/regions/",
    "area": "http://ns.adobe.com/xmp/sType/Area#", "dim": "http://ns.adobe.com/xap/1.0/sType/Dimensions#",
    "iptc": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/", "still": "urn:ava:still",
}  # fmt: skip
SQUARE = Canvas("square", "Square 1:1", 200, 200)
FOCAL = FocalPoint(60, 30, Box(40, 20, 70, 50), 0.9, "person")
CROP = Box(30, 2, 90, 62)
STILL = StillRecord(1, "Film", "reel.mov", 7, "00:00:00:07", 0.28, "25", 96, 64, 8)


def laid_out(*faces: NamedFace, crop: Box = CROP) -> LaidOutPicture:
    return LaidOutPicture(96, 64, faces, Layout(FOCAL, (CanvasLayout(SQUARE, Crop(crop, 0.8)),)))


def parsed(places: str) -> ElementTree.Element:
    return ElementTree.fromstring(f'<x xmlns:rdf="{NAMES["rdf"]}">{places}</x>')


def regions(root: ElementTree.Element, kind: str) -> list[tuple[str, dict[str, float]]]:
    """Name and area of the regions of a type."""
    found = []
    for region in root.iterfind(".//rs:RegionList/rdf:Bag/rdf:li/rdf:Description", NAMES):
        if region.get(f"{{{NAMES['rs']}}}Type") == kind:
            (area,) = region.findall("rs:Area", NAMES)
            assert area.get(f"{{{NAMES['area']}}}unit") == "normalized"
            values = {name: area.get(f"{{{NAMES['area']}}}{name}") for name in "xywh"}
            told = {name: float(value) for name, value in values.items() if value is not None}
            found.append((region.get(f"{{{NAMES['rs']}}}Name") or "", told))
    return found


# --- what XMP says ------------------------------------------------------------------------------------------------


def test_faces_and_focal_point_are_told_in_the_whole_frame_s_own_shares() -> None:
    root = parsed(describe_places(laid_out(NamedFace(Box(48, 16, 72, 48), "Zoë & <Max>"))))
    assert regions(root, "Face") == [("Zoë & <Max>", {"x": 0.625, "y": 0.5, "w": 0.25, "h": 0.5})]
    assert regions(root, "Focus") == [("", {"x": 0.625, "y": 0.46875})]
    (dimensions,) = root.iterfind(".//rs:AppliedToDimensions", NAMES)
    assert [dimensions.get(f"{{{NAMES['dim']}}}{name}") for name in "wh"] == ["96", "64"]


def test_in_a_canvas_s_file_everything_is_told_in_that_file_s_shares() -> None:
    root = parsed(describe_places(laid_out(NamedFace(Box(45, 17, 60, 47))), canvas=laid_out().layout.canvases[0]))
    assert regions(root, "Face") == [("", {"x": 0.375, "y": 0.5, "w": 0.25, "h": 0.5})]
    (_, focus), = regions(root, "Focus")
    assert focus == {"x": 0.5, "y": pytest.approx(28 / 60, abs=1e-5)}
    (dimensions,) = root.iterfind(".//rs:AppliedToDimensions", NAMES)
    assert [dimensions.get(f"{{{NAMES['dim']}}}{name}") for name in "wh"] == ["200", "200"]
    (crop,) = root.iterfind(".//still:crop", NAMES)
    assert [element.text for element in crop] == ["30", "2", "90", "62"]
    assert root.find(".//still:canvas", NAMES).text == "square"
    assert [element.text for element in root.find(".//still:focalPoint", NAMES)] == ["60", "30"]


def test_faces_outside_the_crop_stay_out_and_those_at_its_rim_end_there() -> None:
    picture = laid_out(
        NamedFace(Box(0, 10, 20, 30), "outside"), NamedFace(Box(80, 10, 98, 30), "rim"),
        NamedFace(Box(20, 10, 35, 30), "a third of it"),
    )  # fmt: skip
    (name, area), = regions(parsed(describe_places(picture, canvas=picture.layout.canvases[0])), "Face")
    assert name == "rim"
    assert area["x"] + area["w"] / 2 == pytest.approx(1)


def test_a_focal_point_outside_the_crop_is_not_told_as_in_the_file() -> None:
    picture = laid_out(crop=Box(0, 0, 40, 40))
    root = parsed(describe_places(picture, canvas=picture.layout.canvases[0]))
    assert regions(root, "Focus") == []
    assert root.find(".//still:focalPoint", NAMES) is not None


def test_the_whole_frame_carries_the_crops_as_regions_that_editors_know() -> None:
    root = parsed(describe_places(laid_out()))
    (region,) = root.iterfind(".//iptc:ImageRegion/rdf:Bag/rdf:li", NAMES)
    boundary = {each.tag.partition("}")[2]: each.text for each in region.find("iptc:RegionBoundary", NAMES)}
    numbers = [float(boundary[name]) for name in ("rbX", "rbY", "rbW", "rbH")]
    assert numbers == pytest.approx([30 / 96, 2 / 64, 60 / 96, 60 / 64], abs=1e-6)
    assert (boundary["rbShape"], boundary["rbUnit"]) == ("rectangle", "relative")
    assert region.find("iptc:rRole//rdf:Bag//rdf:Bag/rdf:li", NAMES).text.endswith("/recomCropping")


def test_nothing_known_is_nothing_said_and_odd_names_break_nothing() -> None:
    assert describe_places(LaidOutPicture(96, 64)) == ""
    root = parsed(describe_places(LaidOutPicture(96, 64, (NamedFace(Box(1, 1, 5, 5), 'a\x00"b\ud800'),))))
    assert regions(root, "Face")[0][0] == 'a"b'


# --- names --------------------------------------------------------------------------------------------------------


def test_every_size_has_a_name_of_its_own() -> None:
    sizes = [(STILL, ""), (STILL, "square"), (STILL, "box-art")]
    assert name_pictures(sizes, pattern="{canvas}/{frame}") == ["full-size_000007", "square_000007", "box-art_000007"]
    assert name_pictures(sizes, pattern="{frame}") == ["000007_full-size", "000007_square", "000007_box-art"]
    assert name_pictures(sizes[:1], pattern="{frame}") == ["000007"]
    assert name_pictures([*sizes, *sizes], pattern="{canvas}")[3:] == ["full-size_2", "square_2", "box-art_2"]
    long = "x" * 119
    assert len(set(name_pictures(sizes, pattern=long))) == 3


# --- archives -----------------------------------------------------------------------------------------------------


@pytest.fixture
def small_canvas(title: Title) -> Canvas:
    TeamCanvas.objects.create(team=title.teams.get(), key="square", name="Square 1:1", width_px=200, height_px=200)
    return SQUARE


@pytest.fixture
def crops(monkeypatch) -> dict[str, Box]:
    boxes = {"square": CROP}

    def lay_out(source, *, canvases):
        return Layout(FOCAL, tuple(CanvasLayout(each, Crop(boxes[each.key], 0.8)) for each in canvases))

    faces = (NamedFace(Box(45, 17, 60, 47), "Zoë"),)
    monkeypatch.setattr(export_canvases, "layout_of", lay_out)
    monkeypatch.setattr(export_canvases, "_named_faces", lambda video, frame: faces)
    return boxes


def made(title: Title, user: User, **asked) -> tuple[Export, zipfile.ZipFile | None]:
    export = request_export(title, user=user, **asked)
    make_export(export.pk)
    export.refresh_from_db()
    return export, zipfile.ZipFile(io.BytesIO(export.file.read())) if export.file else None


@pytest.mark.django_db
def test_every_format_holds_the_canvas_exactly_and_says_what_is_where(title, video, user, small_canvas, crops) -> None:
    formats = ["png", "jpeg", "webp", "avif", "tiff"]
    export, archive = made(
        title, user, stills=[FrameKey(video.pk, 7)], formats=formats, documents=["xmp", "json", "csv"],
        canvases=["square"],
    )  # fmt: skip
    assert (export.state, export.error) == (Export.State.DONE, "")
    rgb = decode_frame(Path(video.file.path), info=video_info(video), frame_index=7)
    expected = render_canvas(rgb, box=CROP, size=(200, 200))
    base = "Zwölf_00-00-00-07_f000007"
    for format, suffix in zip(formats, ("png", "jpg", "webp", "avif", "tif"), strict=True):
        content = archive.read(f"{format}/{base}_square.{suffix}")
        with Image.open(io.BytesIO(content)) as image:
            assert (image.format, image.size) == (format.upper(), (200, 200))
            assert image.info["icc_profile"]
            error = np.abs(np.asarray(image.convert("RGB")).astype(int) - expected)
            assert error.max() == 0 if format in ("png", "tiff") else error.mean() < 3
            xmp = image.text["XML:com.adobe.xmp"] if format == "png" else image.info.get("xmp")
        if format == "tiff":
            xmp = tifffile.TiffFile(io.BytesIO(content)).pages[0].tags["XMP"].value
        root = ElementTree.fromstring(xmp)
        assert regions(root, "Face") == [("Zoë", {"x": 0.375, "y": 0.5, "w": 0.25, "h": 0.5})]
        sidecar = ElementTree.fromstring(archive.read(f"{format}/{base}_square.xmp"))
        assert regions(sidecar, "Face") == regions(root, "Face")
        whole = ElementTree.fromstring(archive.read(f"{format}/{base}_full-size.xmp"))
        assert regions(whole, "Face") == [("Zoë", {"x": 0.546875, "y": 0.5, "w": 0.15625, "h": 0.46875})]
    (still,) = json.loads(archive.read("Zwölf.json"))["stills"]
    assert still["layout"]["canvases"]["square"]["crop"] == [30, 2, 90, 62]
    assert still["layout"]["canvases"]["square"]["files"] == [name for name in still["files"] if "_square" in name]
    assert still["layout"]["focal_point"]["x"] == 60 and still["layout"]["faces"][0]["name"] == "Zoë"
    assert set(still["files"]) <= set(archive.namelist()) and len(still["files"]) == 10
    assert len(archive.namelist()) == len(set(archive.namelist()))


@pytest.mark.django_db
def test_a_tiff_of_a_ten_bit_film_has_sixteen_bits_on_canvases_too(title, user, small_canvas, crops, films) -> None:
    deep = store_video(films[10], title=title)
    _, archive = made(
        title, user, stills=[FrameKey(deep.pk, 5)], formats=["tiff"], canvases=["square"], full_size=False
    )
    (name,) = archive.namelist()
    (frame,) = decode_deep_frame_set(films[10], info=video_info(deep), frame_indices=[5])
    expected = render_canvas(frame.deep_rgb, box=CROP, size=(200, 200))
    assert np.array_equal(tifffile.imread(io.BytesIO(archive.read(name))), expected)


@pytest.mark.django_db
def test_stills_are_laid_out_by_what_is_known_of_them(title, video, user, small_canvas) -> None:
    """Nothing is made up here: the layout is the program's own."""
    export, archive = made(
        title, user, stills=[FrameKey(video.pk, 3), FrameKey(video.pk, 9)], formats=["png"], documents=["json"],
        canvases=["square", "tall-panel"], full_size=False, pattern="{canvas} {frame}",
    )  # fmt: skip
    assert (export.state, export.error) == (Export.State.DONE, "")
    assert archive.namelist()[:4] == ["square 000003.png", "tall-panel 000003.png", "square 000009.png",
                                      "tall-panel 000009.png"]  # fmt: skip
    sizes = [Image.open(archive.open(name)).size for name in archive.namelist()[:4]]
    assert sizes == [(200, 200), (480, 1680)] * 2
    (first, _) = json.loads(archive.read("Zwölf.json"))["stills"]
    x0, y0, x1, y1 = first["layout"]["canvases"]["square"]["crop"]
    rgb = decode_frame(Path(video.file.path), info=video_info(video), frame_index=3)
    sent = np.asarray(Image.open(archive.open("square 000003.png")).convert("RGB"))
    assert np.array_equal(sent, render_canvas(rgb, box=(x0, y0, x1, y1), size=(200, 200)))


@pytest.mark.django_db
def test_what_went_away_since_it_was_asked_for_fails_with_a_sentence_and_leaves_no_file(
    title, video, user, small_canvas, crops
) -> None:
    asked = {"stills": [FrameKey(video.pk, 7)], "formats": ["png"], "canvases": ["square"]}
    crops["square"] = Box(10, 10, 10.4, 10.4)
    export, archive = made(title, user, **asked)
    assert (export.state, archive) == (Export.State.FAILED, None)
    assert "no area" in export.error and "Square 1:1" in export.error
    export = request_export(title, user=user, **asked)
    TeamCanvas.objects.update(is_hidden=True)
    make_export(export.pk)
    export.refresh_from_db()
    assert (export.state, bool(export.file)) == (Export.State.FAILED, False)
    assert "no canvas “square”" in export.error


@pytest.mark.django_db
def test_a_still_that_cannot_be_laid_out_stays_out_and_is_named(
    title, video, user, small_canvas, crops, monkeypatch
) -> None:
    def lay_out(video, frame, *, canvases):
        if frame == 3:
            raise UnreadableSource("Frame 3 cannot be had.")
        return lay_out_still(video, frame, canvases=canvases)

    monkeypatch.setattr("curation.export_pictures.lay_out_still", lay_out)
    export, archive = made(
        title, user, stills=[FrameKey(video.pk, 3), FrameKey(video.pk, 7)], formats=["png"], canvases=["square"],
        full_size=False,
    )  # fmt: skip
    assert export.state == Export.State.DONE
    assert export.error.startswith("1 still could not be decoded") and "00:00:00:03" in export.error
    assert len(archive.namelist()) == 1


@pytest.mark.django_db
def test_canvases_are_asked_for_by_form_and_api(title, video, user, small_canvas) -> None:
    client = Client()
    client.force_login(user)
    page = client.get(f"/titles/{title.pk}/exports/").content.decode()
    assert 'name="canvases" value="square"' in page and "200 × 200" in page
    frames = {"what": "frames", "frames": f"{video.pk}:7", "formats": "png"}
    client.post(f"/titles/{title.pk}/exports/", frames | {"canvases": ["square", "box-art"]})
    assert Export.objects.first().wanted["canvases"] == ["square", "box-art"]
    assert Export.objects.first().wanted["full_size"] is False, "its box was not ticked"
    assert "only 2 canvases" in client.get(f"/exports/{Export.objects.first().pk}/").content.decode()
    unknown = frames | {"canvases": ["no\x00ne"]}
    wrong = client.post(f"/titles/{title.pk}/exports/", unknown, HTTP_ACCEPT="application/json")
    assert wrong.status_code == 400 and wrong.json()["detail"].endswith(".")
    asked = {"title": title.pk, "frames": [{"video": video.pk, "frame_index": 7}], "canvases": ["square"]}
    made_by_api = client.post("/api/exports/", asked, content_type="application/json")
    assert made_by_api.status_code == 201, made_by_api.content
    assert made_by_api.json()["wanted"]["full_size"] is True
    for canvases in (["none"], "square", [["square"]], [5], [None]):
        refused = client.post("/api/exports/", asked | {"canvases": canvases}, content_type="application/json")
        assert refused.status_code == 400


@pytest.mark.django_db
def test_unknown_canvases_are_refused_and_no_canvas_means_full_size(title, video, monkeypatch) -> None:
    good = {"stills": [FrameKey(video.pk, 1)], "formats": ["png"]}
    with pytest.raises(InvalidExport, match=r"\.$"):
        check_wanted(title, **good, canvases=["nothing"])
    assert check_wanted(title, **good, full_size=False)["full_size"] is True
    every = {"stills": [FrameKey(video.pk, frame) for frame in range(12)], "canvases": ["square"], "formats": ["png"]}
    monkeypatch.setattr("curation.export_request.MOST_FILES", 24)
    check_wanted(title, **every)
    with pytest.raises(InvalidExport, match="more than 24 pictures"):
        check_wanted(title, **every | {"formats": ["png", "avif"]})
    assert check_wanted(title, **good, canvases=["square", "square"], full_size=False)["canvases"] == ["square"]


@pytest.mark.django_db
def test_faces_carry_the_names_that_people_gave_them_and_no_others(title, video, monkeypatch) -> None:
    zoe = Character.objects.create(scope=title, number=1, name="Zoë")
    nameless = Character.objects.create(scope=title, number=2)
    box = [10.0, 10.0, 20.0, 20.0]
    faces = [
        {"box": box, "character": {"id": zoe.pk, "label": "Zoë"}, "is_face": True},
        {"box": box, "character": {"id": nameless.pk, "label": "Person 2"}, "is_face": True},
        {"box": box, "character": None, "is_face": True},
        {"box": box, "character": {"id": zoe.pk, "label": "Zoë"}, "is_face": False},
    ]
    monkeypatch.setattr(export_canvases, "describe_frame", lambda video, frame: {"faces": faces})
    told = lay_out_still(video, 5, canvases=[])
    assert [face.name for face in told.faces] == ["Zoë", "", ""]
    assert (told.width, told.height) == (video.width, video.height)


@pytest.mark.django_db
def test_whole_frames_carry_their_focal_point_without_canvases_too(title, video, user) -> None:
    known = layout_of(source_of_frame(video, 7), canvases=[]).focal_point
    _, archive = made(title, user, stills=[FrameKey(video.pk, 7)], formats=["png"], documents=["xmp", "json"])
    name = "Zwölf_00-00-00-07_f000007"
    with Image.open(archive.open(f"{name}.png")) as image:
        embedded = image.text["XML:com.adobe.xmp"]
    for xmp in (embedded, archive.read(f"{name}.xmp")):
        root = ElementTree.fromstring(xmp)
        ((_, point),) = regions(root, "Focus")
        assert point["x"] == pytest.approx(known.x / video.width, abs=1e-5)
        assert point["y"] == pytest.approx(known.y / video.height, abs=1e-5)
        assert float(root.find(".//still:focalPoint/still:x", NAMES).text) == pytest.approx(known.x, abs=1e-5)
    (still,) = json.loads(archive.read("Zwölf.json"))["stills"]
    assert still["layout"]["focal_point"]["x"] == pytest.approx(known.x, abs=0.051)
    assert still["layout"]["canvases"] == {}


@pytest.mark.django_db
def test_a_whole_frame_is_exported_where_only_its_focal_point_cannot_be_had(title, video, user, monkeypatch) -> None:
    def refuse(source, *, canvases):
        raise UnreadableSource("Frame 7 cannot be had.")

    monkeypatch.setattr(export_canvases, "layout_of", refuse)
    export, archive = made(title, user, stills=[FrameKey(video.pk, 7)], formats=["png"])
    assert (export.state, export.error, len(archive.namelist())) == (Export.State.DONE, "", 1)
