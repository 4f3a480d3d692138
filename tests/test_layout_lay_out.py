"""A whole layout: focal point, crops and placements together, whatever the picture and whatever is chosen."""

import json
import math

import cv2
import numpy as np
import pytest
from skimage import data

from curation.layout.box import Box
from curation.layout.canvases import DEFAULT_CANVASES
from curation.layout.contents import PictureContents, SeenFace, SeenPerson, SeenText
from curation.layout.described import describe_layout
from curation.layout.lay_out import lay_out
from curation.layout.layouts import Chosen, Layout
from curation.layout.still_fields import WHOLE, lay_out_still, still_fields, whole_picture

pytestmark = pytest.mark.filterwarnings("error")
LOOKED = frozenset({"faces", "people", "text", "saliency"})
FACE = Box(780, 150, 940, 360)
STORY, BOX_ART = DEFAULT_CANVASES[0], DEFAULT_CANVASES[1]


def contents(width: int = 1920, height: int = 1080, **found: object) -> PictureContents:
    return PictureContents(width, height, Box(0, 0, width, height), looked=LOOKED, **found)  # type: ignore[arg-type]


def portrait() -> tuple[np.ndarray, PictureContents]:
    """A woman in the middle of a wide picture, a line of lettering below."""
    rgb = np.full((360, 640, 3), 90, np.uint8)
    rgb[:, 140:500] = cv2.resize(data.astronaut(), (360, 360))
    person = SeenPerson(Box(480, 60, 1440, 1080), "upper body", 0)
    line = SeenText(Box(600, 950, 1320, 1020), 0.98, "NIGHT LAUNCH")
    return rgb, contents(faces=(SeenFace(FACE, yaw_deg=5.0),), people=(person,), text=(line,))


def check(layout: Layout, known: PictureContents) -> None:
    """What holds for every layout of every picture."""
    picture = Box(0, 0, known.width, known.height)
    point = layout.focal_point
    assert picture.holds(Box(point.x, point.y, point.x, point.y)) and picture.holds(point.extent)
    assert 0 <= point.confidence <= 1 and point.why.endswith(".")
    for each in layout.canvases:
        box, canvas = each.crop.box, each.canvas
        assert picture.holds(box) and box.area > 0, canvas.key
        assert all(side == int(side) for side in box)
        width, height = box.width, box.height
        off_px = min(abs(width - height * canvas.aspect), abs(height - width / canvas.aspect))
        assert off_px <= 1 or min(width, height) <= 1, (canvas.key, box)
        assert 0 <= each.crop.suits <= 1 and all(0 <= part <= 1 for part in each.crop.parts.values())
        assert {placement.kind for placement in each.placements} == {overlay.kind for overlay in canvas.overlays}
        for placement in each.placements:
            assert placement.why and 1 <= placement.contrast <= 21
            if placement.box is None:
                continue
            assert box.grown(1e-6).holds(placement.box), (canvas.key, placement)
            covered = [thing for thing in (*known.faces, *known.text) if placement.box.shared(thing.box).area > 0]
            assert not covered, (canvas.key, placement, covered)
    assert json.loads(json.dumps(describe_layout(layout), allow_nan=False))


def test_the_main_face_is_whole_on_every_canvas_and_nothing_lies_over_it() -> None:
    rgb, known = portrait()
    layout = lay_out(rgb, contents=known, canvases=DEFAULT_CANVASES)
    check(layout, known)
    assert [each.canvas for each in layout.canvases] == list(DEFAULT_CANVASES)
    assert FACE.holds(Box(*(layout.focal_point.x, layout.focal_point.y) * 2))
    for each in layout.canvases:
        assert each.crop.box.holds(FACE), each.canvas.key
    assert layout.unknown == ()


def test_a_layout_from_a_preview_is_that_of_the_whole_picture_in_its_pixels() -> None:
    rgb, known = portrait()
    large = cv2.resize(rgb, (1920, 1080), interpolation=cv2.INTER_CUBIC)
    ours, theirs = (lay_out(each, contents=known, canvases=DEFAULT_CANVASES) for each in (rgb, large))
    assert math.dist(ours.focal_point[:2], theirs.focal_point[:2]) < 20
    for one, other in zip(ours.canvases, theirs.canvases, strict=True):
        shared = one.crop.box.shared(other.crop.box).area
        assert shared / (one.crop.box.area + other.crop.box.area - shared) > 0.8, one.canvas.key


def test_the_same_picture_is_laid_out_the_same_every_time_and_canvases_do_not_depend_on_one_another() -> None:
    rgb, known = portrait()
    first = lay_out(rgb, contents=known, canvases=DEFAULT_CANVASES)
    again = lay_out(rgb.copy(), contents=known, canvases=DEFAULT_CANVASES[::-1])
    assert first.focal_point == again.focal_point
    assert describe_layout(first)["canvases"] == describe_layout(again)["canvases"]


def test_what_is_chosen_wins_everywhere_and_the_rest_follows_it() -> None:
    rgb, known = portrait()
    crop, badge = Box(100, 30, 900, 480), Box(120, 60, 260, 110)
    chosen = Chosen((300.0, 700.0), {STORY.key: crop}, {(STORY.key, "badge"): badge})
    layout = lay_out(rgb, contents=known, canvases=DEFAULT_CANVASES, chosen=chosen)
    point, story = layout.focal_point, layout.canvases[0]
    assert (point.x, point.y, point.by, point.confidence) == (300, 700, "chosen", 1)
    assert point.extent.holds(Box(300, 700, 300, 700))
    assert story.crop.box == crop and story.crop.is_chosen
    placed = {placement.kind: placement for placement in story.placements}
    assert placed["badge"].box == badge and placed["badge"].is_chosen
    others = [placement for placement in story.placements if placement.kind != "badge" and placement.box]
    assert others and not any(placement.box.shared(badge).area for placement in others)
    tall = layout.canvases[-1].crop.box
    assert tall.x0 <= 300 <= tall.x1, "proposed crops go by the chosen point"
    assert not any(each.crop.is_chosen for each in layout.canvases[1:])


@pytest.mark.parametrize(
    "chosen",
    [
        Chosen(focal_point=(math.nan, 5.0)),
        Chosen(crops={STORY.key: Box(5000, 5000, 6000, 5500)}),
        Chosen(crops={STORY.key: Box(math.nan, 0, 100, 100), "no-such-canvas": Box(0, 0, 10, 10)}),
        Chosen(crops={STORY.key: Box(900, 500, 100, 50)}),
        Chosen(placements={(STORY.key, "badge"): Box(math.inf, 0, math.inf, 9), ("gone", "logo"): Box(0, 0, 9, 9)}),
    ],
)
def test_a_choice_that_is_nowhere_in_the_picture_is_as_none(chosen: Chosen) -> None:
    rgb, known = portrait()
    plain = lay_out(rgb, contents=known, canvases=DEFAULT_CANVASES)
    assert lay_out(rgb, contents=known, canvases=DEFAULT_CANVASES, chosen=chosen) == plain


def test_a_point_beside_the_picture_is_moved_to_its_rim() -> None:
    rgb, known = portrait()
    layout = lay_out(rgb, contents=known, canvases=DEFAULT_CANVASES, chosen=Chosen(focal_point=(1e9, -7.0)))
    assert layout.focal_point[:2] == (1920, 0)
    check(layout, known)


def test_a_point_on_somebody_keeps_what_belongs_to_it() -> None:
    rgb, known = portrait()
    on_face = lay_out(rgb, contents=known, canvases=(), chosen=Chosen(focal_point=(860.0, 200.0))).focal_point
    assert on_face.extent == FACE and on_face.person == 0


def test_what_nobody_looked_for_is_said() -> None:
    rgb, _ = portrait()
    blind = PictureContents(1920, 1080, Box(0, 0, 1920, 1080))
    said = " ".join(lay_out(rgb, contents=blind, canvases=DEFAULT_CANVASES).unknown)
    assert "faces" in said and "people" in said and "lettering" in said


FACES = tuple(
    SeenFace(Box(x, y, x + 90, y + 110)) for y in range(60, 1000, 250) for x in range(60, 1860, 180)
)  # fmt: skip
ODD = {
    "a pixel": (np.full((1, 1, 3), 7, np.uint8), contents(1, 1)),
    "smaller than every canvas": (data.coffee()[:40:2, :60:2], contents(30, 20)),
    "a panorama 20:1": (np.tile(data.coffee()[:32], (1, 2, 1))[:, :640], contents(20_000, 1000)),
    "a tower 1:20": (np.tile(data.coffee()[:, :30], (2, 1, 1))[:640], contents(500, 10_000)),
    "all black": (np.zeros((360, 640, 3), np.uint8), contents()),
    "all white": (np.full((360, 640, 3), 255, np.uint8), contents()),
    "noise": (np.random.default_rng(1).integers(0, 256, (360, 640, 3), dtype=np.uint8), contents()),
    "40 faces": (np.full((360, 640, 3), 128, np.uint8), contents(faces=FACES)),
    "a face over all of it": (
        cv2.resize(data.astronaut(), (640, 360)), contents(faces=(SeenFace(Box(0, 0, 1920, 1080)),)),
    ),
    "a hair's breadth of a picture inside bars": (
        np.zeros((360, 640, 3), np.uint8),
        PictureContents(1920, 1080, Box(0, 539, 1920, 541), looked=LOOKED),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_odd_pictures_are_laid_out_all_the_same(name: str) -> None:
    rgb, known = ODD[name]
    layout = lay_out_still(np.ascontiguousarray(rgb), contents=known)
    check(layout, known)
    assert still_fields(layout)["focal_point"] == [round(layout.focal_point.x, 1), round(layout.focal_point.y, 1)]


def test_small_pictures_are_warned_about_as_enlarged() -> None:
    layout = lay_out(data.coffee(), contents=contents(600, 400), canvases=[STORY])
    (story,) = layout.canvases
    assert story.crop.enlarged == pytest.approx(1536 / story.crop.box.width, rel=0.01)
    assert any("nlarged" in reason for reason in story.crop.reasons)


def test_where_lettering_is_everywhere_no_place_is_free_and_it_says_so() -> None:
    rows = tuple(SeenText(Box(0, y, 1920, y + 54), 0.99, "WORDS") for y in range(0, 1080, 60))
    layout = lay_out(np.full((360, 640, 3), 60, np.uint8), contents=contents(text=rows), canvases=DEFAULT_CANVASES)
    for each in layout.canvases:
        for placement in each.placements:
            assert placement.box is None and placement.why.endswith("."), (each.canvas.key, placement)


def test_of_forty_faces_as_many_as_possible_stay_whole() -> None:
    rgb, known = ODD["40 faces"]
    assert len(FACES) == 40
    layout = lay_out(rgb, contents=known, canvases=DEFAULT_CANVASES)
    for each in layout.canvases:
        box = each.crop.box
        cut = [face for face in known.faces if 0.02 < box.shared(face.box).area / face.box.area < 0.98]
        assert not cut, (each.canvas.key, box, cut)


def test_result_fields_are_those_that_outside_tools_rely_on() -> None:
    rgb, known = portrait()
    fields = still_fields(lay_out_still(rgb, contents=known))
    assert set(fields) == {"focal_point", "crops", "placements", "layout"}
    assert set(fields["crops"]) == {canvas.key for canvas in DEFAULT_CANVASES}
    assert set(fields["placements"]) == {"badge", "subtitle", "logo"}
    for box in [*fields["crops"].values(), *fields["placements"].values()]:
        x0, y0, x1, y1 = box
        assert 0 <= x0 < x1 <= 1920 and 0 <= y0 < y1 <= 1080
    whole = fields["layout"]["canvases"][WHOLE]
    assert whole["crop"] == [0, 0, 1920, 1080]


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (20_000, 1000), (1000, 20_000), (1, 1)])
def test_overlays_of_the_whole_picture_keep_their_shape_and_fit(width: int, height: int) -> None:
    canvas = whole_picture(Box(0, 0, width, height))
    assert (canvas.width_px, canvas.height_px) == (width, height)
    for overlay in canvas.overlays:
        assert 0 < overlay.width_unit <= 1 and 0 < overlay.height_unit <= 1
    badge = canvas.overlays[0]
    assert 2 < badge.width_unit * width / (badge.height_unit * height) < 8, "wider than high, as badges are"
