"""Crops: the window of a picture that suits a canvas best."""

import dataclasses
import math
import time
import warnings
from itertools import pairwise

import numpy as np
import pytest

from ava.media.picture_file import read_picture
from curation.layout.box import Box
from curation.layout.canvases import DEFAULT_CANVASES, Canvas
from curation.layout.contents import PictureContents, SeenFace, SeenPerson, SeenText
from curation.layout.crop import crop_for
from curation.layout.focal_point import find_focal_point
from curation.layout.interest import InterestMap, measure_interest
from curation.layout.layouts import Crop, FocalPoint

CANVASES = {canvas.key: canvas for canvas in DEFAULT_CANVASES}
WIDE, TALL, SQUARE = CANVASES["story-art"], CANVASES["vertical"], CANVASES["square"]


def make_contents(width=1920, height=1080, **kept) -> PictureContents:
    return PictureContents(width, height, **({"area": Box(0, 0, width, height)} | kept))


def face_at(x, y, height, *, yaw_deg=None) -> SeenFace:
    """A face whose middle is at a place."""
    return SeenFace(Box(x - 0.4 * height, y - height / 2, x + 0.4 * height, y + height / 2), yaw_deg=yaw_deg)


def flat(contents) -> InterestMap:
    scale = max(contents.width, contents.height) / 320
    shape = max(round(contents.height / scale), 1), max(round(contents.width / scale), 1)
    return InterestMap(np.full(shape, 0.2, np.float32), scale)


def crop(canvas, contents, *, focal_point=None, interest=None, chosen=None) -> Crop:
    interest = interest or flat(contents)
    focal_point = focal_point or find_focal_point(contents, interest=interest)
    return crop_for(canvas, contents=contents, focal_point=focal_point, interest=interest, chosen=chosen)


def assert_is_window(found: Crop, canvas: Canvas, area: Box):
    """Whole pixels, inside, and no ratio nearer to the canvas's with the same shorter side."""
    box = found.box
    assert all(side == int(side) for side in box)
    assert area.holds(box)
    assert box.width >= 1
    assert box.height >= 1
    longer, shorter = (box.height, box.width) if canvas.aspect < 1 else (box.width, box.height)
    wanted = shorter * max(canvas.aspect, 1 / canvas.aspect)
    room = area.height if canvas.aspect < 1 else area.width
    assert abs(longer - wanted) <= 0.5 or longer == room
    assert 0 <= found.suits <= 1
    assert all(0 <= part <= 1 for part in found.parts.values())
    assert found.enlarged == pytest.approx(canvas.width_px / box.width)


def test_a_picture_of_the_canvas_s_shape_is_shown_whole():
    contents = make_contents(faces=[face_at(960, 420, 260)])
    found = crop(WIDE, contents)
    assert found.box == (0, 0, 1920, 1080)
    assert found.suits > 0.9
    assert found.reasons == ()


@pytest.mark.parametrize("canvas", DEFAULT_CANVASES, ids=lambda canvas: canvas.key)
@pytest.mark.parametrize("x", [150, 700, 1770])
def test_a_face_anywhere_is_whole_with_its_hair_on_every_canvas(canvas, x):
    face = face_at(x, 400, 150)
    found = crop(canvas, make_contents(faces=[face]))
    assert_is_window(found, canvas, Box(0, 0, 1920, 1080))
    assert found.box.holds(Box(face.box.x0, face.box.y0 - 0.3 * 150, face.box.x1, face.box.y1))


def test_a_centre_crop_would_have_cut_the_face():
    face = face_at(1400, 400, 200)
    found = crop(TALL, make_contents(faces=[face]))
    assert found.box.holds(face.box)
    assert found.box.x0 > 960 - found.box.width / 2


def test_the_eyes_are_in_the_upper_part_and_the_hair_is_not_cut():
    tall_picture = make_contents(1080, 1920, faces=[face_at(540, 900, 260)])
    box = crop(WIDE, tall_picture).box
    eyes = (900 - 0.1 * 260 - box.y0) / box.height
    assert 0.2 < eyes < 0.5
    assert box.y0 < 900 - 130 - 0.3 * 260


@pytest.mark.parametrize("yaw_deg", [-50, 50])
def test_who_looks_aside_has_room_before_them(yaw_deg):
    contents = make_contents(faces=[face_at(960, 400, 200, yaw_deg=yaw_deg)])
    box = crop(SQUARE, contents).box
    before = (box.x1 - 960 if yaw_deg > 0 else 960 - box.x0) / box.width
    assert before > 0.55


def test_who_looks_at_the_viewer_is_in_the_middle_of_a_narrow_canvas():
    box = crop(TALL, make_contents(faces=[face_at(700, 400, 200, yaw_deg=0)])).box
    assert (700 - box.x0) / box.width == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("seed", range(12))
def test_no_face_is_cut_where_a_window_exists_that_cuts_none(seed):
    rng = np.random.default_rng(seed)
    middles = np.sort(rng.permutation(np.arange(110, 1850, 210))[:5]) + rng.integers(-20, 20, 5)
    faces = [face_at(float(x), float(rng.integers(300, 600)), float(rng.integers(60, 150))) for x in middles]
    contents = make_contents(faces=faces)
    for canvas in DEFAULT_CANVASES:
        box = crop(canvas, contents).box
        shares = [face.box.shared(box).area / face.box.area for face in faces]
        assert not [share for share in shares if 0.005 < share < 0.995], canvas.key
        assert max(shares) > 0.995


def test_a_stranger_at_the_rim_is_left_out_rather_than_cut():
    contents = make_contents(faces=[face_at(960, 400, 220), face_at(1290, 420, 120)])
    box = crop(SQUARE, contents, focal_point=FocalPoint(960, 400, Box(780, 240, 1140, 700), 1.0, "person")).box
    stranger = contents.faces[1].box
    assert stranger.shared(box).area / stranger.area in (0, 1)


def test_a_group_that_does_not_fit_keeps_the_main_face_and_says_who_is_missing():
    faces = [face_at(200, 400, 160), face_at(960, 400, 200), face_at(1700, 400, 160)]
    people = [SeenPerson(Box(860, 260, 1060, 900), "upper body", 1)]
    group = FocalPoint(960, 400, Box(120, 250, 1780, 700), 1.0, "group", person=0)
    found = crop(TALL, make_contents(faces=faces, people=people), focal_point=group)
    assert found.box.holds(faces[1].box)
    assert "The group is wider than this canvas." in found.reasons
    assert "Two of three faces are left out." in found.reasons
    assert found.suits < crop(WIDE, make_contents(faces=faces, people=people), focal_point=group).suits


def test_a_group_in_a_crop_has_shoulders_or_only_its_main_person():
    """Heads that only just fit side by side would leave half a person at either rim."""
    faces = [face_at(700, 400, 100), face_at(1010, 420, 110)]
    extent = Box(600, 300, 1130, 700)
    group = FocalPoint(860, 410, extent, 1.0, "group")
    found = crop(CANVASES["tall-panel"], make_contents(faces=faces), focal_point=group)
    shown = [face.box.shared(found.box).area / face.box.area for face in faces]
    assert shown == [0, 1]
    assert found.parts["subject"] < 1
    assert all(crop(SQUARE, make_contents(faces=faces), focal_point=group).box.holds(face.box) for face in faces)


def test_somebody_who_would_be_shown_without_a_head_is_shown_with_it_or_hardly_at_all():
    faces = [face_at(900, 700, 170), face_at(1250, 230, 160)]
    contents, billboard = make_contents(faces=faces), CANVASES["billboard"]
    point = FocalPoint(900, 700, Box(760, 560, 1040, 860), 1.0, "chosen")
    found = crop(billboard, contents, focal_point=point)
    chest = Box(1090, 360, 1410, 630)
    assert found.box.holds(faces[0].box)
    assert found.box.holds(faces[1].box) or chest.shared(found.box).area < 0.45 * chest.area
    headless = crop(billboard, contents, focal_point=point, chosen=Box(0, 330, 1750, 1080))
    assert headless.parts["faces"] < found.parts["faces"] - 0.3


def test_a_line_of_lettering_is_whole_or_out():
    line = SeenText(Box(900, 800, 1500, 860))
    contents = make_contents(faces=[face_at(800, 400, 160)], text=[line])
    for key in ("square", "classic", "billboard"):
        box = crop(CANVASES[key], contents).box
        assert line.box.shared(box).area / line.box.area in (0, 1), key


def test_cut_lettering_and_logos_are_told():
    everywhere = [SeenText(Box(0, y, 1920, y + 30)) for y in range(0, 1080, 40)]
    found = crop(TALL, make_contents(text=everywhere, logos=[Box(0, 500, 1920, 600)]))
    assert any("lettering are cut" in reason for reason in found.reasons)
    assert "A logo is cut." in found.reasons
    assert found.parts["lettering"] < 0.5


def test_legs_are_not_cut_at_the_knee_where_a_cut_beside_it_is_possible():
    picture = make_contents(1080, 1920, faces=[face_at(540, 420, 120)])
    knees = {"left_knee": (600.0, 960.0), "right_knee": (480.0, 960.0)}
    person = SeenPerson(Box(400, 330, 680, 1300), "upper body", 0, knees)
    without = crop(SQUARE, picture).box
    found = crop(SQUARE, dataclasses.replace(picture, people=[person]))
    assert abs(without.y1 - 960) > 40 or abs(found.box.y1 - 960) > abs(without.y1 - 960)
    assert abs(found.box.y1 - 960) > 40
    cut_there = crop(SQUARE, dataclasses.replace(picture, people=[person]), chosen=Box(100, 120, 940, 960))
    assert "An arm or a leg is cut at a joint." in cut_there.reasons


def test_black_bars_are_never_inside():
    area = Box(0, 138.4, 1920, 941.7)
    contents = make_contents(area=area, faces=[face_at(300, 300, 200)])
    for canvas in DEFAULT_CANVASES:
        assert_is_window(crop(canvas, contents), canvas, Box(0, 139, 1920, 941))


def test_a_picture_that_is_too_small_is_told_to_be_enlarged():
    found = crop(WIDE, make_contents(640, 360))
    assert found.enlarged == pytest.approx(2.4)
    assert "Enlarged 2.4 times: the picture is too small for this canvas." in found.reasons
    assert found.suits < crop(WIDE, make_contents(3840, 2160)).suits


def test_a_small_subject_on_empty_ground_is_come_nearer_to_but_not_beyond_the_picture_s_own_pixels():
    weights = np.zeros((180, 320), np.float32)
    weights[75:110, 110:145] = 1.0
    for factor in (1, 2, 4):
        contents = make_contents(1920 * factor, 1080 * factor, faces=[face_at(760 * factor, 510 * factor, 40 * factor)])
        empty = crop(WIDE, contents, interest=InterestMap(weights, 6.0 * factor))
        assert empty.box.width < 1920 * factor
        assert empty.enlarged <= (1.15 if factor == 1 else 1)
        assert crop(WIDE, contents).box.width > 0.9 * 1920 * factor  # where there is more to see, it is seen


def test_what_somebody_chose_always_wins_and_is_judged():
    contents = make_contents(faces=[face_at(960, 400, 200)])
    mine = Box(0, 540, 960, 1080)
    found = crop(WIDE, contents, chosen=mine)
    assert found.box == mine
    assert found.is_chosen
    assert found.suits < 0.5
    assert "The main face is left out." in found.reasons or "The main face is cut." in found.reasons


def test_what_a_crop_gave_can_be_chosen_and_stays_as_it_is():
    contents = make_contents(1917, 1079, faces=[face_at(700, 420, 130)])
    for canvas in DEFAULT_CANVASES:
        box = crop(canvas, contents).box
        assert crop(canvas, contents, chosen=box).box == box, canvas.key


@pytest.mark.parametrize(
    "chosen",
    [Box(-500, -500, 400, 300), Box(1900, 1000, 9000, 9000), Box(0, 0, 1e12, 1e12), Box(10, 10, 10.2, 10.2),
     Box(100, 100, 1500, 140)],
)  # fmt: skip
def test_a_chosen_box_of_any_kind_is_brought_into_picture_and_ratio(chosen):
    contents = make_contents(area=Box(0, 140, 1920, 940))
    for canvas in DEFAULT_CANVASES:
        found = crop(canvas, contents, chosen=chosen)
        assert found.is_chosen
        assert_is_window(found, canvas, Box(0, 0, 1920, 1080))


@pytest.mark.parametrize("chosen", [Box(math.nan, 0, 10, 10), Box(0, 0, math.inf, 10), Box(50, 50, 50, 90)])
def test_a_chosen_box_without_numbers_or_area_is_none(chosen):
    contents = make_contents()
    assert crop(WIDE, contents, chosen=chosen) == crop(WIDE, contents)


ODD = {
    "one pixel": make_contents(1, 1),
    "one row": make_contents(4000, 1),
    "a panorama": make_contents(20_000, 1000, faces=[face_at(15_000, 400, 300)]),
    "a tower": make_contents(500, 10_000, faces=[face_at(250, 7000, 200)]),
    "no area": make_contents(area=Box(500, 500, 500, 500)),
    "a tiny area": make_contents(area=Box(500.2, 500.2, 500.7, 500.7), faces=[face_at(500, 500, 100)]),
    "an area without numbers": make_contents(area=Box(math.nan, 0, 10, 10)),
    "forty faces": make_contents(faces=[face_at(60 + 180 * (i % 10), 100 + 250 * (i // 10), 110) for i in range(40)]),
    "lettering everywhere": make_contents(
        text=[SeenText(Box(x, y, x + 230, y + 30)) for x in range(0, 1900, 240) for y in range(0, 1060, 40)]
    ),
    "a face as large as the picture": make_contents(faces=[SeenFace(Box(0, 0, 1920, 1080))]),
    "a face outside": make_contents(faces=[SeenFace(Box(-300, -300, -10, -10))]),
    "a face without numbers": make_contents(faces=[SeenFace(Box(math.nan, 0, 100, 100), yaw_deg=math.nan)]),
    "8k": make_contents(7680, 4320, faces=[face_at(1000, 1000, 700)]),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_pictures_have_a_window_for_every_canvas(name):
    contents = ODD[name]
    picture = Box(0, 0, contents.width, contents.height)
    middle = FocalPoint(*picture.centre, picture, 0.0, "middle")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for canvas in DEFAULT_CANVASES:
            assert_is_window(crop(canvas, contents, focal_point=middle), canvas, picture)


@pytest.mark.parametrize("extent", [Box(math.nan, 0, 1, 1), Box(5, 5, 5, 5), Box(-90, -90, -5, -5)])
def test_a_focal_point_without_an_extent_is_its_own(extent):
    point = FocalPoint(1700, 300, extent, 0.5, "chosen")
    assert crop(TALL, make_contents(), focal_point=point).box.holds(Box(1699, 299, 1701, 301))


FACES_BY_EYE = {
    "images/fsaowi/LC-USF34-042633.jpg": (192, 116, 277, 222),
    "images/fsaowi/LC-USF34-080870.jpg": (235, 131, 275, 183),
    "images/documerica/545607.jpg": (237, 51, 269, 91),
    "images/documerica/549355.jpg": (233, 395, 288, 465),
}


@pytest.mark.parametrize("name", FACES_BY_EYE)
def test_faces_of_photographs_are_whole_and_where_eyes_belong(name, shared_data):
    rgb = read_picture(shared_data / name)
    face = Box(*FACES_BY_EYE[name])
    contents = make_contents(rgb.shape[1], rgb.shape[0], faces=[SeenFace(face)])
    interest = measure_interest(rgb, contents=contents)
    for canvas in DEFAULT_CANVASES:
        box = crop(canvas, contents, interest=interest).box
        head = Box(face.x0, max(face.y0 - 0.3 * face.height, 0), face.x1, face.y1)
        assert box.holds(head), canvas.key
        assert 0.2 <= ((face.x0 + face.x1) / 2 - box.x0) / box.width <= 0.8, canvas.key


def test_the_rim_runs_through_calm_ground_where_it_can():
    weights = np.full((180, 320), 0.02, np.float32)
    weights[30:110, 100:140] = 0.9
    subject = FocalPoint(720, 500, Box(610, 420, 830, 640), 0.8, "edges")
    box = crop(CANVASES["billboard"], make_contents(), focal_point=subject, interest=InterestMap(weights, 6.0)).box
    assert box.y0 <= 30 * 6


def test_interest_that_is_no_number_counts_as_none():
    contents = make_contents()
    middle = FocalPoint(960, 540, Box(900, 500, 1000, 600), 0.0, "middle")
    for value in (math.nan, math.inf, 0.0):
        weights = np.full((180, 320), value, np.float32)
        found = crop(TALL, contents, focal_point=middle, interest=InterestMap(weights, 6.0))
        assert_is_window(found, TALL, Box(0, 0, 1920, 1080))


def test_the_order_of_findings_does_not_matter():
    faces = [face_at(300 + 350 * place, 400, 100 + 10 * place) for place in range(4)]
    text = [SeenText(Box(100 * place, 900, 100 * place + 80, 930 + place)) for place in range(6)]
    point = FocalPoint(650, 400, Box(500, 300, 800, 600), 1.0, "chosen")
    for canvas in DEFAULT_CANVASES:
        one = crop(canvas, make_contents(faces=faces, text=text), focal_point=point)
        other = crop(canvas, make_contents(faces=faces[::-1], text=text[::-1]), focal_point=point)
        assert one.box == other.box
        assert one.suits == pytest.approx(other.suits, abs=1e-4)


def test_the_wider_the_canvas_the_less_of_a_tall_picture_suits_it():
    contents = make_contents(1200, 2400, faces=[face_at(600, 500, 220)])
    suits = [crop(CANVASES[key], contents).suits for key in ("vertical", "square", "billboard")]
    assert all(narrower > wider for narrower, wider in pairwise(suits))


def test_seven_crops_take_no_more_work_for_a_picture_of_8k():
    """Work depends on what is in a picture, never on its pixels."""
    spent = []
    for factor in (1, 4):
        contents = make_contents(1920 * factor, 1080 * factor, faces=[face_at(800 * factor, 400 * factor, 90 * factor)])
        interest, best = flat(contents), math.inf
        for _ in range(5):
            start = time.process_time()
            for canvas in DEFAULT_CANVASES:
                crop(canvas, contents, interest=interest)
            best = min(best, time.process_time() - start)
        spent.append(best)
    assert spent[1] < 4 * spent[0]
