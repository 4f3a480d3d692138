"""The API of pixel flags: who may judge, what is refused and how, and what the audit tells whom."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from ava.models import User
from qc.models import FlagClaim, PixelFlag
from tests.world import World, make_person, make_pixel_flag, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world("ours")


def signed_in(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def decide(user: User, flag: PixelFlag, **body: Any) -> Any:
    return signed_in(user).post(f"/api/pixel-flags/{flag.pk}/decide/", {"verdict": "rejected"} | body, format="json")


def test_only_reviewers_and_who_runs_the_installation_judge(world: World) -> None:
    flag = make_pixel_flag(world.video, frame=30)
    for user in (world.editor, world.administrator):
        answer = decide(user, flag)
        assert answer.status_code == 403
        assert answer.json()["detail"].startswith("Only QC reviewers")
        for name in ("next", "undo", "redo", "release", "renew", "add"):
            assert signed_in(user).post(f"/api/titles/{world.title.pk}/pixels/{name}/").status_code == 403, name
    assert decide(make_world("theirs").reviewer, flag).status_code == 404
    assert APIClient().post(f"/api/pixel-flags/{flag.pk}/decide/").status_code == 401
    assert decide(make_person("root", is_superuser=True), flag).status_code == 201
    assert decide(world.reviewer, flag).json()["sentence"] == "Rejected."


@pytest.mark.parametrize(
    "body", [{"verdict": "sure"}, {"verdict": "\0"}, {"verdict": 7}, {"verdict": "rejected", "scope": "film"}]
)
def test_what_is_no_decision_is_refused_by_field(world: World, body: dict[str, Any]) -> None:
    assert decide(world.reviewer, world.pixel_flag, **body).status_code == 400
    world.pixel_flag.refresh_from_db()
    assert world.pixel_flag.state == "confirmed"


def test_next_claims_a_flag_that_others_then_cannot_judge_until_it_is_let_go(world: World) -> None:
    world.pixel_flag.delete()
    flag = make_pixel_flag(world.video, frame=30)
    second = make_person("second", team=world.team, role="reviewer")
    address = f"/api/titles/{world.title.pk}/pixels"
    mine, others = signed_in(world.reviewer), signed_in(second)
    assert mine.post(f"{address}/next/", {"order": "place"}, format="json").json()["id"] == flag.pk
    assert others.post(f"{address}/next/").status_code == 204
    refused = decide(second, flag)
    assert refused.status_code == 409
    assert "reviewer-ours has this flag before them" in refused.json()["detail"]
    assert mine.post(f"{address}/renew/", {"flags": [flag.pk]}, format="json").json() == {"flags": [flag.pk]}
    assert mine.post(f"{address}/release/", {"flags": [flag.pk]}, format="json").status_code == 204
    assert not FlagClaim.objects.exists()
    assert decide(second, flag).status_code == 201
    assert mine.post(f"{address}/undo/").status_code == 409, "taking back is of one's own"
    assert others.post(f"{address}/undo/").json()["flags"] == [flag.pk]
    assert others.post(f"{address}/redo/").json()["flags"] == [flag.pk]


@pytest.mark.parametrize(
    "body",
    [{"order": "size"}, {"skip": [2**70]}, {"skip": "x"}, {"state": "\0"}, {"min_confidence": 2}, {"video": 987654}],
)
def test_a_queue_that_is_none_is_refused(world: World, body: dict[str, Any]) -> None:
    address = f"/api/titles/{world.title.pk}/pixels/next/"
    assert signed_in(world.reviewer).post(address, body, format="json").status_code == 400


def test_administrators_ask_for_a_second_word_which_is_given_blind(world: World) -> None:
    flag = make_pixel_flag(world.video, frame=30)
    second = make_person("second", team=world.team, role="reviewer")
    address = f"/api/titles/{world.title.pk}/pixels/"
    assert signed_in(world.reviewer).post(f"{address}reviews/", {"reviews_wanted": 2}).status_code == 403
    administrator = signed_in(world.administrator)
    assert administrator.post(f"{address}reviews/", {"reviews_wanted": 3}).status_code == 400
    assert administrator.post(f"{address}reviews/", {"reviews_wanted": 2}).json()["reviews_wanted"] == 2
    decide(world.reviewer, flag)
    detail = signed_in(second).get(f"/api/pixel-flags/{flag.pk}/").json()
    assert (detail["state"], detail["reviews"], detail["decisions"]) == ("open", 1, [])
    assert signed_in(second).get("/api/pixel-decisions/", {"flag": flag.pk}).json()["count"] == 0
    assert decide(second, flag).status_code == 201
    assert signed_in(second).get("/api/pixel-decisions/", {"flag": flag.pk}).json()["count"] == 2
    agreement = signed_in(second).get(address).json()["agreement"]
    assert agreement == {"flags": 1, "raw_unit": 1.0, "kappa": None}


def test_the_audit_keeps_what_was_taken_back(world: World) -> None:
    flag = make_pixel_flag(world.video, frame=30)
    client = signed_in(world.reviewer)
    action = decide(world.reviewer, flag).json()["action"]
    client.post(f"/api/titles/{world.title.pk}/pixels/undo/")
    rows = client.get("/api/pixel-decisions/", {"action": action, "stands": False}).json()["results"]
    assert [(row["flag"], row["verdict"], row["user"]) for row in rows] == [(flag.pk, "rejected", "reviewer-ours")]


def test_a_missed_error_is_added_inside_the_titles_films_only(world: World, hints: list[tuple]) -> None:
    client, address = signed_in(world.reviewer), f"/api/titles/{world.title.pk}/pixels/add/"
    place = {"video": world.video.pk, "frame_index": 5, "x": 20.5, "y": 7}
    added = client.post(address, place, format="json")
    assert added.status_code == 201
    assert (added.json()["state"], added.json()["added_by"]) == ("confirmed", "reviewer-ours")
    for wrong in ({"x": 640}, {"y": "NaN"}, {"x": "Infinity"}, {"frame_index": 100}, {"frame_index": 2**40}):
        assert client.post(address, place | wrong, format="json").status_code == 400, wrong
    assert client.post(address, place | {"video": make_world("theirs").video.pk}, format="json").status_code == 400


def test_filters_narrow_the_list_of_flags(world: World) -> None:
    flag = make_pixel_flag(world.video, frame=30, confidence=0.2, kind="stuck")
    client = signed_in(world.editor)
    for query in ({"kind": "stuck"}, {"state": "open"}, {"confidence_max": 0.5}, {"frame_index_min": 20}):
        assert [row["id"] for row in client.get("/api/pixel-flags/", query).json()["results"]] == [flag.pk], query
    first = client.get("/api/pixel-flags/", {"ordering": "-confidence"}).json()["results"][0]
    assert first["id"] == world.pixel_flag.pk
    assert client.get("/api/pixel-flags/", {"state": "lost"}).status_code == 400
