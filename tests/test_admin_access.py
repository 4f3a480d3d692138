"""What a team administrator can reach in the console: their teams' objects and people, and no way beyond."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from ava.models import Job, Membership, Role, Team, Title, User, Video, WorkState
from tests.world import World, make_person, make_world

pytestmark = pytest.mark.django_db

NO_INLINES = {"TOTAL_FORMS": "0", "INITIAL_FORMS": "0"}


@pytest.fixture
def ours() -> World:
    return make_world("ours")


@pytest.fixture
def theirs() -> World:
    return make_world("theirs")


@pytest.fixture
def client(ours: World) -> Client:
    return signed_in(ours.administrator)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def inline(prefix: str, *rows: dict[str, Any], initial: int = 0) -> dict[str, Any]:
    """The fields of an inline's rows as its form posts them."""
    fields = {f"{prefix}-TOTAL_FORMS": str(len(rows)), f"{prefix}-INITIAL_FORMS": str(initial)}
    return fields | {f"{prefix}-{index}-{name}": value for index, row in enumerate(rows) for name, value in row.items()}


def title_form(world: World, **changes: Any) -> dict[str, Any]:
    fields = {"name": world.title.name, "kind": "film", "content_format": "live-action", "teams": [world.team.pk]}
    return fields | inline("videos") | changes


def user_form(person: User, **changes: Any) -> dict[str, Any]:
    return {"username": person.username, "is_active": "on", **inline("memberships")} | changes


def errors(response: Any) -> Any:
    context = response.context_data or {}
    return dict(context["adminform"].form.errors) if "adminform" in context else None


def test_an_editor_finds_no_console_and_a_superuser_does(ours: World) -> None:
    assert signed_in(ours.editor).get("/admin/").status_code == 404
    assert signed_in(ours.reviewer).get("/admin/").status_code == 404
    assert signed_in(make_person("staff", is_staff=True)).get("/admin/").status_code == 404
    assert signed_in(make_person("root", is_superuser=True)).get("/admin/").status_code == 200


def test_losing_the_role_closes_the_console_at_once(ours: World, client: Client) -> None:
    assert client.get("/admin/").status_code == 200
    ours.administrator.memberships.update(role=Role.EDITOR)
    assert client.get("/admin/").status_code == 404


def test_only_titles_of_administered_teams_are_there(ours: World, theirs: World, client: Client) -> None:
    Membership.objects.create(user=ours.administrator, team=theirs.team, role="editor")
    page = client.get("/admin/ava/title/").content.decode()
    assert "title-ours" in page
    assert "theirs" not in page, "being their editor is not being their administrator"
    assert client.get(f"/admin/ava/title/{theirs.title.pk}/change/").status_code == 404


def test_a_title_cannot_be_given_to_a_team_one_does_not_administer(ours: World, theirs: World, client: Client) -> None:
    address = f"/admin/ava/title/{ours.title.pk}/change/"
    response = client.post(address, title_form(ours, teams=[ours.team.pk, theirs.team.pk]))
    assert "teams" in errors(response)
    assert set(ours.title.teams.all()) == {ours.team}


def test_saving_a_title_keeps_the_teams_that_one_cannot_see(ours: World, theirs: World, client: Client) -> None:
    ours.title.teams.add(theirs.team)
    address = f"/admin/ava/title/{ours.title.pk}/change/"
    assert "team-theirs" not in client.get(address).content.decode()
    assert "team-theirs" not in client.get("/admin/ava/title/").content.decode()
    assert client.post(address, title_form(ours, name="Renamed")).status_code == 302
    ours.title.refresh_from_db()
    assert ours.title.name == "Renamed"
    assert set(ours.title.teams.all()) == {ours.team, theirs.team}


def test_another_teams_title_is_no_parent(ours: World, theirs: World, client: Client) -> None:
    address = f"/admin/ava/title/{ours.title.pk}/change/"
    response = client.post(address, title_form(ours, kind="trailer", parent=theirs.title.pk))
    assert "parent" in errors(response)
    offered = client.get(
        "/admin/autocomplete/", {"app_label": "ava", "model_name": "title", "field_name": "parent", "term": "title"}
    )
    assert [each["text"] for each in json.loads(offered.content)["results"]] == ["title-ours"]


def test_people_of_other_teams_are_offered_nowhere(ours: World, theirs: World, client: Client) -> None:
    offered = client.get(
        "/admin/autocomplete/", {"app_label": "ava", "model_name": "membership", "field_name": "user", "term": "-"}
    )
    names = {each["text"] for each in json.loads(offered.content)["results"]}
    assert names == {"editor-ours", "reviewer-ours", "administrator-ours"}
    assert "theirs" not in client.get("/admin/ava/user/").content.decode()
    assert "theirs" not in client.get("/admin/search/?s=theirs&extended=1").content.decode()


def test_a_team_administrator_makes_a_person_for_their_team(ours: World, client: Client) -> None:
    form = {"username": "new", "password1": "pictures of films", "password2": "pictures of films"}
    without_team = client.post("/admin/ava/user/add/", form | inline("memberships"))
    assert without_team.status_code == 200
    assert not User.objects.filter(username="new").exists(), "outside every team nobody could look after them"
    row = {"team": ours.team.pk, "role": "reviewer"}
    response = client.post("/admin/ava/user/add/", form | inline("memberships", row))
    assert response.status_code == 302, errors(response)
    assert User.objects.get(username="new").memberships.get().team == ours.team


def test_a_person_cannot_be_put_into_a_team_one_does_not_administer(ours: World, theirs: World, client: Client) -> None:
    form = {"username": "new", "password1": "pictures of films", "password2": "pictures of films"}
    row = {"team": theirs.team.pk, "role": "administrator"}
    assert client.post("/admin/ava/user/add/", form | inline("memberships", row)).status_code == 200
    assert not User.objects.filter(username="new").exists()
    response = client.post(
        f"/admin/ava/user/{ours.editor.pk}/change/", user_form(ours.editor, **inline("memberships", row))
    )
    assert response.status_code == 200
    assert not theirs.team.members.filter(pk=ours.editor.pk).exists()


def test_nobody_makes_themselves_superuser(ours: World, client: Client) -> None:
    address = f"/admin/ava/user/{ours.administrator.pk}/change/"
    fields = user_form(ours.administrator, is_superuser="on", is_staff="on", user_permissions=["1"], groups=[])
    assert client.post(address, fields | {"first_name": "Ada"}).status_code == 302
    ours.administrator.refresh_from_db()
    assert ours.administrator.first_name == "Ada", "the form was taken"
    assert not ours.administrator.is_superuser
    assert not ours.administrator.is_staff
    assert not ours.administrator.user_permissions.exists()


@pytest.mark.parametrize("what", ["in another team too", "a superuser"])
def test_people_whom_others_answer_for_are_read_only(ours: World, theirs: World, client: Client, what: str) -> None:
    person = ours.editor
    if what == "a superuser":
        User.objects.filter(pk=person.pk).update(is_superuser=True)
    else:
        Membership.objects.create(user=person, team=theirs.team, role="reviewer")
    page = client.get(f"/admin/ava/user/{person.pk}/change/")
    assert page.status_code == 200
    assert "team-theirs" not in page.content.decode()
    assert client.post(f"/admin/ava/user/{person.pk}/change/", user_form(person, username="taken")).status_code == 403
    form = {"password1": "pictures of films", "password2": "pictures of films"}
    assert client.post(f"/admin/ava/user/{person.pk}/password/", form).status_code == 403
    assert client.post(f"/admin/ava/user/{person.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_team_administrator_sets_the_password_of_their_own_people(ours: World, client: Client) -> None:
    form = {"password1": "pictures of films", "password2": "pictures of films", "usable_password": "true"}
    assert client.post(f"/admin/ava/user/{ours.editor.pk}/password/", form).status_code == 302
    ours.editor.refresh_from_db()
    assert ours.editor.check_password("pictures of films")


def test_roles_are_given_on_the_teams_page_and_only_there_to_known_people(
    ours: World, theirs: World, client: Client
) -> None:
    address = f"/admin/ava/team/{ours.team.pk}/change/"
    for person, taken in [(theirs.editor, False), (ours.reviewer, True)]:
        row = {"user": person.pk, "role": "editor", "team": ours.team.pk}
        response = client.post(address, {"name": ours.team.name} | inline("memberships", row))
        assert (response.status_code == 302) is taken
        assert Membership.objects.filter(user=person, team=ours.team, role="editor").exists() is taken
    assert client.post("/admin/ava/team/add/", {"name": "Mine"} | inline("memberships")).status_code == 403
    assert client.post(f"/admin/ava/team/{ours.team.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_membership_of_another_team_cannot_be_smuggled_into_a_form(
    ours: World, theirs: World, client: Client
) -> None:
    foreign = theirs.reviewer.memberships.get()
    row = {"id": foreign.pk, "user": theirs.reviewer.pk, "team": ours.team.pk, "role": "editor"}
    client.post(
        f"/admin/ava/team/{ours.team.pk}/change/", {"name": ours.team.name} | inline("memberships", row, initial=1)
    )
    foreign.refresh_from_db()
    assert (foreign.team, foreign.role) == (theirs.team, "reviewer")


@pytest.mark.parametrize(
    ("model", "action", "row"),
    [("title", "delete_selected", "title"), ("video", "analyse_videos", "video"), ("video", "delete_selected", "video"),
     ("job", "retry_jobs", "job"), ("job", "cancel_jobs", "job")],
)  # fmt: skip
def test_actions_do_nothing_to_other_teams_objects(
    ours: World, theirs: World, client: Client, model: str, action: str, row: str
) -> None:
    jobs = Job.objects.count()
    chosen = {"_selected_action": [getattr(theirs, row).pk], "action": action, "post": "yes", "select_across": "1"}
    keep = Video.objects.filter(pk=theirs.video.pk)
    if action == "delete_selected":
        chosen.pop("select_across")
    client.post(f"/admin/ava/{model}/", chosen)
    assert keep.exists()
    assert not Job.objects.filter(video=theirs.video).exclude(pk=theirs.job.pk).exists()
    assert Title.objects.filter(pk=theirs.title.pk).exists()
    assert Job.objects.count() >= jobs


def test_a_filter_offers_only_teams_that_one_administers(ours: World, theirs: World, client: Client) -> None:
    second = Team.objects.create(name="team-second")
    Membership.objects.create(user=ours.administrator, team=second, role="administrator")
    page = client.get("/admin/ava/job/").content.decode()
    assert "team-second" in page
    assert "team-theirs" not in page


def test_asking_the_lists_about_more_than_they_show_is_refused(ours: World, client: Client) -> None:
    for query in ("created_by__password__startswith=a", "video__title__teams__memberships__user__password__contains=a"):
        response = client.get(f"/admin/ava/job/?{query}")
        assert response.status_code == 400, query


def test_the_record_of_decisions_cannot_be_changed_by_anybody(ours: World) -> None:
    root = signed_in(make_person("root", is_superuser=True))
    address = f"/admin/curation/decision/{ours.decision.pk}"
    assert root.get(f"{address}/change/").status_code == 200
    assert root.post(f"{address}/change/", {"verdict": "reject"}).status_code == 403
    assert root.post(f"{address}/delete/", {"post": "yes"}).status_code == 403
    assert root.get("/admin/curation/decision/add/").status_code == 403


def test_tokens_and_django_groups_are_not_in_the_console(ours: World) -> None:
    root = signed_in(make_person("root", is_superuser=True))
    for address in ("/admin/authtoken/tokenproxy/", "/admin/auth/group/", f"/admin/r/1/{ours.title.pk}/"):
        assert root.get(address).status_code == 404, address
    page = root.get("/admin/").content.decode()
    assert re.findall(r'href="(/admin/auth[^"]*)"', page) == []


def test_the_dialogue_of_an_action_changes_nothing_until_it_is_confirmed(ours: World, client: Client) -> None:
    Job.objects.filter(pk=ours.job.pk).update(state=WorkState.RUNNING)
    address = f"/admin/ava/job/{ours.job.pk}/cancel_job/"
    assert "Cancel this job?" in client.get(address).content.decode()
    ours.job.refresh_from_db()
    assert ours.job.state == WorkState.RUNNING
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ours.administrator)
    assert strict.post(address, {"_form_submitted": "on"}).status_code == 403
    assert client.post(address, {"_form_submitted": "on"}).status_code == 302
    ours.job.refresh_from_db()
    assert ours.job.state == WorkState.CANCELLED
