"""Lists of the API: pages, filters, ordering, and as many queries for many rows as for few."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from ava.models import Job, JobStage, Shot, Team, Title
from curation.models import Decision
from tests.world import World, make_film, make_measurements, make_person, make_still, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world("ours")


@pytest.fixture
def client(world: World) -> APIClient:
    client = APIClient()
    client.force_authenticate(world.editor)
    return client


def names(client: APIClient, query: str) -> list[str]:
    return [title["name"] for title in client.get(f"/api/titles/?{query}").json()["results"]]


def frames(client: APIClient, query: str) -> list[int]:
    answer = client.get(f"/api/stills/?{query}")
    assert answer.status_code == 200, answer.json()
    return [still["frame_index"] for still in answer.json()["results"]]


def add_rows(world: World, numbers: range) -> None:
    """For each number a title of two teams with a film, a running job, shots, stills and decisions."""
    for number in numbers:
        title = Title.objects.create(name=f"Title {number}", created_by=world.editor)
        video = make_film(title, name=f"{number}.mp4")
        make_measurements(video)
        job = Job.objects.create(video=video, state="running", created_by=world.editor)
        JobStage.objects.create(job=job, position=0, name="annotate", label="Measuring", state="running", total_units=9)
        JobStage.objects.create(job=job, position=1, name="stills", label="Choosing")
        shot = Shot.objects.create(video=video, index=0, start_frame=0, end_frame=50, transition="start")
        make_still(video, 5, rank=1, shot=shot)
        Decision.objects.create(video=video, frame_index=5, user=world.editor, verdict="pick")
        make_person(f"person {number}", team=world.team)
        team = Team.objects.create(name=f"team {number}")
        team.memberships.create(user=world.editor, role="editor")
        title.teams.set([world.team, team])


@pytest.mark.parametrize(
    "path", ["teams", "titles", "videos", "jobs", "chunks", "shots", "stills", "decisions", "models"]
)
def test_a_list_takes_as_many_queries_for_many_rows_as_for_few(world: World, client: APIClient, path: str) -> None:
    counts = []
    for numbers in (range(2), range(2, 14)):
        add_rows(world, numbers)
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(f"/api/{path}/")
        assert answer.status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 8


def test_pages_follow_each_other_without_gap_or_repetition(world: World, client: APIClient) -> None:
    for frame in range(20, 31):
        make_still(world.video, frame, rank=frame)
    seen: list[int] = []
    page = "/api/stills/?page_size=5"
    while page:
        answer = client.get(page).json()
        assert answer["count"] == 12
        seen += [still["frame_index"] for still in answer["results"]]
        page = answer["next"]
    assert seen == [10, *range(20, 31)]
    assert client.get("/api/stills/?page=99").status_code == 404


@pytest.mark.parametrize("size", ["0", "-1", "1001", "ten", "null", "1e2", "²"])
def test_a_page_size_that_is_none_is_refused(client: APIClient, size: str) -> None:
    response = client.get("/api/titles/", {"page_size": size})
    assert response.status_code == 400
    assert response.json() == {"page_size": ["Give a whole number from 1 to 1000."]}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "query",
    ["created_after=0647-08-26T07:17:21-21:51", "video=99999999999999999999999", "page=99999999999999999999999"],
)
def test_values_that_no_database_holds_are_refused_and_break_nothing(client: APIClient, query: str) -> None:
    assert client.get(f"/api/jobs/?{query}").status_code in {400, 404}
    assert client.get("/api/jobs/").status_code == 200


@pytest.mark.parametrize("body", [b'{"kind": "\\ud800"}', b'{"\\udfff": 1}', b"[" * 100_000, b'{"a":' * 5000])
def test_json_that_nobody_can_read_or_say_again_is_refused_with_a_sentence(
    world: World, client: APIClient, body: bytes
) -> None:
    for path in (f"/api/titles/{world.title.pk}/held-back/", "/api/artworks/", "/api/logos/"):
        response = client.post(path, body, content_type="application/json")
        assert response.status_code == 400
        assert response.json()["detail"].startswith("JSON parse error")


def test_addresses_that_are_none_are_refused_as_json(client: APIClient) -> None:
    for path in ("/api/videos/0.5/", "/api/operas/", "/api/titles"):
        response = client.get(path)
        assert response.status_code == 404
        assert "nothing at this address" in response.json()["detail"]


def test_titles_are_found_by_word_kind_and_team(world: World, client: APIClient) -> None:
    for name, kind, genre in [("Red River", "film", "Western"), ("River Blues", "series", "Drama")]:
        Title.objects.create(name=name, kind=kind, genre=genre).teams.add(world.team)
    assert names(client, "search=river") == ["Red River", "River Blues"]
    assert names(client, "search=river+western") == ["Red River"]
    assert names(client, "kind=series") == ["River Blues"]
    assert names(client, "genre=Drama&ordering=-name") == ["River Blues"]
    assert names(client, f"team={world.team.pk}&ordering=-name") == ["title-ours", "River Blues", "Red River"]
    assert client.get("/api/titles/?kind=opera").status_code == 400


def test_stills_are_found_by_what_was_measured_and_decided(world: World, client: APIClient) -> None:
    for frame, rank in [(20, 2), (40, 3), (80, 4)]:
        make_still(world.video, frame, rank=rank)
    make_still(world.video, 90, rank=5, signals={})
    Decision.objects.create(video=world.video, frame_index=20, user=world.editor, verdict="pick", stars=5)
    Decision.objects.create(video=world.video, frame_index=20, user=world.editor, verdict="reject", stars=2)
    assert frames(client, "") == [10, 20, 40, 80, 90]
    assert frames(client, "verdict=pick") == [10]
    assert frames(client, "verdict=reject&verdict=pick") == [10, 20], "the newest decision counts"
    assert frames(client, "verdict=none") == [40, 80, 90]
    assert frames(client, "stars_min=2&stars_max=2") == [20]
    assert frames(client, "score_min=0.3") == [10, 20, 40]
    assert frames(client, f"shot={world.shot.pk}") == [10]
    assert frames(client, "frame_index_min=20&frame_index_max=40") == [20, 40]
    assert frames(client, "signal=exposure.brightness:0.2..0.4") == [20, 40]
    assert frames(client, "signal=exposure.brightness:..0.2&signal=exposure.brightness:0.15..") == [20]
    assert frames(client, "ordering=-frame_index") == [90, 80, 40, 20, 10]
    assert frames(client, "ordering=-stars,rank")[:2] == [10, 20]


@pytest.mark.parametrize("text", ["brightness", "exposure.brightness:a..b", "exposure.x'; drop:1..2", "a.b:1"])
def test_a_signal_range_that_is_none_is_answered_with_how_to_write_it(client: APIClient, text: str) -> None:
    response = client.get("/api/stills/", {"signal": text})
    assert response.status_code == 400
    assert response.json()["signal"][0].startswith("Write NAME:MIN..MAX")


def test_shots_are_found_by_a_frame_they_contain(world: World, client: APIClient) -> None:
    Shot.objects.filter(pk=world.shot.pk).update(end_frame=50)
    Shot.objects.create(video=world.video, index=1, start_frame=50, end_frame=100, transition="cut")
    for frame, index in [(0, 0), (49, 0), (50, 1), (99, 1)]:
        found = client.get("/api/shots/", {"video": world.video.pk, "frame": frame}).json()["results"]
        assert [shot["index"] for shot in found] == [index]
    assert client.get("/api/shots/?transition=cut").json()["count"] == 1


def test_the_record_of_decisions_is_found_by_person_frame_and_verdict(world: World, client: APIClient) -> None:
    other = make_person("other", team=world.team)
    Decision.objects.create(video=world.video, frame_index=7, user=other, verdict="reject")
    for query, count in [("user=other", 1), ("frame_index=10", 1), ("verdict=reject", 1), ("", 2)]:
        assert client.get(f"/api/decisions/?{query}").json()["count"] == count, query


def test_jobs_are_found_by_state(world: World, client: APIClient) -> None:
    assert client.get("/api/jobs/?state=failed").json()["count"] == 1
    assert client.get("/api/jobs/?state=running&state=queued").json()["count"] == 0
