"""Stills by who is in them: alike on the board with and without scripts, in the API, in words and in the address."""

import random
import re
from itertools import combinations
from pathlib import Path

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from curation.models import Character, Face, FaceTrack, Still
from curation.pages import board_cards, read_board
from tests.people_world import make_character, make_track
from tests.test_pages_facets import api_frames, board_frames
from tests.test_pages_scripts import ARRANGE, listed, pieces, run_script
from tests.world import World, make_still, make_world

pytestmark = pytest.mark.django_db

SEEN = {20: "A", 21: "B", 22: "AB", 23: "ABC", 24: "", 25: "A?", 26: "A+poster", 27: "C+noface", 28: "AB?"}
"""Who is in which frame: ? is somebody not recognised, +poster a picture of B, +noface a mark taken for B's face."""


@pytest.fixture
def world() -> World:
    world = make_world("home")
    FaceTrack.objects.all().delete()
    Character.objects.all().delete()
    Still.objects.all().delete()
    names = {"A": "Anna", "B": "", "C": "Zoë"}
    cast = {key: make_character(world.title, name=name) for key, name in names.items()}
    for rank, (frame, seen) in enumerate(SEEN.items(), start=1):
        make_still(world.video, frame, rank=rank, shot=world.shot, signals={"faces.count": len(seen.partition("+")[0])})
        letters, _, other = seen.partition("+")
        for place, letter in enumerate(letters):
            see(world, frame, person=ord(letter) % 9, character=cast.get(letter), x0=10 + 90 * place)
        if other:
            marks = {"is_static": other == "poster", "is_face": other == "poster"}
            see(world, frame, person=5, character=cast["B"], x0=400, **marks)
    return world


def see(world: World, frame: int, *, person: int, character: Character | None, **fields) -> FaceTrack:
    return make_track(
        world.video, person=person, character=character, start_frame=frame, end_frame=frame + 1, looks=[frame], **fields
    )


def ids(world: World, letters: str) -> str:
    order = list(world.title.characters.order_by("number"))
    return "&".join(f"people={order['ABC'.index(letter)].pk}" for letter in letters)


def expected(letters: str, mode: str) -> list[int]:
    """By the definition: the slow, obvious way."""
    frames = []
    for frame, seen in SEEN.items():
        there = set(seen.partition("+")[0])
        passes = {
            "any": bool(there & set(letters)), "all": set(letters) <= there, "only": there == set(letters),
            "none": not there & set(letters),
        }  # fmt: skip
        if passes[mode]:
            frames.append(frame)
    return frames


def server_frames(world: World, query: str) -> list[int]:
    return [card.frame_index for card in listed(world.video, query)]


QUESTIONS = [
    (letters, mode)
    for count in (1, 2, 3) for letters in map("".join, combinations("ABC", count))
    for mode in ("any", "all", "only", "none")
]  # fmt: skip


@pytest.mark.parametrize("frames_of", [board_frames, api_frames])
def test_characters_are_asked_for_together_apart_alone_and_not_at_all(frames_of, world: World) -> None:
    frames = frames_of(world)
    for letters, mode in QUESTIONS:
        assert frames(f"{ids(world, letters)}&people_mode={mode}") == expected(letters, mode), (letters, mode)
    assert frames(ids(world, "AB")) == expected("AB", "any"), "any of them unless it is said otherwise"
    assert frames("people_mode=none") == list(SEEN), "nobody is asked for"
    assert len({tuple(expected(*question)) for question in QUESTIONS}) > 15, "the questions tell something apart"


def test_the_script_asks_alike_and_says_the_same_names(world: World, tmp_path: Path) -> None:
    queries = [f"{ids(world, letters)}&people_mode={mode}" for letters, mode in QUESTIONS]
    queries += [ids(world, "AB"), "people_mode=all", "people=0", "people=999999&people_mode=none", "people=x"]
    queries += ["people=", ids(world, "A").replace("=", "=0")]
    found = run_script(ARRANGE, pieces(world.video) | {"queries": queries}, tmp_path)
    by_server = [server_frames(world, query) for query in queries]
    assert dict(zip(queries, found["frames"], strict=True)) == dict(zip(queries, by_server, strict=True))
    cards = listed(world.video, "")
    assert found["said"] == [[card.alt, card.mark] for card in cards]
    alts = {card.frame_index: card.alt.split("shot 1", 1)[1].removeprefix(", ") for card in cards}
    assert alts[22] == "Anna and Person 2, two faces"
    assert alts[24] == "" and alts[27].startswith("Zoë, one face")
    assert alts[26] == "Anna, one face", "whoever is on a poster is not there"


def test_many_names_are_cut_short_alike_with_and_without_scripts(world: World, tmp_path: Path) -> None:
    for number in range(4, 12):
        see(world, 24, person=number, character=make_character(world.title, name=f"N{number}"), x0=10)
    found = run_script(ARRANGE, pieces(world.video) | {"queries": [""]}, tmp_path)
    cards = listed(world.video, "")
    assert found["said"] == [[card.alt, card.mark] for card in cards]
    (crowd,) = [card.alt for card in cards if card.frame_index == 24]
    assert crowd.count("N") == 4 and " and 4 others" in crowd


def test_filters_in_force_are_named_with_how_they_are_meant_and_can_be_taken_away_one_by_one(world: World) -> None:
    client = Client()
    client.force_login(world.editor)
    query = f"{ids(world, 'AC')}&people_mode=all&faces=2"
    html = client.get(reverse("stills", args=[world.title.pk]) + f"?{query}").content.decode()
    chips = {text: href for href, text in re.findall(r'class="drop-chip" href="\?([^"]*)"[^>]*>([^<]*?) <', html)}
    assert set(chips) == {"All of: Anna", "All of: Zoë", "Faces: 2"}
    assert QueryDict(chips["All of: Anna"].replace("&amp;", "&")).getlist("people") == [ids(world, "C")[7:]]
    assert re.findall(r'name="people" value="(\d+)" checked', html) == [ids(world, letter)[7:] for letter in "AC"]


def test_the_panel_offers_whom_the_film_shows_the_most_prominent_first_each_with_a_portrait(world: World) -> None:
    make_character(world.title, name="Nobody yet")
    make_track(world.video, person=8, character=Character.objects.get(number=3), start_frame=30, end_frame=95)
    client = Client()
    client.force_login(world.editor)
    address = reverse("stills", args=[world.title.pk])
    html = client.get(address).content.decode()
    offered = re.findall(r'class="person-name"[^>]*>([^<]*)<', html)
    assert offered == ["Zoë", "Anna", "Person 2"]
    portraits = [int(pk) for pk in re.findall(r'src="/face-tracks/(\d+)/portrait.jpg"', html)]
    assert [FaceTrack.objects.get(pk=pk).character.label for pk in portraits] == offered
    assert "data-people-search" not in html, "three are found by eye"
    FaceTrack.objects.all().delete()
    assert "data-people-filter" not in client.get(address).content.decode(), "nobody to ask for"


def test_characters_of_another_title_are_neither_offered_nor_asked_for(world: World) -> None:
    stranger = make_world("away").character
    assert board_frames(world)(f"people={stranger.pk}&people_mode=all") == list(SEEN), "the unknown narrow nothing"
    client = Client()
    client.force_login(world.editor)
    html = client.get(reverse("stills", args=[world.title.pk]) + f"?people={stranger.pk}").content.decode()
    index = client.get(reverse("stills-index", args=[world.title.pk])).content.decode()
    assert "character-away" not in html + index
    answer = client.get(f"/api/stills/?people={stranger.pk}")
    assert answer.status_code == 400 and "people" in answer.json()


def test_the_api_documents_how_characters_are_asked_for(world: World) -> None:
    client = Client()
    client.force_login(world.editor)
    schema = client.get("/api/schema/?format=json").json()
    known = {each["name"]: each for each in schema["paths"]["/api/stills/"]["get"]["parameters"]}
    assert known["people"]["schema"]["type"] == "array"
    assert known["people_mode"]["schema"]["enum"] == ["all", "any", "none", "only"]
    assert client.get("/api/stills/?people_mode=most").status_code == 400


def test_the_api_lists_who_is_in_each_still(client: Client, world: World) -> None:
    client.force_login(world.reviewer)
    order = list(world.title.characters.order_by("number").values_list("pk", flat=True))
    told = {still["frame_index"]: still["characters"] for still in client.get("/api/stills/").json()["results"]}
    known = {frame: seen.partition("+")[0].replace("?", "") for frame, seen in SEEN.items()}
    assert told == {frame: [order["ABC".index(letter)] for letter in seen] for frame, seen in known.items()}


def test_asking_for_many_characters_takes_as_many_questions_as_for_one(world: World) -> None:
    def questions(query: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            board_cards(read_board(world.title, query=QueryDict(query), user=world.editor), number="1")
        return len(queries)

    few = questions(ids(world, "A"))
    chance = random.Random(1)
    for number in range(40):
        character = make_character(world.title)
        for frame in chance.sample(range(100), 5):
            see(world, frame, person=number, character=character)
    everybody = "&".join(f"people={pk}" for pk in world.title.characters.values_list("pk", flat=True))
    assert questions(everybody) == few
    assert Face.objects.count() > 200
