"""Pages as people meet them: who sees what, what forms do, and how refusals read."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ava.models import Chunk, Job, JobStage, Membership, Role, Shot, Team, Title, Video, WorkState
from curation.decisions import current_decisions
from curation.models import Decision, Still
from tests.world import World, make_film, make_person, make_still, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world("home")


def client_of(person: Any, **options: Any) -> Client:
    client = Client(**options)
    client.force_login(person)
    return client


def pages_of(world: World) -> dict[str, str]:
    title = [world.title.pk]
    return {
        "titles": reverse("titles"),
        "no titles": reverse("titles") + "?q=nothing-like-it",
        "title": reverse("title", args=title),
        "new title": reverse("title-new"),
        "edit title": reverse("title-edit", args=title),
        "board": reverse("stills", args=title),
        "open still": reverse("stills", args=title) + "?still=10",
        "open frame": reverse("stills", args=title) + "?still=11",
        "jobs": reverse("jobs"),
        "job": reverse("job", args=[world.job.pk]),
        "account": reverse("account"),
        "nothing": "/titles/999999/",
    }


@pytest.mark.parametrize("role", ["editor", "reviewer", "administrator"])
def test_pages_hold_no_inline_script_or_style_and_every_picture_says_what_it_shows(role: str, world: World) -> None:
    client = client_of(getattr(world, role))
    for name, address in pages_of(world).items():
        response = client.get(address)
        assert response.status_code in {200, 403, 404}, name
        html = response.content.decode()
        assert not re.search(r"<[^>]+\s(style|on\w+)=", html), name
        for script in re.findall(r"<script\b([^>]*)>", html):
            assert "src=" in script or 'type="application/json"' in script, name
        assert "<style" not in html, name
        for picture in re.findall(r"<img\b[^>]*>", html):
            assert re.search(r'\balt="[^"]+"', picture), f"{name}: {picture}"
        assert html.count("<h1") == 1, name


@pytest.mark.parametrize(
    ("role", "may"), [("editor", True), ("administrator", True), ("reviewer", False)], ids=lambda value: str(value)
)
def test_editors_are_offered_what_they_may_do_and_reviewers_are_not(role: str, may: bool, world: World) -> None:
    client = client_of(getattr(world, role))
    title = client.get(reverse("title", args=[world.title.pk])).content.decode()
    assert ("data-upload=" in title, "Retry" in title, "upload-home.mov" in title and may) == (
        may,
        may,
        role == "editor",
    )
    assert ("New title" in client.get(reverse("titles")).content.decode()) == may
    assert (
        'name="verdict"' in client.get(pages_of(world)["open still"]).content.decode().split("viewer-side")[1]
    ) == may


def test_only_administrators_are_offered_to_cancel_a_job(world: World) -> None:
    Job.objects.update(state=WorkState.RUNNING)
    for role in ("editor", "administrator"):
        for address in (reverse("jobs"), reverse("title", args=[world.title.pk])):
            html = client_of(getattr(world, role)).get(address).content.decode()
            assert (reverse("job-cancel", args=[world.job.pk]) in html) == (role == "administrator")


def test_a_failed_job_says_what_happened_and_can_be_tried_again(world: World) -> None:
    client = client_of(world.editor)
    html = client.get(reverse("jobs") + "?state=failed").content.decode()
    assert world.job.error in html
    response = client.post(reverse("job-retry", args=[world.job.pk]), {"next": reverse("jobs")})
    assert response.url == reverse("jobs")
    assert Job.objects.filter(video=world.video, state=WorkState.QUEUED).count() == 1


def test_a_second_analysis_at_once_is_refused_with_a_sentence(world: World) -> None:
    client = client_of(world.editor)
    address = reverse("video-analyse", args=[world.video.pk])
    client.post(address)
    html = client.post(address, follow=True).content.decode()
    assert 'class="notice error"' in html
    assert Job.objects.filter(video=world.video, state=WorkState.QUEUED).count() == 1


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_reviewer_who_decides_is_told_why_not_in_the_callers_language(accept: str, world: World) -> None:
    client = client_of(world.reviewer, headers={"accept": accept})
    Decision.objects.all().delete()
    response = client.post(reverse("decide", args=[world.video.pk, 10]), {"verdict": "pick"})
    assert response.status_code == 403
    assert accept in response["Content-Type"]
    assert "Only editors and administrators" in response.content.decode()
    assert not Decision.objects.exists()


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_what_does_not_exist_is_said_in_the_callers_language(accept: str, world: World) -> None:
    response = client_of(world.editor, headers={"accept": accept}).get("/titles/999999/")
    assert response.status_code == 404
    assert accept in response["Content-Type"]
    assert "belongs to a team that you are not in" in response.content.decode()


def test_a_form_from_another_site_is_refused_with_a_sentence(world: World) -> None:
    client = client_of(world.editor, enforce_csrf_checks=True)
    response = client.post(reverse("decide", args=[world.video.pk, 10]), {"verdict": "pick"})
    assert response.status_code == 403
    assert "Reload it and try again" in response.content.decode()


def test_a_decision_by_plain_form_leads_back_to_where_it_was_taken(world: World) -> None:
    client = client_of(world.editor)
    here = pages_of(world)["open still"]
    response = client.post(reverse("decide", args=[world.video.pk, 10]), {"verdict": "reject", "next": here})
    assert response.url == here
    assert current_decisions(world.video)[10].verdict == "reject"
    elsewhere = client.post(
        reverse("decide", args=[world.video.pk, 10]), {"stars": "5", "next": "https://elsewhere.example/"}
    )
    assert elsewhere.url.startswith(reverse("stills", args=[world.title.pk]))
    assert current_decisions(world.video)[10] == ("reject", 5)


def test_a_script_hears_the_state_and_nothing_more_to_undo(world: World) -> None:
    Decision.objects.all().delete()
    client = client_of(world.editor, headers={"accept": "application/json"})
    decided = client.post(reverse("decide", args=[world.video.pk, 10]), {"verdict": "pick", "stars": "3"}).json()
    said = {"frame_index": 10, "verdict": "pick", "stars": 3}
    assert decided == said | {"undoes": False, "states": [said | {"undone": None}]}
    undone = client.post(reverse("undo", args=[world.video.pk])).json()
    again = {"frame_index": 10, "verdict": "", "stars": 0}
    taken_back = {"verdict": "pick", "stars": 3}
    assert undone == again | {"undoes": True, "states": [again | {"undone": taken_back}]}
    assert client.post(reverse("undo", args=[world.video.pk])).status_code == 409
    assert client.post(reverse("decide", args=[world.video.pk, 10]), {"stars": "9"}).status_code == 400
    assert client.post(reverse("decide", args=[world.video.pk, 10]), {"stars": "x"}).status_code == 400


def test_scripts_get_parts_and_going_back_gets_the_page(world: World) -> None:
    client = client_of(world.editor)
    for name in ("titles", "jobs", "job", "open still"):
        address = pages_of(world)[name]
        part = client.get(address, headers={"hx-request": "true"})
        assert b"<html" not in part.content
        assert "HX-Request" in part["Vary"], "else a browser shows the bare part when it goes back"
        again = client.get(address, headers={"hx-request": "true", "hx-history-restore-request": "true"})
        assert b"<html" in again.content


def test_a_still_without_a_preview_is_fetched_from_the_film(world: World) -> None:
    response = client_of(world.editor).get(reverse("still-image", args=[world.still.pk]))
    assert response.url == reverse("video-frame", args=[world.video.pk, 10]) + "?w=640"


def test_a_frame_that_the_film_does_not_have_is_not_there(world: World) -> None:
    client = client_of(world.editor)
    for wrong in ("100", "-1", "x", "9" * 12):
        assert client.get(reverse("stills", args=[world.title.pk]) + f"?still={wrong}").status_code == 404


def test_the_board_of_a_title_without_film_or_stills_says_where_they_come_from(world: World) -> None:
    client = client_of(world.editor)
    Still.objects.all().delete()
    assert "while the film is being measured" in client.get(reverse("stills", args=[world.title.pk])).content.decode()
    Video.objects.all().delete()
    assert "no film yet" in client.get(reverse("stills", args=[world.title.pk])).content.decode()


def test_the_large_still_explains_its_rank_and_shows_its_neighbours_in_the_film(world: World) -> None:
    html = client_of(world.editor).get(pages_of(world)["open still"]).content.decode()
    assert re.search(r"Sharp subject.*?<meter[^>]*value=\"0.500\"", html, re.S)
    for frame in (9, 11):
        assert reverse("video-frame", args=[world.video.pk, frame]) in html
    for format in ("png", "jpeg"):
        assert reverse("still-download", args=[world.video.pk, 10]) + f"?format={format}" in html


# --- titles --------------------------------------------------------------------------------------------------


def names(client: Client, query: str) -> list[str]:
    html = client.get(reverse("titles") + query).content.decode()
    return re.findall(r'class="card-name">([^<]*)<', html)


def test_titles_are_found_by_words_kind_and_state_and_sorted(world: World) -> None:
    client = client_of(world.editor)
    Title.objects.filter(pk=world.title.pk).update(name="Night Train")
    series = Title.objects.create(name="Harbour", kind="series")
    pilot = Title.objects.create(name="Night Watch", kind="episode", parent=series, season=1, episode=2)
    for title in (series, pilot):
        title.teams.add(world.team)
    make_film(pilot)
    assert names(client, "") == ["Harbour", "Night Train", "Night Watch (S01E02)"]
    assert names(client, "?q=night") == ["Night Train", "Night Watch (S01E02)"]
    assert names(client, "?q=harbour+watch") == ["Night Watch (S01E02)"], "the series of an episode counts too"
    assert names(client, "?kind=series") == ["Harbour"]
    assert names(client, "?state=no-film") == ["Harbour"]
    assert names(client, "?state=new") == ["Night Watch (S01E02)"]
    assert names(client, "?state=failed") == ["Night Train"]
    assert names(client, "?sort=newest")[0] == "Night Watch (S01E02)"
    assert names(client, "?kind=nonsense&state=nonsense&sort=nonsense&page=99") == names(client, "")


def test_a_title_shows_its_best_still_and_how_far_its_analysis_is(world: World) -> None:
    Job.objects.update(state=WorkState.RUNNING)
    JobStage.objects.update(state=WorkState.RUNNING)
    Chunk.objects.update(frames_done=50)
    Still.objects.update(image="stills/one.jpg")
    html = client_of(world.editor).get(reverse("titles")).content.decode()
    assert reverse("still-image", args=[world.still.pk]) in html
    assert "Being analysed" in html
    assert re.search(r'<progress[^>]*value="0\.5"', html)


def form_data(**changes: Any) -> dict[str, Any]:
    return {"name": "New one", "kind": "film", "content_format": "live-action", **changes}


def test_an_editor_makes_a_title_for_a_team_of_theirs(world: World) -> None:
    client = client_of(world.editor)
    other = Team.objects.create(name="Others")
    html = client.get(reverse("title-new")).content.decode()
    assert "Others" not in html
    assert re.search(rf'value="{world.team.pk}"[^>]*checked', html), "the only team is chosen beforehand"
    refused = client.post(reverse("title-new"), form_data(teams=[other.pk]))
    assert refused.status_code == 422
    response = client.post(reverse("title-new"), form_data(teams=[world.team.pk]))
    title = Title.objects.get(name="New one")
    assert response.url == title.get_absolute_url()
    assert (list(title.teams.all()), title.created_by) == ([world.team], world.editor)


def test_a_form_that_is_wrong_says_what_is_missing_and_keeps_what_was_written(world: World) -> None:
    client = client_of(world.editor)
    html = client.post(reverse("title-new"), form_data(kind="episode", name="Kept")).content.decode()
    assert "Choose the series that this episode belongs to." in html
    assert "Choose at least one team" in html
    assert 'value="Kept"' in html


def test_changing_a_title_leaves_the_teams_that_the_editor_may_not_decide_on(world: World) -> None:
    unseen = Team.objects.create(name="Unseen")
    only_reviewing = Team.objects.create(name="Only reviewing")
    Membership.objects.create(user=world.editor, team=only_reviewing, role=Role.REVIEWER)
    world.title.teams.add(unseen, only_reviewing)
    address = reverse("title-edit", args=[world.title.pk])
    client_of(world.editor).post(address, form_data(name="Renamed", teams=[world.team.pk]))
    world.title.refresh_from_db()
    assert world.title.name == "Renamed"
    assert set(world.title.teams.all()) == {world.team, unseen, only_reviewing}


def test_whoever_edits_nowhere_is_told_so(world: World) -> None:
    response = client_of(make_person("nobody")).get(reverse("title-new"))
    assert response.status_code == 403
    assert "Only editors and administrators" in response.content.decode()


def test_an_unfinished_upload_waits_on_its_title_for_the_one_who_began_it(world: World) -> None:
    address = reverse("title", args=[world.title.pk])
    assert "upload-home.mov" in client_of(world.editor).get(address).content.decode()
    assert "upload-home.mov" not in client_of(world.administrator).get(address).content.decode()


# --- the film ------------------------------------------------------------------------------------------------


def test_the_film_tells_the_player_its_frames_shots_and_transitions(world: World) -> None:
    Shot.objects.update(scale="medium", camera="pan")
    film = client_of(world.editor).get(reverse("film", args=[world.video.pk])).json()
    assert (film["frame_count"], film["fps"], film["first_s"]) == (100, [25, 1], 0.0)
    assert film["shots"] == [[0, 100, "start", "medium", "pan"]]
    assert (film["words"]["scale"]["medium"], film["words"]["camera"]["pan"]) == (["MS", "Medium"], ["↔", "Pan"])
    assert film["transitions"] == [["fade", 0, 5]]
    assert (film["is_vfr"], "times_s" in film) == (False, False)
    assert film["urls"]["frame"].replace("{n}", "7") == reverse("video-frame", args=[world.video.pk, 7])


def test_a_film_of_variable_rate_tells_every_frames_time(world: World) -> None:
    Video.objects.update(is_vfr=True)
    film = client_of(world.editor).get(reverse("film", args=[world.video.pk]) + "?times").json()
    assert film["is_vfr"]
    assert film["times_s"] == pytest.approx([frame / 25 for frame in range(100)])


def test_curves_hold_the_measured_means_of_the_columns_asked_for(world: World) -> None:
    address = reverse("signals", args=[world.video.pk])
    client = client_of(world.editor)
    curves = client.get(address + "?columns=exposure.brightness,nonsense&points=10").json()
    assert curves["frames"] == list(range(0, 100, 10))
    assert curves["columns"] == {"exposure.brightness": pytest.approx([4.5 + 10 * point for point in range(10)])}
    for points in ("0", "-3", "x", "9" * 30):
        assert client.get(address + f"?columns=exposure.brightness&points={points}").status_code == 200


def test_a_board_of_several_videos_shows_the_one_asked_for(world: World) -> None:
    other = make_film(world.title, name="second.mp4")
    make_still(other, 3, rank=1, shot=Shot.objects.create(video=other, index=0, start_frame=0, end_frame=9))
    client = client_of(world.editor)
    for video, frame in ((world.video, 10), (other, 3)):
        columns = client.get(reverse("stills-index", args=[world.title.pk]) + f"?video={video.pk}").json()
        assert (columns["video"], columns["frame_steps"]) == (video.pk, [frame])


def test_the_title_page_tells_the_size_of_the_picture_without_black_bars(world: World) -> None:
    client = client_of(world.editor)
    address = reverse("title", args=[world.title.pk])
    assert "without the black bars" not in client.get(address).content.decode()
    Video.objects.update(picture_area=[0, 45, 640, 315])
    assert "640 × 270 without the black bars" in client.get(address).content.decode()
