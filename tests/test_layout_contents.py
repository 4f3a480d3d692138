"""What detectors told of a picture, read as the contents that a layout goes by."""

import math

import numpy as np
import pytest

from ava.annotate.base import Detections
from ava.annotate.describe import describe_findings
from ava.annotate.faces import Faces
from ava.annotate.people import FULL_BODY, UPPER_BODY, People
from ava.annotate.saliency import Saliency
from curation.layout.box import Box
from curation.layout.contents import PictureContents, read_contents

SIZE = (640, 360)


def row(columns: tuple[str, ...], **values: float) -> list[float]:
    return [values.get(column, math.nan) for column in columns]


def table(*rows: list[float]) -> Detections:
    return Detections(np.full(len(rows), 3), np.array(rows, dtype=np.float32))


def test_what_detectors_tell_of_a_frame_is_read_with_all_that_a_layout_needs() -> None:
    found = describe_findings(
        {
            "faces": table(
                row(Faces.columns, x0=100, y0=50, x1=140, y1=100, score=0.9, coarse_yaw_deg=12, sharpness=0.7),
                row(Faces.columns, x0=300, y0=60, x1=330, y1=100, score=0.8),
            ),
            "people": table(
                row(People.columns, x0=280, y0=40, x1=350, y1=300, score=0.8, framing=FULL_BODY, face=1),
                row(People.columns, x0=60, y0=30, x1=180, y1=200, score=0.9, framing=UPPER_BODY, face=0),
                row(People.columns, x0=500, y0=30, x1=560, y1=200, score=0.6, framing=FULL_BODY),
            ),
            "saliency": table(row(Saliency.columns, x0=90, y0=40, x1=200, y1=220, x=130, y=90, strength=0.4)),
        },
        3,
    )
    contents = read_contents(found, size=SIZE, looked=frozenset({"faces", "people"}))
    assert (contents.width, contents.height, contents.area) == (640, 360, Box(0, 0, 640, 360))
    assert [face.box for face in contents.faces] == [Box(100, 50, 140, 100), Box(300, 60, 330, 100)]
    assert contents.faces[0].yaw_deg == pytest.approx(12) and contents.faces[0].sharpness == pytest.approx(0.7)
    assert contents.faces[1].yaw_deg is None and contents.faces[1].eyes_open is None
    assert [(person.framing, person.face) for person in contents.people] == [
        ("full body", 1), ("upper body", 0), ("full body", None)
    ]  # fmt: skip
    assert contents.subject == Box(90, 40, 200, 220)
    assert contents.looked == {"faces", "people"}


def test_landmarks_tell_the_pose_better_than_five_points() -> None:
    face = {"box": [0, 0, 50, 50], "coarse_yaw_deg": 10.0, "yaw_deg": 30.0, "pitch_deg": -5.0, "eyes_open": 0.9}
    (read,) = read_contents({"faces": [face]}, size=SIZE).faces
    assert (read.yaw_deg, read.pitch_deg, read.eyes_open, read.prominence) == (30, -5, 0.9, None)


def test_joints_come_from_the_body_of_the_same_face_or_from_the_person() -> None:
    found = {
        "faces": [{"box": [0, 0, 50, 50]}, {"box": [100, 0, 150, 50]}],
        "body_pose": [
            {"points": {"left_shoulder": [1, 90], "left_elbow": [None, None]}},
            {"points": {"left_shoulder": [160, 90], "left_wrist": [160, 900], "left_hip": [math.nan, 3]}},
        ],
        "people": [
            {"box": [90, 0, 180, 300], "framing": "upper body", "face": 1.0},
            {"box": [0, 0, 80, 300], "framing": "upper body", "face": 0.0},
            {"box": [300, 0, 380, 300], "framing": "full body", "face": None, "points": {"left_knee": [320, 200]}},
        ],
    }
    people = read_contents(found, size=SIZE).people
    assert [dict(person.joints) for person in people] == [
        {"left_shoulder": (160, 90)}, {"left_shoulder": (1, 90)}, {"left_knee": (320, 200)}
    ]  # fmt: skip


def test_a_face_that_is_left_out_takes_its_person_along_and_the_others_keep_theirs() -> None:
    found = {
        "faces": [
            {"box": [0, 0, 50, 50], "is_face": False},
            {"box": [None, 0, 50, 50]},
            {"box": [200, 0, 250, 50], "score": 0.7},
        ],
        "people": [{"box": [9 * place, 0, 300, 300], "framing": "upper body", "face": place} for place in range(3)],
    }
    contents = read_contents(found, size=SIZE)
    assert [face.score for face in contents.faces] == [0.7]
    assert [(person.box.x0, person.face) for person in contents.people] == [(18, 0)]


def test_a_face_that_fills_the_picture_without_landmarks_is_none_and_neither_is_its_person() -> None:
    def read(box: list[int], *, looked: frozenset[str] = frozenset({"faces", "face_mesh"}), **known: object) -> int:
        found = {
            "faces": [{"box": box, "score": 0.99, "coarse_yaw_deg": 9.0, "eyes_open": None} | known],
            "people": [{"box": [0, 0, 640, 360], "framing": "close-up", "face": 0}],
        }
        contents = read_contents(found, size=SIZE, looked=looked)
        assert len(contents.people) == len(contents.faces)
        return len(contents.faces)

    filling, smaller = [120, 30, 420, 330], [120, 60, 320, 320]
    assert read(filling) == 0 and read(smaller) == 1
    assert read(filling, eyes_open=0.8) == 1, "landmarks were found"
    assert read(filling, coarse_yaw_deg=-70.0) == 1, "profiles have none"
    assert read(filling, is_detected=False) == 1, "it was followed here, and not looked at"
    assert read(filling, looked=frozenset({"faces"})) == 1, "nobody looked for landmarks"


def test_boxes_are_cut_at_the_rim_and_those_outside_or_unknown_are_left_out() -> None:
    boxes = [
        [-20, -20, 30, 30], [600, 300, 900, 900], [700, 0, 800, 50], [50, 50, 50, 90], [90, 90, 60, 60],
        [math.nan, 0, 9, 9], [None, None, None, None], [0, 0, math.inf, 9], [1, 2, 3], None, "box", [True, 0, 9, 9],
    ]  # fmt: skip
    contents = read_contents({"text": [{"box": box, "text": "EXIT", "score": 0.6} for box in boxes]}, size=SIZE)
    assert [line.box for line in contents.text] == [Box(0, 0, 30, 30), Box(600, 300, 640, 360)]
    assert {(line.text, line.score) for line in contents.text} == {("EXIT", 0.6)}


def test_prominence_is_the_characters_and_pictures_of_faces_have_none() -> None:
    found = {
        "faces": [
            {"box": [0, 0, 9, 9], "prominence": 0.8},
            {"box": [20, 0, 29, 9], "character": {"id": 4, "prominence": 0.5}},
            {"box": [40, 0, 49, 9], "character": {"id": 4}, "prominence": None},
            {"box": [60, 0, 69, 9], "prominence": 0.9, "is_static": True},
        ]
    }
    assert [face.prominence for face in read_contents(found, size=SIZE).faces] == [0.8, 0.5, None, 0.0]


@pytest.mark.parametrize("strength", [0, None, math.nan])
def test_where_nothing_draws_the_eye_there_is_no_subject(strength: float | None) -> None:
    assert read_contents({"saliency": {"box": [0, 0, 640, 360], "strength": strength}}, size=SIZE).subject is None


def test_the_area_inside_bars_lies_within_the_picture() -> None:
    assert read_contents({}, size=SIZE, area=(0, 45, 640, 315)).area == Box(0, 45, 640, 315)
    assert read_contents({}, size=SIZE, area=(-5, 45, 900, 315)).area == Box(0, 45, 640, 315)
    for unknown in (None, (math.nan, 0, 9, 9), (9, 9, 9, 9), (0, 0)):
        assert read_contents({}, size=SIZE, area=unknown).area == Box(0, 0, 640, 360)


@pytest.mark.parametrize("side", [math.nan, math.inf, -math.inf])
def test_an_area_with_a_side_that_is_no_number_is_the_whole_picture(side: float) -> None:
    for place in range(4):
        sides = [0.0, 45.0, 640.0, 315.0]
        sides[place] = side
        assert PictureContents(640, 360, Box(*sides)).area == Box(0, 0, 640, 360)


@pytest.mark.parametrize("rows", [None, "faces", 7, [None, 3, "x", []], {"box": 1}, [{}], [{"box": [1, 2, 3, 4]}]])
def test_findings_of_another_shape_are_read_as_nothing_or_as_what_they_hold(rows: object) -> None:
    names = ("faces", "people", "text", "logos", "body_pose", "saliency")
    contents = read_contents(dict.fromkeys(names, rows), size=(0, 0))
    assert (contents.width, contents.height) == (1, 1)
    assert not (contents.faces or contents.people or contents.text or contents.logos or contents.subject)
