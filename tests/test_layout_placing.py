import math
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ava.media.picture_file import read_picture
from ava.render.lettering import Line, TextCue, draw_cue, letters_box
from curation.layout.box import Box
from curation.layout.canvases import DEFAULT_CANVASES, Canvas, Kind, Overlay
from curation.layout.collisions import name_things
from curation.layout.contents import PictureContents, SeenFace, SeenText
from curation.layout.layouts import Placement
from curation.layout.obstacles import Obstacle
from curation.layout.placing import SIZES_UNIT, measure_ground, place_overlays

pytestmark = pytest.mark.filterwarnings("error")
Rgb = NDArray[np.uint8]
STORY, BOX_ART = DEFAULT_CANVASES[:2]
WHOLE = Box(0, 0, 1280, 720)
LOOKED = frozenset({"faces", "people", "text"})


def plain(level: int = 60, *, width: int = 320, height: int = 180) -> Rgb:
    return np.full((height, width, 3), level, dtype=np.uint8)


def contents_of(width: int = 1280, height: int = 720, **known: object) -> PictureContents:
    return PictureContents(width, height, Box(0, 0, width, height), looked=LOOKED, **known)  # type: ignore[arg-type]


def place(
    canvas: Canvas, contents: PictureContents, *, rgb: Rgb | None = None, crop: Box | None = None,
    chosen: dict[Kind, Box] | None = None,
) -> dict[Kind, Placement]:  # fmt: skip
    ground = measure_ground(plain() if rgb is None else rgb, contents=contents)
    placements = place_overlays(
        canvas, crop=crop or contents.area, contents=contents, ground=ground, chosen=chosen or {}
    )
    assert [each.kind for each in placements] == [each.kind for each in canvas.overlays]
    return {each.kind: each for each in placements}


def with_only(canvas: Canvas, *kinds: Kind) -> Canvas:
    return replace(canvas, overlays=tuple(each for each in canvas.overlays if each.kind in kinds))


def centred(canvas: Canvas, width: int, height: int) -> Box:
    across = min(width, height * canvas.aspect)
    down = across / canvas.aspect
    return Box((width - across) / 2, (height - down) / 2, (width + across) / 2, (height + down) / 2)


def box_of(placement: Placement) -> Box:
    assert placement.box is not None
    return placement.box


@pytest.mark.parametrize("canvas", DEFAULT_CANVASES, ids=lambda canvas: canvas.key)
def test_on_an_empty_picture_each_overlay_alone_is_at_its_usual_place_in_full_size(canvas: Canvas) -> None:
    crop = centred(canvas, 1280, 720)
    for overlay in canvas.overlays:
        placement = place(with_only(canvas, overlay.kind), contents_of(), crop=crop)[overlay.kind]
        box = box_of(placement)
        assert box.width == pytest.approx(overlay.width_unit * crop.width)
        assert box.height == pytest.approx(overlay.height_unit * crop.height)
        top, bottom = crop.y0 + canvas.safe.top * crop.height, crop.y1 - canvas.safe.bottom * crop.height
        assert ("top" in overlay.anchor) == (box.y0 == pytest.approx(top))
        assert ("bottom" in overlay.anchor) == (box.y1 == pytest.approx(bottom))
        assert placement.moved_from is None and placement.collides == () and not placement.is_chosen
        assert placement.why == f"At its usual place, {overlay.anchor}."


def test_a_badge_over_the_shows_title_is_moved_off_it() -> None:
    title = Box(1000, 30, 1250, 90)
    badge = place(with_only(STORY, "badge"), contents_of(text=[SeenText(title, 0.97, "EPISODE")]))["badge"]
    assert box_of(badge).shared(title).area == 0
    assert badge.moved_from is not None and badge.moved_from.shared(title).area > 0
    assert badge.collides == ("the text “EPISODE”",)
    assert "because it would lie over the text “EPISODE”." in badge.why


def test_a_badge_keeps_clear_of_a_chin_and_of_hair() -> None:
    face = Box(1060, 120, 1180, 260)
    badge = place(with_only(STORY, "badge"), contents_of(faces=[SeenFace(face)]))["badge"]
    assert badge.collides == ("a face",)  # its usual place begins above the face, where the hair is
    near = Box(face.x0, face.y0 - 0.4 * face.height, face.x1, face.y1 + 0.25 * face.height)
    assert box_of(badge).shared(near).area == 0


def test_a_title_goes_where_the_ground_is_calmer() -> None:
    picture = plain()
    picture[60:, :160] = np.random.default_rng(0).integers(0, 256, (120, 160, 3))
    title = place(with_only(STORY, "title"), contents_of(), rgb=picture)["title"]
    assert box_of(title).x0 > 600 or box_of(title).y1 < 260
    assert title.moved_from is None and "calmer" in title.why


def test_the_ink_is_the_one_that_reads_and_a_shade_is_asked_for_where_none_does() -> None:
    canvas = with_only(STORY, "subtitle")
    assert [place(canvas, contents_of(), rgb=plain(level))["subtitle"].ink for level in (10, 250)] == ["light", "dark"]
    stripes = plain(0)
    stripes[:, ::2] = 255
    stripes = np.repeat(np.repeat(stripes[:, :160], 8, axis=1), 8, axis=0)
    subtitle = place(canvas, contents_of(), rgb=stripes)["subtitle"]
    assert subtitle.contrast < 3 and "shade behind it" in subtitle.why


def test_a_subtitle_stays_in_the_middle_and_low_or_high() -> None:
    line = SeenText(Box(500, 620, 800, 700), 0.9, "Hello")
    subtitle = box_of(place(with_only(STORY, "subtitle"), contents_of(text=[line]))["subtitle"])
    assert subtitle.centre[0] == pytest.approx(640, abs=2)
    assert subtitle.y1 < 200 or subtitle.y0 > 450


def test_overlays_with_one_usual_place_are_stacked() -> None:
    crop = centred(BOX_ART, 1280, 720)
    placed = place(BOX_ART, contents_of(), crop=crop)
    badge, title = box_of(placed["badge"]), box_of(placed["title"])
    assert title.y1 < badge.y0 and badge.y1 == pytest.approx(crop.y1 - 0.05 * crop.height)
    assert placed["title"].collides == ("the badge",)


def test_where_text_is_everywhere_no_place_is_free_and_it_is_said() -> None:
    lines = [SeenText(Box(0, y, 1280, y + 30), 0.9, f"line {y}") for y in range(0, 720, 36)]
    for placement in place(STORY, contents_of(text=lines)).values():
        assert placement.box is None and placement.collides
        assert placement.why.startswith("No place is free for it on this canvas, even at 60% of its size.")
        assert "the text “line 0”" in placement.why and "more things" in placement.why


def test_a_smaller_size_is_taken_where_nothing_larger_is_free() -> None:
    faces = [SeenFace(Box(x, y, x + 60, y + 60)) for x in (470, 830) for y in (40, 200, 360, 520, 650)]
    title = place(with_only(STORY, "title"), contents_of(faces=faces))["title"]
    box, (overlay,) = box_of(title), with_only(STORY, "title").overlays
    size = box.width / (overlay.width_unit * 1280)
    assert SIZES_UNIT[-1] - 1e-9 <= size < 1 and box.height == pytest.approx(size * overlay.height_unit * 720)
    assert f"Made {size:.0%} of its size" in title.why


def test_where_nothing_else_is_free_a_place_close_to_a_face_is_taken_and_it_is_said() -> None:
    face = Box(120, 40, 1160, 560)
    subtitle = place(with_only(STORY, "subtitle"), contents_of(faces=[SeenFace(face)]))["subtitle"]
    assert box_of(subtitle).shared(face).area == 0 and box_of(subtitle).y0 < face.y1 + 0.2 * face.height
    assert subtitle.why.endswith("It stands close to a face: no place with more air is free.")


def test_many_things_in_the_way_are_counted_and_the_first_ones_named() -> None:
    box = Box(0, 0, 9, 9)
    names = ["a face", "the text “A”", "a face", "a logo", "the text “B”", "the badge", "the text “C”"]
    assert name_things([]) == ()
    assert name_things(Obstacle(box, box, name) for name in names[:3]) == ("2 faces", "the text “A”")
    assert name_things(Obstacle(box, box, name) for name in names) == (
        "2 faces", "the text “A”", "a logo", "3 more things"
    )  # fmt: skip


def test_nothing_is_ever_laid_over_faces_lettering_or_one_another() -> None:
    rng = np.random.default_rng(5)
    places, placed_count, faces_count, moved = 0, 0, 0, 0
    for _ in range(25):
        corners = rng.uniform((0, 0, 40, 30), (1200, 660, 300, 200), (int(rng.integers(0, 9)), 4))
        boxes = [Box(x, y, min(x + w, 1280), min(y + h, 720)) for x, y, w, h in corners.tolist()]
        half = len(boxes) // 2
        contents = contents_of(
            faces=[SeenFace(box) for box in boxes[:half]], text=[SeenText(box, 0.8, "word") for box in boxes[half:]]
        )
        ground = measure_ground(rng.integers(0, 256, (90, 160, 3), dtype=np.uint8), contents=contents)
        for canvas in DEFAULT_CANVASES:
            crop = centred(canvas, 1280, 720)
            placements = place_overlays(canvas, crop=crop, contents=contents, ground=ground)
            found = [each.box for each in placements if each.box is not None]
            places += len(placements)
            placed_count += len(found)
            moved += sum(each.moved_from is not None for each in placements)
            faces_count += len(boxes)
            assert all(crop.holds(box) for box in found)
            assert not any(box.shared(other).area for box in found for other in boxes)
            assert not any(box.shared(other).area for number, box in enumerate(found) for other in found[:number])
    assert faces_count > 200 and moved > 100 and 0.5 * places < placed_count < places


def test_what_somebody_chose_wins_and_the_rest_makes_way() -> None:
    face, chosen = Box(560, 200, 720, 400), Box(80, 560, 500, 690)
    placed = place(
        STORY, contents_of(faces=[SeenFace(face)]), chosen={"badge": chosen, "logo": Box(600, 250, 700, 330)}
    )
    assert placed["badge"].box == chosen and placed["badge"].is_chosen and placed["badge"].collides == ()
    assert placed["logo"].box == Box(600, 250, 700, 330) and placed["logo"].collides == ("a face",)
    assert placed["logo"].why.startswith("Chosen; it lies over a face.")
    assert box_of(placed["title"]).shared(chosen).area == 0 and "the badge" in placed["title"].collides


def test_a_chosen_box_is_moved_into_the_crop_and_a_broken_one_forgotten() -> None:
    crop = Box(300, 0, 900, 720)
    badge = place(STORY, contents_of(), crop=crop, chosen={"badge": Box(200, 10, 300, 50)})["badge"]
    assert badge.box == Box(300, 10, 400, 50) and badge.is_chosen and "Moved into the crop" in badge.why
    for broken in (Box(math.nan, 0, 10, 10), Box(50, 50, 50, 90), Box(9, 9, 1, 1), Box(0, 0, math.inf, 9)):
        badge = place(STORY, contents_of(), crop=crop, chosen={"badge": broken})["badge"]
        assert not badge.is_chosen and crop.holds(box_of(badge))


def test_forty_faces_are_counted_and_not_covered() -> None:
    faces = [SeenFace(Box(x, y, x + 50, y + 60)) for x in range(20, 1220, 150) for y in range(20, 620, 120)]
    assert len(faces) == 40
    for placement in place(STORY, contents_of(faces=faces)).values():
        assert placement.collides == () or placement.collides[0] == "a face" or placement.collides[0].endswith(" faces")
        assert placement.box is None or not any(placement.box.shared(face.box).area for face in faces)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (4000, 200), (30, 3000), (7680, 4320)])
@pytest.mark.parametrize("level", [0, 255])
def test_any_plain_picture_has_places_on_every_canvas_and_as_a_whole(width: int, height: int, level: int) -> None:
    contents = contents_of(width, height)
    ground = measure_ground(plain(level, width=min(width, 320), height=min(height, 320)), contents=contents)
    for canvas in DEFAULT_CANVASES:
        crop = centred(canvas, width, height)
        for each in place_overlays(canvas, crop=crop, contents=contents, ground=ground):
            assert crop.grown(1e-6).holds(box_of(each)) and each.contrast > 15
    whole = place_overlays(STORY, crop=contents.area, contents=contents, ground=ground)
    assert all(contents.area.holds(box_of(each)) for each in whole)


@pytest.mark.parametrize("crop", [Box(math.nan, 0, 9, 9), Box(5, 5, 5, 9), Box(9, 9, 1, 1), Box(2000, 0, 2100, 50)])
def test_a_crop_without_area_in_the_picture_has_no_places(crop: Box) -> None:
    assert {each.why for each in place(STORY, contents_of(), crop=crop).values()} == {"The crop has no area."}


@pytest.mark.parametrize("crop", [Box(100, 100, 101, 101), Box(0.25, 0.25, 0.5, 0.5), Box(-1e9, -1e9, 1e9, 1e9)])
def test_tiny_and_huge_crops_hold_their_places(crop: Box) -> None:
    within = crop.shared(WHOLE)
    assert all(within.holds(box_of(each)) for each in place(STORY, contents_of(), crop=crop).values())


def test_overlays_of_no_size_have_no_place_and_too_large_ones_are_fitted() -> None:
    overlays = (
        Overlay("badge", 0, 0.1, "top"),
        Overlay("logo", math.nan, 0.1, "top"),
        Overlay("title", 3, 1, "middle"),
    )
    placed = place(replace(STORY, overlays=overlays), contents_of())
    assert placed["badge"].box is None and placed["logo"].box is None and "no size" in placed["logo"].why
    title = box_of(placed["title"])
    assert title.width == pytest.approx(0.9 * 1280) and title.centre == pytest.approx((640, 360))


def test_placing_twice_gives_the_same_and_a_preview_nearly_the_same_places() -> None:
    rng = np.random.default_rng(8)
    picture = np.asarray(cv2.resize(rng.integers(0, 256, (9, 16, 3), dtype=np.uint8), (1280, 720)), dtype=np.uint8)
    preview = np.asarray(cv2.resize(picture, (640, 360), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    contents = contents_of(faces=[SeenFace(Box(700, 200, 800, 320))])
    once, again, small = (place(STORY, contents, rgb=rgb) for rgb in (picture, picture, preview))
    assert once == again
    for kind, placement in once.items():
        assert box_of(small[kind]) == pytest.approx(box_of(placement), abs=60)


def test_on_real_pictures_rendered_titles_and_faces_stay_free(shared_data: Path) -> None:
    pictures = sorted((shared_data / "images" / "documerica").glob("*.jpg"))[5:60:6]
    collisions = 0
    for number, path in enumerate(pictures):
        rgb = read_picture(path)
        height, width = rgb.shape[:2]
        cue = TextCue("title", (Line("HOUSE OF GLASS", 0.09),), 0, 2, y_unit=(0.05, 0.8)[number % 2], fade_frames=0)
        title = Box(*letters_box(cue, width=width, height=height))
        contents = contents_of(width, height, text=[SeenText(title, 0.95, "HOUSE OF GLASS")])
        ground = measure_ground(draw_cue(rgb, cue, frame=1), contents=contents)
        for canvas in DEFAULT_CANVASES:
            crop = centred(canvas, width, height)
            for placement in place_overlays(canvas, crop=crop, contents=contents, ground=ground):
                collisions += "the text “HOUSE OF GLASS”" in placement.collides
                assert placement.box is None or placement.box.shared(title).area == 0
    assert len(pictures) == 10 and collisions > 50
