"""Who is who in one frame: in findings, in words beside the large still, and at the boxes."""

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ava.detectors import detector_versions
from curation.face_facts import describe_people
from curation.frame_facts import frame_facts
from curation.models import Character, Face, FaceTrack
from curation.people.face_places import interpolate_box, match_boxes
from tests.people_world import make_character, make_track
from tests.test_pages_signals import look
from tests.world import World, make_world

LEFT, RIGHT = [100, 60, 172, 150], [350, 60, 422, 150]  # where `make_track` puts faces at x0 100 and 350


def test_boxes_belong_to_the_places_that_they_cover_best_each_once() -> None:
    places = np.array([[0, 0, 10, 10], [4, 0, 14, 10]], dtype=np.float32)
    boxes = np.array([[3, 0, 13, 10], [4, 0, 14, 10], [50, 50, 60, 60], [0, 0, 9, 10]], dtype=np.float32)
    assert match_boxes(boxes, places) == [None, 1, None, 0], "whoever fits better is asked first"
    assert match_boxes(boxes[:1], places) == [1]
    assert match_boxes(boxes[:0], places) == []
    assert match_boxes(boxes, places[:0]) == [None] * 4


def test_a_face_is_between_its_looks_and_stays_where_it_was_last_seen() -> None:
    looks, boxes = np.array([10, 20]), np.array([[0, 0, 10, 10], [20, 10, 40, 40]], dtype=np.float32)
    assert interpolate_box(looks, boxes, frame_index=15).tolist() == [10, 5, 25, 25]
    assert interpolate_box(looks, boxes, frame_index=3).tolist() == [0, 0, 10, 10]
    assert interpolate_box(looks, boxes, frame_index=99).tolist() == [20, 10, 40, 40]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """Anna and somebody else look into frame 40; between the looks at 20 and 60 Anna goes from left to right."""
    world = make_world("home")
    world.video.inspections.all().delete()
    FaceTrack.objects.all().delete()
    Character.objects.all().delete()
    anna = make_character(world.title, name="Anna <b>")
    make_track(world.video, person=1, character=anna, start_frame=0, end_frame=100, looks=[40])
    make_track(world.video, person=2, character=None, start_frame=0, end_frame=100, looks=[40], x0=350)
    versions = detector_versions() | {"faces": 1, "face_mesh": 1}
    monkeypatch.setattr("ava.findings.detector_versions", lambda: versions)
    sides = [dict(zip(("x0", "y0", "x1", "y1"), box, strict=True)) | {"score": 0.9} for box in (LEFT, RIGHT)]
    look(world, "faces", frame=40, rows=sides)
    mesh = {"mesh_score": 1, "eyes_open": 0.9, "mouth_open": 0.1, "smile": 0.8, "brows_raised": 0.2}
    look(world, "face_mesh", frame=40, rows=[mesh | {"yaw_deg": 0, "pitch_deg": 0, "roll_deg": 0}] * 2)
    return world


@pytest.mark.django_db
def test_findings_name_the_character_of_each_face_and_how_it_suits_a_still(world: World) -> None:
    client = Client()
    client.force_login(world.editor)
    anna, other = client.get(reverse("frame-findings", args=[world.video.pk, 40])).json()["faces"]
    character = Character.objects.get()
    assert anna["character"] == {"id": character.pk, "label": "Anna <b>"}
    assert (anna["suitability"], anna["expression"]) == (0.7, "smiling")
    assert other["character"] is None and other["suitability"] == 0.7


@pytest.mark.django_db
def test_a_face_between_looks_is_named_by_where_its_track_goes_and_not_rated(world: World) -> None:
    track = FaceTrack.objects.get(character__isnull=False)
    track.faces.all().delete()
    for frame, x0 in ((20, 100), (60, 300)):
        Face.objects.create(
            track=track, frame_index=frame, row=0, x0=x0, y0=60, x1=x0 + 72, y1=150, score=0.9, quality=0.8,
            expression=0.4,
        )  # fmt: skip
    here, elsewhere = {"box": [200, 60, 272, 150]}, {"box": [100, 60, 172, 150]}
    told = describe_people(world.video, 40, [elsewhere, here])
    assert [each["character"] for each in told] == [None, {"id": track.character_id, "label": "Anna <b>"}]
    assert [each["suitability"] for each in told] == [None, None]
    assert describe_people(world.video, 20, [elsewhere])[0]["suitability"] == 0.4
    assert describe_people(world.video, 40, []) == []


@pytest.mark.django_db
def test_the_large_still_tells_who_each_face_is_and_how_they_look(world: World) -> None:
    first, second = frame_facts(world.video, 40).faces
    assert (first.name, first.expression, first.suitability) == ("Anna <b>", "smiling, eyes open", 0.7)
    assert (second.name, second.character) == ("", None)
    client = Client()
    client.force_login(world.editor)
    html = client.get(reverse("stills", args=[world.title.pk]) + "?still=40").content.decode()
    faces = html.partition('<ol class="faces-seen">')[2].partition("</ol>")[0]
    page = reverse("character", args=[world.title.pk, first.character])
    assert f'<a href="{page}">Anna &lt;b&gt;</a>: smiling, eyes open, to the camera' in faces
    assert "<li>smiling, eyes open" in faces, "nobody recognised, and no name made up"
    assert faces.count("suits a still 0.70") == 2
    assert 'alt="Frame at 00:00:01:15, shot 1, Anna &lt;b&gt;"' in html


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "words"),
    [({"is_static": True}, "a picture of a face"), ({"is_face": False}, "no face, as somebody said")],
)
def test_what_is_no_living_face_is_said_to_be_none(world: World, change: dict[str, bool], words: str) -> None:
    FaceTrack.objects.update(**change)
    assert {face.remark for face in frame_facts(world.video, 40).faces} == {words}


@pytest.mark.django_db
def test_faces_are_named_in_two_questions_however_many_there_are(world: World) -> None:
    def questions() -> int:
        with CaptureQueriesContext(connection) as queries:
            describe_people(world.video, 40, [{"box": LEFT}])
        return len(queries)

    assert questions() == 2
    for person in range(3, 30):
        character = make_character(world.title)
        make_track(world.video, person=person, character=character, start_frame=0, end_frame=90, looks=[10, 40, 70])
    assert questions() == 2
