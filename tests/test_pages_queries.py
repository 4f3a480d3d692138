"""Pages ask the database a constant number of questions, however much there is to show."""

import uuid
from collections.abc import Callable
from itertools import accumulate

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ava.models import Chunk, Job, JobStage, Shot, Title, Upload, Video, WorkState
from curation.models import Decision, Still
from tests.world import World, make_film, make_still, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world("home")


@pytest.fixture
def client(world: World) -> Client:
    client = Client()
    client.force_login(world.editor)
    return client


def queries_of(client: Client, address: str) -> int:
    client.get(address)  # what is looked up once a process is not the page's own
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    assert response.status_code == 200
    return len(queries)


def add_titles(world: World, *, count: int) -> None:
    """Titles in every state, each with a film, a job and a still."""
    states = [WorkState.RUNNING, WorkState.QUEUED, WorkState.DONE, WorkState.FAILED]
    for number in range(count):
        title = Title.objects.create(name=f"More {number}", kind=Title.Kind.TRAILER, parent=world.title)
        title.teams.add(world.team)
        film = make_film(title, name=f"more-{number}.mp4")
        job = Job.objects.create(video=film, state=states[number % 4], created_by=world.editor)
        JobStage.objects.create(job=job, position=0, name="annotate", label="Measuring", state=states[number % 4])
        Chunk.objects.create(video=film, index=0, start_frame=0, end_frame=100, frames_done=40)
        make_still(film, 3, rank=1, image="stills/x.jpg")


def add_to_film(world: World, *, count: int) -> None:
    """Shots, stills, decisions, uploads and further videos of the one title."""
    first = Shot.objects.filter(video=world.video).count()
    for index in range(first, first + count):
        shot = Shot.objects.create(
            video=world.video, index=index, start_frame=index * 2, end_frame=index * 2 + 2, transition="cut"
        )
        make_still(world.video, 10 + index, rank=1 + index, shot=shot, image="stills/x.jpg")
        Decision.objects.create(video=world.video, frame_index=10 + index, user=world.editor, verdict="pick", stars=1)
        Upload.objects.create(
            id=uuid.uuid4(), title=world.title, user=world.editor, original_name="a.mov", size_bytes=9
        )
        make_film(world.title, name=f"other-{index}.mp4")


PAGES: dict[str, tuple[Callable[[World], str], Callable[..., None]]] = {
    "titles": (lambda world: reverse("titles"), add_titles),
    "titles filtered": (lambda world: reverse("titles") + "?q=e&state=running&sort=analysed", add_titles),
    "title": (lambda world: reverse("title", args=[world.title.pk]) + f"?video={world.video.pk}", add_to_film),
    "title with relatives": (lambda world: reverse("title", args=[world.title.pk]), add_titles),
    "board": (lambda world: reverse("stills", args=[world.title.pk]) + f"?video={world.video.pk}", add_to_film),
    "board filtered": (
        lambda world: (
            reverse("stills", args=[world.title.pk])
            + f"?video={world.video.pk}&verdict=pick&stars=1&sort=-exposure.brightness&exposure.brightness.min=0.1"
            "&faces=1&scale=medium&colour=red&text=none"
        ),
        add_to_film,
    ),
    "board with a still open": (
        lambda world: reverse("stills", args=[world.title.pk]) + f"?video={world.video.pk}&still=10",
        add_to_film,
    ),
    "index": (lambda world: reverse("stills-index", args=[world.title.pk]) + f"?video={world.video.pk}", add_to_film),
    "jobs": (lambda world: reverse("jobs"), add_titles),
}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_as_many_questions_for_much_as_for_little(page: str, world: World, client: Client) -> None:
    address, add = PAGES[page]
    add(world, count=4)
    few = queries_of(client, address(world))
    add(world, count=40)
    assert queries_of(client, address(world)) == few
    assert few <= 100


def test_the_index_holds_every_still_in_the_order_of_frames(world: World, client: Client) -> None:
    add_to_film(world, count=40)
    address = PAGES["index"][0](world)
    core = client.get(address).json()
    stills = list(Still.objects.filter(video=world.video).order_by("frame_index"))
    assert list(accumulate(core["frame_steps"])) == [still.frame_index for still in stills]
    assert list(accumulate(core["id_steps"])) == [still.pk for still in stills]
    assert core["rank"] == [still.rank for still in stills]
    assert {len(core[name]) for name in ("shot", "provisional", "timecode")} == {len(stills)}
    assert [50, "pick", 1, world.editor.username] in core["decided"]
    columns = client.get(f"{address}&columns=exposure.brightness,no.such,no'quote").json()
    assert columns["signals"]["exposure.brightness"] == pytest.approx([still.frame_index / 100 for still in stills])
    assert columns["signals"]["no.such"] == [None] * len(stills)
    facts = client.get(f"{address}&part=facts").json()
    assert {len(bits) for bits in facts["bits"].values()} == {len(stills)}
    assert core["of"] == columns["of"] == facts["of"], "they are of the same stills"


def test_frame_times_are_not_read_for_lists(world: World, client: Client) -> None:
    """They are as long as the film and no list shows them."""
    add_titles(world, count=4)
    for address in (reverse("titles"), reverse("jobs")):
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        column = Video._meta.get_field("frame_pts").column
        assert not any(column in query["sql"] for query in queries)
