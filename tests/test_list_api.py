"""Pick lists and exports over the REST API."""

import pytest
from rest_framework.test import APIClient

from curation.models import Export, PickList
from curation.pick_list_frames import listed_frames
from tests.world import World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(hints) -> World:
    return make_world("here")


@pytest.fixture
def editor(world: World) -> APIClient:
    client = APIClient()
    client.force_login(world.editor)
    return client


@pytest.fixture
def reviewer(world: World) -> APIClient:
    client = APIClient()
    client.force_login(world.reviewer)
    return client


def test_a_list_is_made_filled_ordered_renamed_and_deleted(editor: APIClient, world: World) -> None:
    made = editor.post("/api/pick-lists/", {"title": world.title.pk, "name": "Posters", "purpose": "Key art"}).json()
    address = f"/api/pick-lists/{made['id']}/"
    film = world.video.pk

    def keys(*frames: int) -> list[dict[str, int]]:
        return [{"video": film, "frame_index": frame} for frame in frames]

    def act(**fields: object) -> list[int]:
        answer = editor.post(f"{address}frames/", fields, format="json")
        assert answer.status_code == 200, answer.json()
        return [key["frame_index"] for key in answer.json()]

    assert act(frames=keys(10, 20, 30)) == [10, 20, 30]
    assert act(action="move", frames=keys(30), before=keys(10)[0]) == [30, 10, 20]
    assert act(action="move", frames=keys(30)) == [10, 20, 30]
    assert act(action="remove", frames=keys(20)) == [10, 30]
    assert act(action="undo") == [10, 20, 30]
    assert editor.get(f"{address}frames/").json() == keys(10, 20, 30)
    assert editor.patch(address, {"name": "Story"}).json()["name"] == "Story"
    assert editor.delete(address).status_code == 204
    assert editor.get(address).status_code == 404
    assert PickList.objects.get(pk=made["id"]).is_deleted


@pytest.mark.parametrize(
    "fields",
    [
        {"action": "burn"}, {"frames": []}, {}, {"frames": [{"video": 1}]}, {"frames": "x"},
        {"frames": [{"video": 10**30, "frame_index": 0}]}, {"frames": [{"video": 1, "frame_index": -1}]},
        {"action": "move", "frames": [{"video": 1, "frame_index": 1}]}, ["x"],
    ],
)  # fmt: skip
def test_nonsense_is_refused(editor: APIClient, world: World, fields: object) -> None:
    answer = editor.post(f"/api/pick-lists/{world.pick_list.pk}/frames/", fields, format="json")
    assert answer.status_code == 400
    assert [key.frame_index for key in listed_frames(world.pick_list)] == [10]


def test_who_may_only_see_reads_lists(reviewer: APIClient, world: World) -> None:
    address = f"/api/pick-lists/{world.pick_list.pk}/"
    assert reviewer.get(f"/api/pick-lists/?title={world.title.pk}").json()["results"][0]["name"] == "list-here"
    assert reviewer.post(f"{address}frames/", {"action": "undo"}).status_code == 403
    assert reviewer.patch(address, {"name": "x"}).status_code == 403
    assert reviewer.delete(address).status_code == 403
    assert reviewer.post("/api/pick-lists/", {"title": world.title.pk, "name": "x"}).status_code == 403


def test_an_export_is_asked_for_followed_and_deleted(reviewer: APIClient, world: World) -> None:
    fields = {"title": world.title.pk, "pick_list": world.pick_list.pk, "formats": ["tiff"], "documents": ["csv"]}
    answer = reviewer.post("/api/exports/", fields, format="json")
    assert answer.status_code == 201, answer.json()
    made = answer.json()
    assert (made["state"], made["total_count"], made["file"]) == ("waiting", 1, None)
    assert made["wanted"]["formats"] == ["tiff"]
    assert reviewer.delete(f"/api/exports/{made['id']}/").status_code == 204
    assert not Export.objects.filter(pk=made["id"]).exists()
    assert reviewer.delete(f"/api/exports/{world.export.pk}/").status_code == 403


@pytest.mark.parametrize(
    "fields",
    [
        {}, {"picks": True, "frames": [{"video": 1, "frame_index": 1}]}, {"picks": True, "formats": ["gif"]},
        {"frames": [{"video": 10**9, "frame_index": 1}]}, {"picks": True, "formats": []}, {"pick_list": 10**9},
        {"picks": True, "pattern": "{x}"},
    ],
)  # fmt: skip
def test_an_export_that_cannot_be_is_refused(editor: APIClient, world: World, fields: dict[str, object]) -> None:
    answer = editor.post("/api/exports/", {"title": world.title.pk} | fields, format="json")
    assert answer.status_code == 400


def test_a_list_of_another_title_is_not_exported_with_this_one(editor: APIClient, world: World) -> None:
    other = make_world("there")
    answer = editor.post("/api/exports/", {"title": world.title.pk, "pick_list": other.pick_list.pk}, format="json")
    assert answer.status_code == 400
