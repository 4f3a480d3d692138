"""What is known of a picture that is laid out, where its pixels come from, and what the layout of it depends on."""

import io

import numpy as np
import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from ava.annotate.base import find_detectors
from ava.annotate.shot_inspection import FACE_TRACKS, FACE_TRACKS_COLUMNS
from ava.media.decode import UndecodableFrame
from ava.models import Detection, Inspection, Video
from ava.packing import pack_integers, pack_values
from curation import layout_findings, picture_layouts
from curation.layout.box import Box
from curation.layout_choices import choose, undo_layout
from curation.layout_sources import (
    NoSuchFrame,
    UnreadableSource,
    source_of_artwork,
    source_of_frame,
    source_of_picture,
)
from curation.models import FaceTrack, LayoutStep, LogoLook, Still, TeamCanvas
from curation.picture_layouts import layout_of
from curation.picture_rows import row_of_artwork, row_of_frame
from tests.people_world import make_character, make_track
from tests.world import World, make_logo, make_world

pytestmark = pytest.mark.django_db

FACE = {"x0": 300, "y0": 60, "x1": 372, "y1": 150, "score": 0.99}
LOOK, BETWEEN = 10, 14


@pytest.fixture
def world(monkeypatch) -> World:
    """A film of 640 × 360 in which no detector has found anything yet; every detector counts as installed."""
    versions = {detector.name: detector.version for detector in find_detectors()} | {FACE_TRACKS: 1}
    monkeypatch.setattr("ava.findings.detector_versions", lambda: versions)
    made = make_world("src")
    FaceTrack.objects.filter(video=made.video).delete()
    LogoLook.objects.filter(video=made.video).delete()
    LayoutStep.objects.all().delete()
    return made


def columns_of(detector: str) -> tuple[str, ...]:
    columns = {each.name: each.columns for each in find_detectors()} | {FACE_TRACKS: FACE_TRACKS_COLUMNS}
    return columns[detector]


def find(world: World, detector: str, rows: list[dict], *, frame: int = LOOK, words: list[str] | None = None) -> None:
    """Store what a detector found in one frame; what a row does not name is not known."""
    columns = columns_of(detector)
    values = np.array([[row.get(name, np.nan) for name in columns] for row in rows], dtype=np.float32)
    version = 1 if detector == FACE_TRACKS else next(x.version for x in find_detectors() if x.name == detector)
    Detection.objects.create(
        inspection=world.inspection, detector=detector, version=version, columns=list(columns),
        frames=pack_integers(np.full(len(rows), frame, dtype=np.int64)),
        values=pack_values(values.reshape(-1, len(columns))), words=words or [],
    )  # fmt: skip


def find_everything(world: World) -> None:
    """Somebody looked at the camera, with shoulders, under a line of lettering."""
    find(world, "faces", [FACE])
    find(world, "face_mesh", [{"yaw_deg": 20, "pitch_deg": 5, "eyes_open": 0.9}])
    find(world, "body_pose", [{"score": 0.9, "left_shoulder_x": 400, "left_shoulder_y": 190}])
    find(world, "people", [{"x0": 250, "y0": 40, "x1": 430, "y1": 360, "score": 0.9, "framing": 2, "face": 0}])
    find(world, "text", [{"x0": 20, "y0": 300, "x1": 200, "y1": 330, "score": 0.8}], words=["HELLO"])
    find(world, "saliency", [{"x0": 280, "y0": 40, "x1": 400, "y1": 200, "strength": 0.7}])


def store(rgb: np.ndarray, name: str) -> str:
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "JPEG", quality=95)
    return default_storage.save(name, ContentFile(file.getvalue()))


def give_preview(world: World, *, level: int = 120, frame: int = LOOK) -> Still:
    """The still's stored preview, of one grey but for a light patch about the face."""
    rgb = np.full((360, 640, 3), level, dtype=np.uint8)
    rgb[60:150, 300:372] = 220
    Still.objects.filter(video=world.video, frame_index=frame).update(image=store(rgb, f"stills/{level}.jpg"))
    return Still.objects.get(video=world.video, frame_index=frame)


def fresh(world: World) -> Video:
    return Video.objects.select_related("title").get(pk=world.video.pk)


def test_a_looked_at_frame_tells_what_was_found(world: World) -> None:
    find_everything(world)
    contents = source_of_frame(world.video, LOOK).contents
    (face,), (person,), (text,) = contents.faces, contents.people, contents.text
    assert face.box == Box(300, 60, 372, 150) and (face.yaw_deg, face.eyes_open) == (20, pytest.approx(0.9))
    assert person.framing == "upper body" and person.face == 0
    assert person.joints == {"left_shoulder": (400, 190)}
    assert text.text == "HELLO" and contents.subject == Box(280, 40, 400, 200)
    assert contents.looked >= {"faces", "people", "text", "saliency"}
    assert contents.area == Box(0, 0, 640, 360)


def test_bars_are_no_part_of_the_picture(world: World) -> None:
    world.video.picture_area = [0, 45, 640, 315]
    assert source_of_frame(world.video, LOOK).contents.area == Box(0, 45, 640, 315)


def test_between_looks_only_followed_faces_are_known_and_it_is_said(world: World) -> None:
    find_everything(world)
    find(world, FACE_TRACKS, [FACE | {"track": 0, "is_detected": 0, "row": -1}], frame=BETWEEN)
    source = source_of_frame(world.video, BETWEEN)
    assert [face.box for face in source.contents.faces] == [Box(300, 60, 372, 150)]
    assert source.contents.people == () and source.contents.text == () and source.contents.subject is None
    assert source.contents.looked == {FACE_TRACKS}
    assert "Make it a still" in source.unknown[0]


def test_what_no_detector_looked_for_is_said_with_the_reason(world: World, monkeypatch) -> None:
    find(world, "faces", [FACE])
    find(world, "people", [])
    find(world, "saliency", [])
    monkeypatch.setattr(layout_findings, "unavailable_detectors", lambda store: [])
    assert source_of_frame(world.video, LOOK).unknown[0] == "Nobody looked for lettering here. Analyse again."
    lacking = type("Lacking", (), {"what": "text", "why": "The file ocr is not installed."})
    monkeypatch.setattr(layout_findings, "unavailable_detectors", lambda store: [lacking])
    assert source_of_frame(world.video, LOOK).unknown[0] == (
        "Nobody looked for lettering here. The file ocr is not installed."
    )


def test_a_film_that_was_never_looked_into_says_so(world: World) -> None:
    Inspection.objects.all().delete()
    source = source_of_frame(world.video, LOOK)
    assert source.contents.faces == () and source.contents.looked == frozenset()
    assert "not looked into yet" in source.unknown[0]


def test_faces_have_the_prominence_of_their_character_and_those_that_are_none_are_left_out(world: World) -> None:
    find(world, "faces", [FACE, FACE | {"x0": 20, "x1": 92}])
    lead = make_character(world.title, name="lead")
    track = make_track(world.video, person=1, character=lead, start_frame=0, end_frame=100, looks=[LOOK], x0=300)
    known = source_of_frame(fresh(world), LOOK).contents.faces
    assert [face.prominence is not None for face in known] == [True, False] and 0 < known[0].prominence <= 1
    FaceTrack.objects.filter(pk=track.pk).update(is_face=False, character=None)
    assert [face.box.x0 for face in source_of_frame(fresh(world), LOOK).contents.faces] == [20]


def test_logos_are_told_where_they_were_looked_for(world: World) -> None:
    find_everything(world)
    assert "No logo was looked for" in source_of_frame(world.video, LOOK).unknown[-1]
    LogoLook.objects.create(
        logo=world.logo, video=world.video, frame_index=LOOK, version=1, probability=0.9,
        found=[{"box": [10, 20, 110, 60], "probability": 0.9, "by": "words"}],
    )  # fmt: skip
    source = source_of_frame(world.video, LOOK)
    assert source.contents.logos == (Box(10, 20, 110, 60),) and source.unknown == ()
    make_logo(world.team, "second")
    assert "1 of 2 logos were not looked for" in source_of_frame(world.video, LOOK).unknown[-1]
    make_logo(make_world("other").team, "of others")
    assert "1 of 2" in source_of_frame(world.video, LOOK).unknown[-1], "other teams' logos are not this title's"


def test_an_artwork_tells_what_was_found_in_it(world: World) -> None:
    artwork = world.artwork
    artwork.findings = {"faces": [{"box": [10, 20, 60, 90], "score": 0.9, "is_detected": True}], "text": []}
    artwork.versions = {"faces": 1, "text": 1, "people": 1, "saliency": 1}
    source = source_of_artwork(artwork)
    assert [face.box for face in source.contents.faces] == [Box(10, 20, 60, 90)] and source.size == (640, 360)
    assert source.unknown == ("Logos were not looked for here: they are looked for in stills only.",)
    artwork.versions = {"faces": 1}
    assert any("lettering" in sentence for sentence in source_of_artwork(artwork).unknown)
    artwork.state = "waiting"
    assert "wait until it is measured" in source_of_artwork(artwork).unknown[0]


def test_a_frame_that_the_film_does_not_have_is_refused(world: World) -> None:
    for frame in (-1, 100, 10**12):
        with pytest.raises(NoSuchFrame, match="frames 0 to 99"):
            source_of_frame(world.video, frame)


def test_a_row_leads_to_what_it_stands_for(world: World) -> None:
    frame, artwork = row_of_frame(world.video, 20), row_of_artwork(world.artwork)
    assert source_of_picture(frame).known_picture() == frame
    assert source_of_picture(artwork).known_picture() == artwork
    assert source_of_frame(world.video, 21).known_picture() is None, "looking makes no row"
    made = source_of_frame(world.video, 21).picture()
    assert (made.video, made.frame_index) == (world.video, 21)


def test_pixels_come_from_the_preview_else_from_the_film(world: World, monkeypatch) -> None:
    give_preview(world)
    rgb = source_of_frame(world.video, LOOK).pixels()
    assert rgb.shape == (360, 640, 3) and abs(int(rgb[5, 5, 0]) - 120) < 4
    asked = []

    async def decode(video: Video, *, frame: int, width_px: int) -> bytes:
        asked.append((frame, width_px))
        file = io.BytesIO()
        Image.new("RGB", (640, 360), (200, 0, 0)).save(file, "JPEG")
        return file.getvalue()

    monkeypatch.setattr("curation.layout_sources.frame_jpeg", decode)
    rgb = source_of_frame(world.video, 50).pixels()
    assert asked == [(50, 640)] and rgb.shape == (360, 640, 3) and rgb[5, 5, 0] > 180 > rgb[5, 5, 2]


def test_what_cannot_be_read_is_said(world: World, monkeypatch) -> None:
    async def fail(video: Video, *, frame: int, width_px: int) -> bytes:
        raise UndecodableFrame("Take a neighbouring one.")

    monkeypatch.setattr("curation.layout_sources.frame_jpeg", fail)
    with pytest.raises(UnreadableSource, match=r"Frame 50 of .* cannot be had: Take a neighbouring one"):
        source_of_frame(world.video, 50).pixels()
    with pytest.raises(UnreadableSource, match="bring it again"):
        source_of_artwork(world.artwork).pixels()


def test_a_large_artwork_without_a_preview_is_shrunk(world: World) -> None:
    world.artwork.picture = store(np.full((900, 1600, 3), 90, dtype=np.uint8), "artwork/large.jpg")
    assert source_of_artwork(world.artwork).pixels().shape == (360, 640, 3)


def test_bars_of_an_artwork_are_no_part_of_it(world: World) -> None:
    rgb = np.random.default_rng(1).integers(40, 220, (360, 640, 3)).astype(np.uint8)
    rgb[:60], rgb[300:] = 0, 0
    world.artwork.width, world.artwork.height = 1280, 720
    assert source_of_artwork(world.artwork).contents.area == Box(0, 0, 1280, 720), "unread, it has none"
    world.artwork.preview = store(rgb, "artwork/bars.jpg")
    x0, y0, x1, y1 = source_of_artwork(world.artwork).contents.area
    assert (x0, x1) == (0, 1280) and y0 == pytest.approx(120, abs=4) and y1 == pytest.approx(600, abs=4)


@pytest.fixture
def made(monkeypatch) -> list[int]:
    """How many layouts were worked out and not read from the cache."""
    cache.clear()
    calls: list[int] = []
    lay_out = picture_layouts.lay_out
    monkeypatch.setattr(picture_layouts, "lay_out", lambda *a, **k: calls.append(1) or lay_out(*a, **k))
    return calls


def test_a_layout_is_worked_out_once_and_again_when_anything_that_it_depends_on_changes(
    world: World, made: list[int]
) -> None:
    find_everything(world)
    give_preview(world)

    def layout(frame: int = LOOK):
        return layout_of(source_of_frame(fresh(world), frame))

    first = layout()
    assert layout() == first and len(made) == 1
    picture = row_of_frame(world.video, LOOK)
    choose(picture, subject="focal", value=[5, 5], user=world.editor)
    assert layout().focal_point.by == "chosen" and len(made) == 2
    undo_layout(picture, user=world.editor)
    assert layout() == first and len(made) == 2, "what was so before is still kept"
    TeamCanvas.objects.create(team=world.team, key="square", name="Ours", width_px=600, height_px=600)
    assert next(x for x in layout().canvases if x.canvas.key == "square").canvas.width_px == 600 and len(made) == 3
    Detection.objects.filter(inspection=world.inspection, detector="text").delete()
    assert len(layout().unknown) > len(first.unknown) and len(made) == 4
    give_preview(world, level=60)
    layout()
    assert len(made) == 5


def test_a_layout_asks_the_database_little_and_as_much_for_any_frame(
    world: World, django_assert_max_num_queries, made: list[int]
) -> None:
    find_everything(world)
    give_preview(world)
    make_track(
        world.video, person=1, character=world.character, start_frame=0, end_frame=100, looks=[LOOK], x0=300
    )
    video = fresh(world)
    with django_assert_max_num_queries(13):
        layout_of(source_of_frame(video, LOOK))
    with django_assert_max_num_queries(10):
        layout_of(source_of_frame(video, LOOK))


def test_the_layout_holds_what_was_found_and_what_was_chosen(world: World, made: list[int]) -> None:
    find_everything(world)
    give_preview(world)
    crop = [0, 0, 320, 180]
    choose(row_of_frame(world.video, LOOK), subject="crop", canvas="story-art", value=crop, user=world.editor)
    layout = layout_of(source_of_frame(fresh(world), LOOK))
    story, *others = layout.canvases
    assert story.crop.box == Box(*crop) and story.crop.is_chosen
    assert not any(each.crop.is_chosen for each in others)
    assert layout.focal_point.by == "person"
    x, y = layout.focal_point.x, layout.focal_point.y
    assert 250 <= x <= 430 and 40 <= y <= 200, "on the face or below it"
