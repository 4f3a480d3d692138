"""Filters by what a still shows: on the board without scripts, in words under pictures, and in the API alike."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from ava.models import Shot
from curation.models import Still
from curation.still_facts import FACETS
from tests.world import World, make_still, make_world

pytestmark = pytest.mark.django_db

Frames = Callable[[str], list[int]]


def _eyes(largest: float, *, least: float) -> dict[str, float]:
    return {"face_mesh.eyes_open": largest, "face_mesh.least_eyes_open": least}


@pytest.fixture
def world() -> World:
    """Frame 10 was not looked at; 20 to 23 have that many faces less 20, and more to tell of each."""
    world = make_world("home")
    pan = Shot.objects.create(
        video=world.video, index=1, start_frame=100, end_frame=200, transition="cut", scale="medium", camera="pan"
    )
    facts = [
        {"text.count": 0, "colour_names.red": 0.15},
        {"text.count": 2, "colour_names.red": 0.9, "colour_names.blue": 0.05, **_eyes(0.4, least=0.4)},
        {"text.count": 0, "colour_names.blue": 0.6, "colour_names.red": 0.3, **_eyes(0.5, least=0.2)},
        {"colour_names.blue": 0.1499, "face_mesh.least_eyes_open": 0.9},
    ]
    for faces, signals in enumerate(facts):
        shot = pan if faces % 2 else world.shot
        make_still(world.video, 20 + faces, rank=2 + faces, shot=shot, signals=signals | {"faces.count": faces})
    return world


def board_frames(world: World) -> Frames:
    client = Client()
    client.force_login(world.editor)
    address = reverse("stills", args=[world.title.pk])

    def frames(query: str) -> list[int]:
        html = client.get(f"{address}?{query}").content.decode()
        return [int(frame) for frame in re.findall(r'class="still" href="\?[^"]*still=(\d+)', html)]

    return frames


def api_frames(world: World) -> Frames:
    client = APIClient()
    client.force_authenticate(world.editor)

    def frames(query: str) -> list[int]:
        answer = client.get(f"/api/stills/?video={world.video.pk}&{query}")
        assert answer.status_code == 200, answer.json()
        return [still["frame_index"] for still in answer.json()["results"]]

    return frames


ANSWERS = {
    "faces=0": [20], "faces=1": [21], "faces=3": [23], "faces=0&faces=2": [20, 22],
    "eyes=open": [22], "eyes=closed": [21], "eyes=open&eyes=closed": [21, 22],
    "eyes=any-closed": [21, 22], "eyes=all": [23],
    "scale=medium": [21, 23], "scale=medium&scale=long": [21, 23], "scale=long": [],
    "camera=pan": [21, 23], "camera=static": [],
    "colour=red": [20, 21, 22], "colour=red&colour=blue": [22], "colour=green": [],
    "text=none": [20, 22], "text=any": [21], "text=none&text=any": [20, 21, 22],
    "faces=1&scale=medium&text=any&colour=red": [21],
}  # fmt: skip


@pytest.mark.parametrize("frames_of", [board_frames, api_frames])
def test_each_question_gives_the_stills_that_are_known_to_answer_it(frames_of: Callable[..., Frames], world: World):
    frames = frames_of(world)
    assert {query: frames(query) for query in ANSWERS} == ANSWERS


def test_the_api_refuses_an_answer_that_nobody_can_give(world: World) -> None:
    client = APIClient()
    client.force_authenticate(world.editor)
    answer = client.get("/api/stills/?faces=many")
    assert answer.status_code == 400
    assert "faces" in str(answer.json())


def test_the_schema_documents_every_question_with_its_answers(world: World) -> None:
    client = APIClient()
    client.force_authenticate(world.editor)
    schema = client.get("/api/schema/?format=json").json()
    known = {each["name"]: each for each in schema["paths"]["/api/stills/"]["get"]["parameters"]}
    for facet in FACETS:
        assert known[facet.name]["schema"]["items"]["enum"] == sorted(facet.values)
        assert "Several answers" in known[facet.name]["description"]


def test_filters_in_force_are_links_that_take_one_of_them_away(world: World) -> None:
    client = Client()
    client.force_login(world.editor)
    query = "faces=0&faces=2&scale=medium&text.count.min=1&verdict=pick&page=2"
    html = client.get(reverse("stills", args=[world.title.pk]) + f"?{query}").content.decode()
    chips = dict(re.findall(r'class="drop-chip" href="\?([^"]*)"[^>]*>([^<]*?) <', html))
    left = {text: address.replace("&amp;", "&") for address, text in chips.items()}
    assert left["Faces: 2"] == "faces=0&scale=medium&text.count.min=1&verdict=pick"
    assert left["Shot scale: Medium"] == "faces=0&faces=2&text.count.min=1&verdict=pick"
    assert left["Lines of text: 1 or more"] == "faces=0&faces=2&scale=medium&verdict=pick"
    assert left["Picked"] == "faces=0&faces=2&scale=medium&text.count.min=1"
    assert len(left) == 5


def test_a_question_that_nothing_is_known_for_is_not_asked(world: World) -> None:
    client = Client()
    client.force_login(world.editor)
    address = reverse("stills", args=[world.title.pk])

    def asked(query: str = "") -> set[str]:
        return set(re.findall(r'data-facet="(\w+)"', client.get(f"{address}?{query}").content.decode()))

    assert asked() == {"faces", "eyes", "scale", "camera", "colour", "text"}
    Still.objects.update(signals={"exposure.brightness": 0.5})
    Shot.objects.update(camera="")
    assert asked() == {"scale"}
    assert asked("faces=1") == {"scale", "faces"}, "what is in force can be taken away"


def test_the_words_under_a_picture_tell_what_it_shows_and_nothing_that_is_not_known(world: World) -> None:
    client = Client()
    client.force_login(world.editor)
    html = client.get(reverse("stills", args=[world.title.pk])).content.decode()
    alts = re.findall(r'alt="Still at [^,]*, ([^"]*)"', html)
    assert alts[0] == "shot 1, character-home, dark", 'it was not looked at: not even "no text" is known'
    assert alts[1:] == [
        "shot 1", "shot 2, one face, medium shot, eyes closed, with text",
        "shot 1, two faces", "shot 2, three faces, medium shot",
    ]  # fmt: skip
