"""The API of layouts: what it tells, what it lets people choose, and what it refuses."""

import io
import json

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image

from curation.layout.canvases import DEFAULT_CANVASES
from curation.layout_choices import chosen_for
from curation.models import LayoutStep, Picture, Still
from curation.picture_rows import row_of_frame
from tests.world import World, make_world

pytestmark = pytest.mark.django_db

STORY_ART = [0, 0, 320, 180]


@pytest.fixture
def world() -> World:
    """A still and an artwork with their previews, of which nobody has chosen anything."""
    made = make_world("lay")
    LayoutStep.objects.all().delete()
    file = io.BytesIO()
    rgb = np.random.default_rng(3).integers(60, 200, (360, 640, 3)).astype(np.uint8)
    Image.fromarray(rgb).save(file, "JPEG")
    name = default_storage.save("stills/preview.jpg", ContentFile(file.getvalue()))
    Still.objects.filter(pk=made.still.pk).update(image=name)
    made.artwork.preview = name
    made.artwork.save()
    return made


@pytest.fixture
def client(world: World) -> Client:
    signed_in = Client()
    signed_in.force_login(world.editor)
    return signed_in


@pytest.fixture(params=["still", "artwork"])
def path(request, world: World) -> str:
    row = world.still if request.param == "still" else world.artwork
    return f"/api/{request.param}s/{row.pk}/layout/"


def post(client: Client, path: str, given: object):
    return client.post(path, json.dumps(given), content_type="application/json")


def test_a_layout_tells_every_canvas_of_the_team(client: Client, path: str) -> None:
    told = client.get(path).json()
    assert (told["width"], told["height"]) == (640, 360)
    assert set(told["canvases"]) == {*(canvas.key for canvas in DEFAULT_CANVASES), "canvas-lay"}
    x0, y0, x1, y1 = told["canvases"]["square"]["crop"]
    assert x1 - x0 == y1 - y0 and 0 <= x0 < x1 <= 640
    assert set(told["canvases"]["story-art"]["placements"]) == {"badge", "subtitle", "logo", "title"}
    assert told["chosen"] == {"focal_point": None, "crops": {}, "placements": {}}
    assert told["unknown"] and all(sentence.endswith(".") for sentence in told["unknown"])


def test_one_thing_or_several_are_chosen_told_and_reset(client: Client, path: str) -> None:
    made = post(client, path, {"subject": "focal", "value": [100, 50]})
    assert made.status_code == 201 and made.json()["steps"] == 1
    several = [
        {"subject": "crop", "canvas": "story-art", "value": STORY_ART},
        {"subject": "badge", "canvas": "story-art", "value": [200, 10, 240, 20]},
    ]
    assert post(client, path, several).json()["steps"] == 2
    told = client.get(path).json()
    assert told["focal_point"]["by"] == "chosen" and told["canvases"]["story-art"]["crop"] == STORY_ART
    assert told["canvases"]["story-art"]["is_chosen"] and not told["canvases"]["square"]["is_chosen"]
    assert told["chosen"] == {
        "focal_point": [100, 50], "crops": {"story-art": STORY_ART},
        "placements": {"story-art": {"badge": [200, 10, 240, 20]}},
    }  # fmt: skip
    assert client.delete(f"{path}?canvas=story-art").json()["chosen"]["crops"] == {}
    assert client.delete(path).json()["chosen"]["focal_point"] is None
    again = client.delete(path)
    assert again.status_code == 200 and again.json()["steps"] == 0


@pytest.mark.parametrize(
    "given",
    [
        {}, [], "x", 5, None, {"subject": "hat", "value": [1, 1]}, {"subject": "focal"},
        {"subject": "focal", "value": [1]}, {"subject": "focal", "value": "x"}, {"subject": "focal", "value": [1, "x"]},
        {"subject": "focal", "value": [1, 1, 1]}, {"subject": "focal", "value": [9999, 1]},
        {"subject": "focal", "value": [1e308, -1e308]}, {"subject": "focal", "value": [10**400, 1]},
        {"subject": "crop", "canvas": "nowhere", "value": STORY_ART}, {"subject": "crop", "value": STORY_ART},
        {"subject": "crop", "canvas": "a\0b", "value": STORY_ART}, {"subject": "crop", "canvas": 5, "value": None},
        {"subject": "crop", "canvas": "story-art", "value": [0, 0, 10, 10]},
        [{"subject": "focal", "value": [1, 1]}, {"subject": "crop", "canvas": "nowhere", "value": None}],
        [{"subject": "focal", "value": [1, 1]}] * 501,
    ],
)  # fmt: skip
def test_what_cannot_be_chosen_is_400_and_changes_nothing(client: Client, world: World, given: object) -> None:
    answered = post(client, f"/api/stills/{world.still.pk}/layout/", given)
    assert answered.status_code == 400, answered.content
    assert not LayoutStep.objects.exists()


def test_a_canvas_of_no_name_that_is_to_be_reset_is_no_error(client: Client, path: str) -> None:
    assert client.delete(f"{path}?canvas=%00").json()["steps"] == 0


def test_who_may_only_read_reads(world: World, path: str) -> None:
    reviewer = Client()
    reviewer.force_login(world.reviewer)
    assert reviewer.get(path).status_code == 200
    assert post(reviewer, path, {"subject": "focal", "value": [1, 1]}).status_code == 403
    assert reviewer.delete(path).status_code == 403


def test_to_others_there_is_no_layout(world: World, path: str) -> None:
    outsider = Client()
    outsider.force_login(make_world("other").administrator)
    assert outsider.get(path).status_code == outsider.delete(path).status_code == 404
    assert post(outsider, path, {"subject": "focal", "value": [1, 1]}).status_code == 404


def test_a_picture_that_cannot_be_read_is_409_with_a_sentence_and_can_still_be_chosen_for(
    client: Client, world: World
) -> None:
    world.artwork.preview = ""
    world.artwork.save()
    path = f"/api/artworks/{world.artwork.pk}/layout/"
    answered = client.get(path)
    assert answered.status_code == 409 and "can no longer be read" in answered.json()["detail"]
    assert post(client, path, {"subject": "focal", "value": [1, 1]}).status_code == 201


def test_what_is_chosen_for_a_still_is_the_frames(client: Client, world: World) -> None:
    post(client, f"/api/stills/{world.still.pk}/layout/", {"subject": "focal", "value": [1, 2]})
    assert chosen_for(row_of_frame(world.video, world.still.frame_index)).focal_point == (1, 2)


def test_reading_a_layout_makes_no_row(client: Client, world: World) -> None:
    LayoutStep.objects.all().delete()
    Picture.objects.filter(video=world.video).delete()
    assert client.get(f"/api/stills/{world.still.pk}/layout/").status_code == 200
    assert not Picture.objects.filter(video=world.video).exists()


def test_a_still_whose_film_and_preview_are_gone_is_409_with_a_sentence(client: Client, world: World) -> None:
    Still.objects.filter(pk=world.still.pk).update(image="stills/gone.jpg")
    answered = client.get(f"/api/stills/{world.still.pk}/layout/")
    assert answered.status_code == 409 and "cannot be had" in answered.json()["detail"]
