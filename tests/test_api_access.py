"""The API's answers by role and team: 401, 403 with a sentence, 404, and no way around them."""

import pytest
from rest_framework.test import APIClient

from ava.models import Job, Membership, Team, Title, Video, WorkState
from curation.models import Decision
from tests.world import World, make_film, make_measurements, make_person, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def ours() -> World:
    return make_world("ours")


@pytest.fixture
def theirs() -> World:
    return make_world("theirs")


def signed_in(user: object) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def test_a_title_cannot_be_made_for_a_team_one_is_not_in(ours: World, theirs: World) -> None:
    response = signed_in(ours.editor).post("/api/titles/", {"name": "New", "teams": [theirs.team.pk]})
    assert response.status_code == 400
    assert "does not exist" in response.json()["teams"][0]
    assert not Title.objects.filter(name="New").exists()


def test_a_title_cannot_be_made_for_a_team_one_only_reviews_for(ours: World, theirs: World) -> None:
    Membership.objects.create(user=ours.editor, team=theirs.team, role="reviewer")
    response = signed_in(ours.editor).post("/api/titles/", {"name": "New", "teams": [theirs.team.pk]})
    assert response.status_code == 403
    assert response.json()["detail"].startswith("Only editors and administrators of a team may give it a title")


@pytest.mark.parametrize("made", [True, False])
def test_naming_another_teams_parent_is_refused_like_one_that_is_not_there(
    ours: World, theirs: World, made: bool
) -> None:
    series = Title.objects.create(name="Series", kind="series")
    series.teams.add(theirs.team)
    pk = series.pk if made else 987654
    body = {"name": "E", "kind": "episode", "season": 1, "episode": 1, "parent": pk, "teams": [ours.team.pk]}
    response = signed_in(ours.editor).post("/api/titles/", body)
    assert response.status_code == 400
    assert response.json() == {"parent": [f'Invalid pk "{pk}" - object does not exist.']}


def test_a_title_cannot_be_taken_from_a_team_one_is_not_in(ours: World, theirs: World) -> None:
    ours.title.teams.add(theirs.team)
    second = Team.objects.create(name="second")
    Membership.objects.create(user=ours.editor, team=second, role="editor")
    client = signed_in(ours.editor)
    response = client.patch(f"/api/titles/{ours.title.pk}/", {"teams": [second.pk]}, format="json")
    assert response.status_code == 200
    assert response.json()["teams"] == [second.pk], "teams one is not in are not even named"
    assert set(ours.title.teams.all()) == {second, theirs.team}


def test_a_title_keeps_at_least_one_team(ours: World) -> None:
    response = signed_in(ours.editor).patch(f"/api/titles/{ours.title.pk}/", {"teams": []}, format="json")
    assert response.status_code == 400


def test_the_parent_of_a_title_is_hidden_where_one_may_not_see_it(ours: World, theirs: World) -> None:
    ours.title.kind, ours.title.parent = "trailer", theirs.title
    ours.title.save()
    assert signed_in(ours.editor).get(f"/api/titles/{ours.title.pk}/").json()["parent"] is None
    root = make_person("root", is_superuser=True)
    assert signed_in(root).get(f"/api/titles/{ours.title.pk}/").json()["parent"] == theirs.title.pk


@pytest.mark.parametrize(
    ("path", "filter_name", "row"),
    [
        ("titles", "team", "team"), ("titles", "parent", "title"), ("videos", "title", "title"),
        ("jobs", "video", "video"), ("jobs", "title", "title"), ("chunks", "video", "video"),
        ("shots", "video", "video"), ("shots", "title", "title"), ("stills", "video", "video"),
        ("stills", "title", "title"), ("stills", "shot", "shot"), ("decisions", "video", "video"),
        ("decisions", "title", "title"),
    ],
)  # fmt: skip
def test_filters_refuse_other_teams_objects_like_ones_that_are_not_there(
    ours: World, theirs: World, path: str, filter_name: str, row: str
) -> None:
    client = signed_in(ours.editor)
    foreign = client.get(f"/api/{path}/", {filter_name: getattr(theirs, row).pk})
    absent = client.get(f"/api/{path}/", {filter_name: 987654})
    assert foreign.status_code == absent.status_code == 400
    assert foreign.json() == absent.json()
    own = client.get(f"/api/{path}/", {filter_name: getattr(ours, row).pk})
    assert own.status_code == 200


def test_lists_hold_ones_own_and_nothing_else(ours: World, theirs: World) -> None:
    client = signed_in(ours.reviewer)
    for path in ("teams", "titles", "videos", "jobs", "chunks", "shots", "stills", "decisions"):
        assert client.get(f"/api/{path}/").json()["count"] == 1, path
    root = signed_in(make_person("root", is_superuser=True))
    assert root.get("/api/titles/").json()["count"] == 2


def test_decisions_about_another_teams_film_are_refused_and_leave_nothing(ours: World, theirs: World) -> None:
    client = signed_in(ours.editor)
    before = Decision.objects.count()
    mine = {"video": ours.video.pk, "frame_index": 1, "verdict": "pick"}
    foreign = {"video": theirs.video.pk, "frame_index": 1, "verdict": "pick"}
    assert client.post("/api/decisions/", foreign).status_code == 400
    assert client.post("/api/decisions/", [mine, foreign], format="json").status_code == 400
    assert client.post("/api/decisions/undo/", {"video": theirs.video.pk}).status_code == 400
    assert Decision.objects.count() == before


def test_reviewers_read_but_neither_write_nor_decide(ours: World) -> None:
    client = signed_in(ours.reviewer)
    title, video, job = ours.title.pk, ours.video.pk, ours.job.pk
    refused = [
        client.post("/api/titles/", {"name": "New", "teams": [ours.team.pk]}),
        client.patch(f"/api/titles/{title}/", {"name": "New"}),
        client.delete(f"/api/titles/{title}/"),
        client.post(f"/api/titles/{title}/videos/"),
        client.delete(f"/api/videos/{video}/"),
        client.post(f"/api/videos/{video}/analyse/"),
        client.post(f"/api/jobs/{job}/cancel/"),
        client.post(f"/api/jobs/{job}/retry/"),
        client.post("/api/decisions/", {"video": video, "frame_index": 0, "stars": 1}),
        client.post("/api/decisions/undo/", {"video": video}),
    ]
    for response in refused:
        assert response.status_code == 403, response.request
        assert response.json()["detail"].startswith("Only "), response.json()
        assert response.json()["detail"].endswith("."), response.json()


def test_only_administrators_cancel_and_delete(ours: World) -> None:
    Job.objects.filter(pk=ours.job.pk).update(state=WorkState.RUNNING)
    editor, administrator = signed_in(ours.editor), signed_in(ours.administrator)
    assert editor.post(f"/api/jobs/{ours.job.pk}/cancel/").status_code == 403
    assert editor.delete(f"/api/videos/{ours.video.pk}/").status_code == 403
    assert editor.delete(f"/api/titles/{ours.title.pk}/").status_code == 403
    assert administrator.post(f"/api/jobs/{ours.job.pk}/cancel/").json()["state"] == "cancelled"
    assert administrator.delete(f"/api/titles/{ours.title.pk}/").status_code == 204
    assert not Video.objects.filter(pk=ours.video.pk).exists()


def test_being_administrator_of_another_team_counts_for_nothing(ours: World, theirs: World) -> None:
    Membership.objects.create(user=theirs.administrator, team=ours.team, role="reviewer")
    client = signed_in(theirs.administrator)
    assert client.get(f"/api/titles/{ours.title.pk}/").status_code == 200
    assert client.delete(f"/api/titles/{ours.title.pk}/").status_code == 403
    assert client.patch(f"/api/titles/{ours.title.pk}/", {"name": "New"}).status_code == 403


def test_leaving_a_team_ends_what_one_sees_at_once(ours: World) -> None:
    client = signed_in(ours.editor)
    assert client.get(f"/api/titles/{ours.title.pk}/").status_code == 200
    ours.editor.memberships.all().delete()
    assert client.get(f"/api/titles/{ours.title.pk}/").status_code == 404


def test_sessions_write_only_with_their_csrf_token(ours: World) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(ours.editor)
    response = client.patch(f"/api/titles/{ours.title.pk}/", {"name": "New"})
    assert response.status_code == 403
    assert "CSRF" in response.json()["detail"]


def test_another_films_decisions_and_signals_do_not_mix(ours: World) -> None:
    second = make_film(ours.title, name="second.mp4", frame_count=50)
    make_measurements(second)
    client = signed_in(ours.editor)
    answer = client.get(f"/api/videos/{second.pk}/annotations/", {"columns": "exposure.brightness"}).json()
    assert len(answer["frames"]) == 50
    assert client.get("/api/stills/", {"video": second.pk}).json()["count"] == 0
