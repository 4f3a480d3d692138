"""Searching through the API and from the shell."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from ava.models import Team, Title, Video
from tests.search_world import make_description, make_dialogue_line
from tests.world import make_film, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def film() -> Video:
    title = Title.objects.create(name="The Film")
    title.teams.add(Team.objects.create(name="Team"))
    film = make_film(title, frame_count=400)
    make_description(film, "A beach at sunset.", start=100, end=200, duration_s=4.0)
    make_dialogue_line(film, "What a beach!", start=110, end=150)
    return film


@pytest.fixture
def client(film: Video) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(make_person("editor", team=film.title.teams.get()))
    return client


def test_results_tell_title_span_score_and_why(client: Client, film: Video) -> None:
    told = client.get("/api/search/", {"q": "beach"}).json()
    assert len(told["results"]) == 1
    result = told["results"][0]
    assert (result["title"], result["video"]) == ("The Film", film.pk)
    assert (result["start_frame"], result["end_frame"]) == (100, 200)
    assert 0 < result["score"] <= 1
    line = next(reason for reason in result["why"] if reason["source"] == "dialogue")
    assert (line["text"], line["marks"], line["frame"]) == ("What a beach!", [[7, 12]], 110)
    assert told["took_ms"]["total"] > 0


def test_what_is_sent_as_json_is_read_as_from_an_address(client: Client, film: Video) -> None:
    sent = {"q": "beach", "title": [film.title_id], "limit": 1}
    posted = client.post("/api/search/", json.dumps(sent), content_type="application/json").json()
    assert posted["results"] == client.get("/api/search/", sent).json()["results"]


def test_strangers_find_nothing_and_nobody_is_asked_to_sign_in(film: Video) -> None:
    assert Client().get("/api/search/", {"q": "beach"}).status_code == 401
    stranger = Client()
    stranger.force_login(make_person("stranger"))
    assert stranger.get("/api/search/", {"q": "beach"}).json()["results"] == []


def test_what_means_nothing_is_refused_with_a_sentence(client: Client) -> None:
    for asked in (
        {"q": "a\0b"}, {"title": "x"}, {"title": "9" * 30}, {"scale": "huge"}, {"like": "shot:1"}, {"limit": "0"},
        {"limit": "many"}, {"limit": "9" * 30}, {"region": "0,0,1,1"}, {"min_s": "inf"},
    ):  # fmt: skip
        answer = client.get("/api/search/", asked)
        assert answer.status_code == 400, asked
        assert answer.json(), asked


def test_json_of_wrong_types_is_refused_with_a_sentence(client: Client) -> None:
    for sent in ([], "words", {"q": {"a": 1}}, {"title": [[1]]}, {"limit": True}, {"q": ["a", "b"]}, None):
        answer = client.post("/api/search/", json.dumps(sent), content_type="application/json")
        assert answer.status_code == 400, sent


def test_whatever_is_typed_is_answered(client: Client) -> None:
    for typed in ("", "🎉", "x" * 10_000, "'; DROP TABLE ava_video; --", "世界", '"', "-beach"):
        assert client.get("/api/search/", {"q": typed}).status_code == 200, typed


def test_the_shell_prints_results_as_json_and_as_lines(film: Video) -> None:
    printed = StringIO()
    call_command("search", "beach", "--title", str(film.title_id), "--json", stdout=printed)
    results = json.loads(printed.getvalue())["results"]
    assert [(each["title"], each["video"], each["start_frame"], each["end_frame"]) for each in results] == [
        ("The Film", film.pk, 100, 200)
    ]
    assert {"score", "why"} <= set(results[0])
    printed = StringIO()
    call_command("search", "beach", stdout=printed)
    assert "The Film, 4.0–8.0 s (frames 100–200)" in printed.getvalue()


def test_the_shell_refuses_what_means_nothing_with_a_sentence(film: Video) -> None:
    with pytest.raises(CommandError, match="must be given by number"):
        call_command("search", "beach", "--title", "x")
