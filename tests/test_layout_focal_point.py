"""The most interesting point of pictures whose people, and whose only thing to see, are known."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from curation.layout.box import Box, enclose
from curation.layout.contents import PictureContents, SeenFace, SeenPerson, SeenText
from curation.layout.focal_point import find_focal_point
from curation.layout.interest import InterestMap, measure_interest
from curation.layout.layouts import FocalPoint
from curation.layout.people_interest import rate_people
from tests.bench.marked_subjects import TUNED_ON, UNSEEN, load_marked

WIDTH, HEIGHT = 1920, 1080
WHOLE = Box(0, 0, WIDTH, HEIGHT)
EVEN = InterestMap(np.full((180, 320), 0.2, dtype=np.float32), WIDTH / 320)
"""Interest that has no opinion."""


def face_at(x: float, y: float, *, height: float = 160, **known: float) -> SeenFace:
    """A face, upright, its middle at a point."""
    box = Box(x - 0.4 * height, y - height / 2, x + 0.4 * height, y + height / 2)
    return SeenFace(box, **({"sharpness": 0.7, "yaw_deg": 0.0, "eyes_open": 0.9} | known))  # type: ignore[arg-type]


def picture(*faces: SeenFace, area: Box = WHOLE, people: tuple[SeenPerson, ...] = ()) -> PictureContents:
    return PictureContents(WIDTH, HEIGHT, area, faces=faces, people=people, looked=frozenset({"faces", "face_mesh"}))


def find(contents: PictureContents, *, interest: InterestMap = EVEN) -> FocalPoint:
    return find_focal_point(contents, interest=interest)


def look(rgb: NDArray[np.uint8], **known: object) -> FocalPoint:
    height, width = rgb.shape[:2]
    contents = replace(PictureContents(width, height, Box(0, 0, width, height)), **known)
    return find_focal_point(contents, interest=measure_interest(rgb, contents=contents))


def is_in(point: FocalPoint, box: Box) -> bool:
    return box.holds(Box(point.x, point.y, point.x, point.y))


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"height": 300}, {"height": 90}),
        ({"sharpness": 0.9}, {"sharpness": 0.3}),
        ({"prominence": 0.9}, {"prominence": 0.1}),
        ({"yaw_deg": 5.0}, {"yaw_deg": 85.0}),
        ({"eyes_open": 0.95}, {"eyes_open": 0.05}),
        ({"score": 0.99}, {"score": 0.55}),
    ],
)
def test_who_is_larger_sharper_more_prominent_or_looks_at_the_viewer_is_the_more_interesting(
    better: dict[str, float], worse: dict[str, float]
) -> None:
    for left, right in ((better, worse), (worse, better)):
        faces = face_at(400, 500, **left), face_at(1520, 500, **right)
        contents = picture(*faces)
        assert (rate_people(contents)[0].x < 960) == (left is better)
        assert is_in(find(contents), faces[0 if left is better else 1].box)


@pytest.mark.parametrize("times", [1.5, 1.6, 2.0, 3.0, 5.0])
def test_who_is_half_as_large_again_is_the_more_interesting_wherever_they_are(times: float) -> None:
    rng = np.random.default_rng(round(10 * times))
    for _ in range(60):
        height = float(rng.uniform(40, 0.7 * HEIGHT / times))
        # As detectors measure those who are in focus and look at the viewer; the smaller, the sharper.
        known = [
            {"sharpness": float(rng.uniform(low, low + 0.15)), "yaw_deg": float(rng.uniform(-20, 20)),
             "eyes_open": float(rng.uniform(0.7, 1.0)), "score": float(rng.uniform(0.97, 1.0))}
            for low in (0.62, 0.72)
        ]  # fmt: skip
        large = face_at(float(rng.uniform(200, 1720)), float(rng.uniform(400, 700)), height=times * height, **known[0])
        small = face_at(float(rng.uniform(800, 1120)), float(rng.uniform(400, 600)), height=height, **known[1])
        assert rate_people(picture(small, large))[0].x == pytest.approx(large.box.centre[0])


@pytest.mark.parametrize(
    "lacking",
    [
        {"sharpness": 0.4},
        {"yaw_deg": 88.0},
        {"eyes_open": 0.0},
        {"prominence": 0.05},
    ],
)
def test_who_is_larger_but_blurred_turned_away_asleep_or_an_extra_gives_way(lacking: dict[str, float]) -> None:
    extra = face_at(600, 500, height=240, **({"prominence": 0.9} | lacking))
    main = face_at(1300, 500, prominence=0.9)
    assert rate_people(picture(extra, main))[0].x == pytest.approx(1300)


def test_the_place_in_the_picture_decides_between_faces_of_about_the_same_size_only() -> None:
    for larger, is_enough in ((1.1, False), (1.4, True)):
        rim, middle = face_at(1800, 500, height=160 * larger), face_at(960, 500)
        assert (rate_people(picture(rim, middle))[0].x > 1700) == is_enough


def test_who_is_in_the_middle_is_more_interesting_than_who_is_at_the_rim() -> None:
    assert find(picture(face_at(1850, 500), face_at(900, 500))).x == pytest.approx(900)


def test_a_close_up_keeps_the_face_with_room_for_hair_and_chin() -> None:
    face = face_at(960, 540, height=500)
    point = find(picture(face))
    assert point.by == "person" and point.confidence > 0.9 and is_in(point, face.box)
    assert point.extent.y0 < face.box.y0 - 100 and face.box.y1 + 50 < point.extent.y1 < face.box.y1 + 150


def test_an_upper_body_keeps_head_and_shoulders() -> None:
    face = face_at(960, 300)
    joints = {"left_shoulder": (1180.0, 520.0), "right_shoulder": (760.0, 530.0), "left_wrist": (1500.0, 900.0)}
    person = SeenPerson(Box(600, 150, 1550, 1080), "upper body", 0, joints)
    extent = find(picture(face, people=(person,))).extent
    assert extent.holds(Box(760, face.box.y0, 1180, 530)) and extent.x1 < 1300 and extent.y1 < 700
    without_joints = find(picture(face, people=(person._replace(joints={}),))).extent
    assert without_joints.width > 2 * face.box.height and without_joints.y1 > face.box.y1 + 80


def test_a_full_body_is_kept_from_head_to_foot_with_the_point_on_the_face() -> None:
    face = face_at(700, 250, height=90)
    body = Box(600, 200, 820, 1000)
    point = find(picture(face, people=(SeenPerson(body, "full body", 0),)))
    assert point.extent.holds(body) and is_in(point, face.box)
    assert point.person == 0 and "whole body" in point.why


def test_a_group_that_fits_a_square_is_kept_together_and_the_point_is_on_one_of_its_faces() -> None:
    faces = tuple(face_at(x, 400, height=140) for x in (700, 960, 1220))
    point = find(picture(*faces))
    assert point.by == "group" and "group of 3" in point.why
    assert point.extent.holds(enclose(face.box for face in faces))
    assert max(point.extent.width, point.extent.height) <= HEIGHT
    assert any(is_in(point, face.box) for face in faces)


def test_of_a_group_that_fits_no_square_the_best_is_taken_less_surely() -> None:
    alone = find(picture(face_at(960, 400)))
    apart = find(picture(face_at(200, 400), face_at(960, 400), face_at(1720, 400)))
    assert (apart.by, apart.x) == ("person", 960)
    assert apart.confidence < alone.confidence - 0.2


def test_somebody_small_in_the_background_is_no_part_of_the_group() -> None:
    assert find(picture(face_at(900, 500, height=300), face_at(1300, 300, height=40))).by == "person"


def test_forty_faces_give_one_point_on_one_of_them() -> None:
    faces = tuple(face_at(120 + 240 * (place % 8), 120 + 200 * (place // 8), height=80) for place in range(40))
    point = find(picture(*faces))
    assert point.by == "person" and sum(is_in(point, face.box) for face in faces) == 1
    assert point.confidence < 0.6


def test_the_order_of_findings_decides_nothing() -> None:
    faces = [face_at(100 + 170 * place, 200 + 37 * (place % 5), height=80 + place) for place in range(11)]
    orders = [np.random.default_rng(seed).permutation(len(faces)) for seed in range(4)]
    points = {find(picture(*(faces[place] for place in order))) for order in orders}
    assert len(points) == 1


def test_black_bars_are_never_in_the_extent_and_a_face_in_them_is_nobody() -> None:
    area = Box(240, 135, 1680, 945)
    rim = find(picture(face_at(300, 200, height=200), area=area))
    assert rim.by == "person" and area.holds(rim.extent) and is_in(rim, area)
    assert find(picture(face_at(100, 60, height=80), area=area)).by == "edges"


def test_a_face_at_the_rim_keeps_what_is_in_the_picture() -> None:
    face = SeenFace(Box(1800, 0, 1920, 150))
    point = find(picture(face))
    assert WHOLE.holds(point.extent) and is_in(point, face.box)


def test_an_outline_without_a_face_counts_where_it_draws_the_eye_and_never_surely() -> None:
    box = Box(1300, 300, 1500, 900)
    weights = np.full((180, 320), 0.1, dtype=np.float32)
    weights[50:150, 216:250] = 0.6
    seen = picture(people=(SeenPerson(box, "full body"),))
    there = find(seen, interest=InterestMap(weights, 6.0))
    assert there.by == "person" and is_in(there, box) and there.confidence < 0.4
    elsewhere = find(seen, interest=InterestMap(np.ascontiguousarray(weights[:, ::-1]), 6.0))
    assert elsewhere.by == "edges" and elsewhere.x < 960


def test_a_face_in_which_no_landmarks_were_found_is_less_sure() -> None:
    with_eyes, without = (find(picture(face_at(960, 400)._replace(eyes_open=eyes))) for eyes in (0.9, None))
    assert without.confidence < with_eyes.confidence - 0.1


@pytest.mark.parametrize("place", [(160, 120), (320, 180), (520, 250)])
def test_without_people_the_point_is_on_the_only_thing_to_see(place: tuple[int, int]) -> None:
    rgb = np.full((360, 640, 3), 90, dtype=np.uint8)
    cv2.circle(rgb, place, 40, (230, 60, 40), -1, cv2.LINE_AA)
    point = look(rgb)
    assert point.by == "edges" and point.confidence > 0.6
    assert np.hypot(point.x - place[0], point.y - place[1]) < 10
    assert point.extent.area < 3 * 80**2 and "Nobody has looked for people" in point.why


def test_a_picture_that_is_alike_all_over_gives_little_confidence() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (360, 640, 3)).astype(np.uint8)
    squares = np.dstack([np.indices((360, 640)).sum(axis=0) // 20 % 2 * 200 + 20] * 3).astype(np.uint8)
    ball = cv2.circle(np.full((360, 640, 3), 90, dtype=np.uint8), (420, 200), 40, (230, 60, 40), -1)
    assert max(look(noise).confidence, look(squares).confidence) < 0.35 < look(np.asarray(ball)).confidence / 2


@pytest.mark.parametrize("shape", [(1, 1), (360, 640), (100, 2000), (2000, 100)])
def test_where_there_is_nothing_to_see_it_is_the_middle_with_no_confidence(shape: tuple[int, int]) -> None:
    point = look(np.zeros((*shape, 3), dtype=np.uint8))
    assert (point.by, point.confidence) == ("middle", 0)
    assert (point.x, point.y) == (shape[1] / 2, shape[0] / 2)
    assert 0 < point.extent.width <= shape[1] and 0 < point.extent.height <= shape[0]


def test_a_panorama_has_its_point_on_its_only_thing() -> None:
    rgb = np.full((100, 2000, 3), 90, dtype=np.uint8)
    cv2.circle(rgb, (1500, 50), 30, (230, 60, 40), -1)
    assert is_in(look(rgb), Box(1460, 10, 1540, 90))


def test_lettering_is_not_taken_for_the_subject() -> None:
    rgb = np.full((360, 640, 3), 60, dtype=np.uint8)
    cv2.circle(rgb, (480, 120), 40, (200, 80, 60), -1)
    cv2.putText(rgb, "LAUNCH", (40, 320), 1, 5, (255, 255, 255), 9, cv2.LINE_AA)
    box = Box(30, 250, 420, 335)
    assert not is_in(look(rgb, text=(SeenText(box),)), box.grown(10))
    everywhere = look(rgb, text=(SeenText(Box(0, 0, 640, 360)),))
    assert (everywhere.by, everywhere.confidence) == ("middle", 0)


def test_an_area_with_a_side_that_is_no_number_gives_the_point_of_the_whole_picture() -> None:
    rgb = np.full((360, 640, 3), 90, dtype=np.uint8)
    cv2.circle(rgb, (480, 120), 40, (200, 80, 60), -1)
    for faces in ((), (SeenFace(Box(100, 80, 180, 180)),)):
        assert look(rgb, faces=faces, area=Box(0, 0, np.nan, 360)) == look(rgb, faces=faces)


def test_every_point_says_why_in_one_sentence() -> None:
    seen = [picture(face_at(960, 400)), picture(face_at(700, 400), face_at(900, 400)), picture()]
    for point in [find(each) for each in seen] + [look(np.zeros((9, 9, 3), dtype=np.uint8))]:
        assert point.why[0].isupper() and point.why.endswith(".") and point.why.count(".") == 1


def test_on_marked_photographs_edges_alone_find_the_subject_more_often_than_the_middle(shared_data: Path) -> None:
    hits, middles = [], []
    for photograph in load_marked(shared_data, {**TUNED_ON, **UNSEEN}):
        height, width = photograph.rgb.shape[:2]
        boxes = [Box(*box) for box in photograph.boxes]
        point = look(photograph.rgb)
        hits.append(any(is_in(point, box) for box in boxes))
        middles.append(any(box.holds(Box(width / 2, height / 2, width / 2, height / 2)) for box in boxes))
    assert np.mean(hits) >= 0.8 and sum(hits) >= sum(middles) + 2
