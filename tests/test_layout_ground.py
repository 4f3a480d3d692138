import math

import numpy as np
import pytest
from numpy.typing import NDArray

from ava.render.lettering import Line, TextCue, draw_cue, letters_box
from curation.layout.box import Box
from curation.layout.contents import PictureContents, SeenFace, SeenPerson, SeenText
from curation.layout.ground import WORKING_SIDE_PX, measure_ground
from curation.layout.obstacles import MOST_SUBJECT_UNIT, find_obstacles
from curation.layout.text_map import SURE_TEXT

pytestmark = pytest.mark.filterwarnings("error")
Rgb = NDArray[np.uint8]


def contents_of(width: int, height: int, **known: object) -> PictureContents:
    return PictureContents(width, height, Box(0, 0, width, height), **known)  # type: ignore[arg-type]


def plain(width: int, height: int, level: int = 60) -> Rgb:
    return np.full((height, width, 3), level, dtype=np.uint8)


def test_maps_are_small_and_know_their_scale() -> None:
    ground = measure_ground(plain(640, 360), contents=contents_of(1920, 1080))
    assert ground.luminance.shape == ground.text.shape == ground.disturbance.shape == (180, WORKING_SIDE_PX)
    assert ground.scale == (6, 6)
    assert ground.sums.shape == (181, WORKING_SIDE_PX + 1, 4)


def test_sums_are_those_of_the_maps() -> None:
    rng = np.random.default_rng(2)
    ground = measure_ground(rng.integers(0, 256, (90, 160, 3), dtype=np.uint8), contents=contents_of(160, 90))
    assert ground.sums[-1, -1, 1] == pytest.approx(ground.disturbance.sum(dtype=np.float64))
    assert ground.sums[40, 70, 0] == np.count_nonzero(ground.text[:40, :70] >= SURE_TEXT)


def test_a_busy_half_disturbs_more_than_a_calm_one() -> None:
    picture = plain(320, 180)
    picture[:, 160:] = np.random.default_rng(0).integers(0, 256, (180, 160, 3))
    disturbance = measure_ground(picture, contents=contents_of(320, 180)).disturbance
    assert disturbance[:, :140].max() < 0.1 < 0.3 < disturbance[:, 180:].min()


def test_bodies_disturb_and_detected_lines_are_spread_a_little() -> None:
    body, line = Box(100, 40, 160, 180), Box(200, 60, 300, 80)
    contents = contents_of(
        320, 180, people=[SeenPerson(body, "full body")], text=[SeenText(line, 0.8)], looked=frozenset({"text"})
    )
    ground = measure_ground(plain(320, 180), contents=contents)
    assert ground.part(ground.disturbance, body).min() > ground.disturbance[:, :90].max() + 0.4
    assert ground.text[70, 250] == pytest.approx(0.8)
    assert ground.text[57, 250] > SURE_TEXT > ground.text[50, 250]


def test_two_doubtful_finds_of_one_line_are_surer_than_each() -> None:
    line = Box(20, 20, 120, 40)
    contents = contents_of(160, 90, text=[SeenText(line, 0.4), SeenText(line, 0.4)], looked=frozenset({"text"}))
    assert measure_ground(plain(160, 90), contents=contents).text[30, 60] == pytest.approx(0.64)


@pytest.mark.parametrize(("looked", "is_sure"), [(frozenset[str](), True), (frozenset({"text"}), False)])
def test_lettering_that_no_detector_found_is_sure_only_where_none_looked(looked: frozenset[str], is_sure: bool) -> None:
    cue = TextCue("title", (Line("THE QUIET HOUR", 0.12),), 0, 2, y_unit=0.4, fade_frames=0)
    picture = draw_cue(plain(640, 360), cue, frame=1)
    ground = measure_ground(picture, contents=contents_of(640, 360, looked=looked))
    inside = ground.part(ground.text, Box(*letters_box(cue, width=640, height=360)))
    assert (inside >= SURE_TEXT).mean() == pytest.approx(float(is_sure), abs=0.15)
    assert inside.max() > 0.2 and ground.text[150:].max() == 0


def test_a_title_of_which_a_detector_found_only_a_part_is_sure_as_a_whole() -> None:
    cue = TextCue("title", (Line("NORTH OF NOWHERE", 0.1),), 0, 2, y_unit=0.4, fade_frames=0)
    letters = Box(*letters_box(cue, width=640, height=360))
    part = SeenText(letters._replace(x1=letters.x0 + 0.3 * letters.width), 0.9, "NORTH")
    contents = contents_of(640, 360, text=[part], looked=frozenset({"text"}))
    ground = measure_ground(draw_cue(plain(640, 360), cue, frame=1), contents=contents)
    assert (ground.part(ground.text, letters) >= SURE_TEXT).mean() > 0.7


def test_what_must_stay_free_has_air_around_it_and_a_name() -> None:
    face, line = Box(100, 100, 140, 150), Box(200, 20, 300, 40)
    contents = contents_of(
        640, 360, faces=[SeenFace(face)], text=[SeenText(line, 0.9, " NEW\n EPISODE "), SeenText(line, 0.2, "?")],
        people=[SeenPerson(Box(80, 80, 200, 360), "full body", 0), SeenPerson(Box(400, 60, 460, 360), "full body")],
        logos=[Box(500, 300, 600, 340)], subject=Box(0, 0, 100, 100),
    )  # fmt: skip
    seen, head, text, logo = find_obstacles(contents)
    assert [each.name for each in (seen, head, text, logo)] == ["a face", "a head", "the text “NEW EPISODE”", "a logo"]
    assert seen.box == face and seen.clear.y1 >= 150 + 0.2 * 50 and seen.clear.y0 <= 100 - 0.4 * 50
    assert head.box.y1 < 60 + 0.25 * 300 and Box(400, 60, 460, 360).holds(head.box)
    assert logo.clear.holds(Box(496, 296, 604, 344))


def test_a_head_without_a_face_is_where_its_joints_are() -> None:
    joints = {"nose": (200.0, 100.0), "left_ear": (215.0, 98.0), "left_ankle": (200.0, 350.0)}
    person = SeenPerson(Box(100, 40, 300, 360), "upper body", joints=joints)
    (head,) = find_obstacles(contents_of(640, 360, people=[person]))
    assert head.box.holds(Box(190, 90, 225, 110)) and head.box.y1 < 250


def test_a_subject_is_kept_free_where_it_is_a_thing_and_not_the_scene() -> None:
    (thing,) = find_obstacles(contents_of(640, 360, subject=Box(200, 100, 400, 200)))
    assert thing.name == "the subject" and Box(200, 100, 400, 200).holds(thing.box) and thing.box.width > 120
    scene = Box(0, 0, 640, 360 * (MOST_SUBJECT_UNIT + 0.05))
    assert find_obstacles(contents_of(640, 360, subject=scene)) == ()


def test_boxes_that_are_no_numbers_are_left_out() -> None:
    broken = Box(math.nan, 0, 10, 10)
    contents = contents_of(
        64, 36, faces=[SeenFace(broken), SeenFace(Box(0, 0, math.inf, 3))], text=[SeenText(broken, math.nan, "x")],
        people=[SeenPerson(broken, "close-up")], logos=[broken], subject=broken,
    )  # fmt: skip
    assert find_obstacles(contents) == ()
    assert np.isfinite(measure_ground(plain(64, 36), contents=contents).disturbance).all()


@pytest.mark.parametrize(
    "picture", [plain(1, 1), plain(640, 32), plain(3, 900), plain(40, 40, 0), plain(40, 40, 255), plain(0, 5)]
)
def test_any_picture_has_a_finite_ground(picture: Rgb) -> None:
    ground = measure_ground(picture, contents=contents_of(max(picture.shape[1], 1), picture.shape[0]))
    for values in (ground.luminance, ground.text, ground.disturbance, ground.sums):
        assert values.size and np.isfinite(values).all()
