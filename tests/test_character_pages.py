"""The page of one character and the questions about a cast: what is shown, to whom, and in how many queries."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ava.models import Title, Video
from curation.character_pages import TRACKS_A_PAGE
from curation.models import Character, FaceTrack
from curation.people_doubts import open_doubts
from curation.people_questions import Question, count_questions, open_questions
from curation.people_splits import find_split
from tests.people_world import make_cast, make_character, make_track, person_vector
from tests.world import World, make_film, make_person, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(hints: list) -> World:
    """A film in which nobody has been found yet."""
    world = make_world("home")
    Character.objects.all().delete()
    FaceTrack.objects.all().delete()
    return world


@pytest.fixture
def client(world: World) -> Client:
    client = Client()
    client.force_login(world.editor)
    return client


def between(one: int, other: int, *, share: float, sample: int) -> list[float]:
    """A vector on the way from one person to another."""
    first, second = (np.array(person_vector(person, sample=sample)) for person in (one, other))
    return ((1 - share) * first + share * second).tolist()


def add_tracks(video: Video, character: Character | None, *, person: int, count: int, start: int = 0, **fields):
    """Tracks one after the other, four frames each, never together with another person's of another `start`."""
    return [
        make_track(
            video, person=person, character=character, start_frame=start + 4 * index, end_frame=start + 4 * index + 4,
            shot_index=start + index, sample=start + index, **({"confidence": 0.999} | fields),
        )
        for index in range(count)
    ]  # fmt: skip


def add_lookalike(
    video: Video, *, of: int, share: float = 0.5, count: int = 3, start: int = 40, toward: int = 90
) -> Character:
    """Somebody of whom AVA cannot be sure whether they are another person."""
    character = make_character(video.title)
    for index, track in enumerate(add_tracks(video, character, person=toward, count=count, start=start)):
        track.vector = between(of, toward, share=share, sample=index)
        track.save()
    return character


def address(title: Title, character: Character, **query: object) -> str:
    parameters = "&".join(f"{name}={value}" for name, value in query.items())
    return f"{reverse('character', args=[title.pk, character.pk])}?{parameters}"


def shown_tracks(content: str) -> list[int]:
    return [int(pk) for pk in re.findall(r'<li class="track" id="track-(\d+)"', content)]


def queries_of(client: Client, path: str) -> list[str]:
    client.get(path)  # what is looked up once a process is not the page's own
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
    assert response.status_code == 200
    return [each["sql"] for each in queries]


def assert_as_many(client: Client, path: str, before: list[str]) -> None:
    after = queries_of(client, path)
    assert len(after) == len(before), "\n".join(after)


# --- a character ------------------------------------------------------------------------------------------------


def test_the_page_shows_each_appearance_with_its_time_its_length_and_what_is_known(client: Client, world: World):
    anna = make_character(world.title, name="Anna")
    sure, doubtful, said, alike = add_tracks(world.video, anna, person=1, count=4)
    FaceTrack.objects.filter(pk=doubtful.pk).update(confidence=0.41)
    FaceTrack.objects.filter(pk=said.pk).update(given_by="person", confidence=0.2)
    FaceTrack.objects.filter(pk=alike.pk).update(given_by="likeness", is_static=True)
    content = client.get(address(world.title, anna)).content.decode()
    assert shown_tracks(content) == [sure.pk, doubtful.pk, said.pk, alike.pk]
    cards = dict(zip(shown_tracks(content), content.split('<li class="track"')[1:], strict=True))
    assert "00:00:00:04" in cards[doubtful.pk] and "0.2 s" in cards[doubtful.pk]
    assert "41 % sure" in cards[doubtful.pk]
    assert "sure" not in cards[sure.pk] and "sure" not in cards[said.pk], "what a person said is not doubted"
    assert "Confirmed" in cards[said.pk]
    assert "By likeness" in cards[alike.pk] and "On a wall" in cards[alike.pk]
    assert f"?video={world.video.pk}&amp;frame=4" in cards[doubtful.pk]


def test_the_most_doubtful_come_first_and_what_a_person_said_last(client: Client, world: World):
    anna = make_character(world.title)
    sure, worst, said, unsure = add_tracks(world.video, anna, person=1, count=4)
    for track, confidence in ((sure, 0.99), (worst, 0.2), (unsure, 0.6)):
        FaceTrack.objects.filter(pk=track.pk).update(confidence=confidence)
    FaceTrack.objects.filter(pk=said.pk).update(given_by="person", confidence=0.1)
    content = client.get(address(world.title, anna, order="doubt")).content.decode()
    assert shown_tracks(content) == [worst.pk, unsure.pk, sure.pk, said.pk]


def test_who_was_merged_leads_to_who_they_are_now(client: Client, world: World):
    anna, bea, cleo = (make_character(world.title) for _ in range(3))
    bea.merged_into, cleo.merged_into = anna, bea
    bea.save()
    cleo.save()
    response = client.get(address(world.title, cleo))
    assert response.headers["Location"] == reverse("character", args=[world.title.pk, anna.pk])


def test_whoever_is_kept_without_a_face_is_told_so(client: Client, world: World):
    anna = make_character(world.title, name="Anna", is_kept=True)
    response = client.get(address(world.title, anna))
    assert response.status_code == 200
    assert "No face is Anna’s any more" in response.content.decode()


def test_characters_of_other_casts_and_unknown_ones_are_not_there(client: Client, world: World):
    theirs = make_world("theirs")
    assert client.get(address(theirs.title, theirs.character)).status_code == 404
    assert client.get(address(world.title, theirs.character)).status_code == 404
    assert client.get(reverse("people-questions", args=[theirs.title.pk])).status_code == 404
    anna = make_character(world.title)
    (foreign,) = add_tracks(theirs.video, theirs.character, person=2, count=1)
    for track in (foreign.pk, 0, "x", "9" * 30):
        assert client.get(address(world.title, anna, track=track)).status_code == 404


@pytest.mark.parametrize("query", [{"from": "-1"}, {"shown": "x"}, {"shown": "9" * 40}, {"order": "'"}, {"from": "99"}])
def test_odd_addresses_give_a_page(client: Client, world: World, query: dict[str, str]):
    anna = make_character(world.title)
    add_tracks(world.video, anna, person=1, count=2)
    assert client.get(address(world.title, anna, **query)).status_code == 200


def test_a_reviewer_sees_everything_and_has_nothing_to_press(world: World):
    anna = make_character(world.title, name="Anna")
    (track, *_) = add_tracks(world.video, anna, person=1, count=4)
    add_lookalike(world.video, of=1)
    client = Client()
    client.force_login(world.reviewer)
    for path in (
        address(world.title, anna),
        address(world.title, anna, track=track.pk),
        reverse("people-questions", args=[world.title.pk]),
    ):
        content = client.get(path).content.decode()
        main = content[content.index("<main") : content.index("</main>")]
        assert "Anna" in main
        assert "<form" not in main and "<button" not in main and "<input" not in main, path


def test_further_appearances_come_in_pieces_that_fit_together(client: Client, world: World):
    anna = make_character(world.title)
    tracks = add_tracks(world.video, anna, person=1, count=TRACKS_A_PAGE + 7)
    pks = [track.pk for track in tracks]
    content = client.get(address(world.title, anna)).content.decode()
    assert shown_tracks(content) == pks[:TRACKS_A_PAGE]
    assert f"Show {len(pks)} of {len(pks)}" in content
    query = {"from": TRACKS_A_PAGE, "shown": len(pks)}
    rest = client.get(address(world.title, anna, **query), headers={"HX-Request": "true"}).content.decode()
    assert rest.startswith("<ol") and shown_tracks(rest) == pks[TRACKS_A_PAGE:]
    assert shown_tracks(client.get(address(world.title, anna, shown=len(pks))).content.decode()) == pks


def test_an_opened_appearance_shows_each_of_its_faces(client: Client, world: World):
    anna = make_character(world.title)
    track = make_track(
        world.video, person=1, character=anna, start_frame=0, end_frame=50, looks=[3, 20, 41]
    )  # fmt: skip
    content = client.get(address(world.title, anna, track=track.pk), headers={"HX-Request": "true"}).content.decode()
    faces = re.findall(r"/faces/(\d+)/picture.jpg", content)
    assert [int(pk) for pk in faces] == list(track.faces.values_list("pk", flat=True))
    assert "00:00:01:16" in content, "frame 41 at 25 frames a second"


def make_series(world: World) -> tuple[Title, list[Title]]:
    series = Title.objects.create(name="Series", kind=Title.Kind.SERIES)
    series.teams.add(world.team)
    episodes = []
    for number in (1, 2):
        episode = Title.objects.create(name="Series", kind=Title.Kind.EPISODE, parent=series, season=1, episode=number)
        episode.teams.add(world.team)
        make_film(episode, name=f"e{number}.mp4")
        episodes.append(episode)
    return series, episodes


def test_a_series_groups_appearances_by_film_and_an_episode_leads_to_the_others(client: Client, world: World):
    series, (one, two) = make_series(world)
    anna = make_character(series, name="Anna")
    add_tracks(two.videos.get(), anna, person=1, count=2)
    add_tracks(one.videos.get(), anna, person=1, count=3)
    content = client.get(address(series, anna)).content.decode()
    headings = re.findall(r'<li class="track-film"><h3>(.*?)</h3>', content)
    assert headings == ["Series (S01E01)", "Series (S01E02)"]
    content = client.get(address(one, anna)).content.decode()
    assert len(shown_tracks(content)) == 3
    assert reverse("character", args=[two.pk, anna.pk]) in content


def test_the_page_asks_the_database_as_often_for_three_appearances_as_for_many(client: Client, world: World):
    cast = make_cast(world.video, people=3, shots=10)
    path = address(world.title, cast.characters[0], proposals=1)
    few = queries_of(client, path)
    add_tracks(world.video, cast.characters[0], person=0, count=60, start=100)
    for person in range(5, 15):
        add_tracks(world.video, make_character(world.title), person=person, count=3, start=100)
    assert_as_many(client, path, few)


# --- AVA's proposal to split ------------------------------------------------------------------------------------


def test_two_people_in_one_character_are_told_apart_and_the_fewer_would_leave(client: Client, world: World):
    mixed = make_character(world.title)
    add_tracks(world.video, mixed, person=1, count=8)
    others = add_tracks(world.video, mixed, person=2, count=5, start=50)
    split = find_split(world.editor, world.title, mixed)
    assert sorted(split.leaving_tracks) == [track.pk for track in others]
    assert split.staying_count == 8
    assert "They are one person" in client.get(address(world.title, mixed, proposals=1)).content.decode()


def test_one_person_is_not_proposed_to_be_split(world: World):
    anna = make_character(world.title)
    add_tracks(world.video, anna, person=1, count=12)
    assert find_split(world.editor, world.title, anna) is None


def test_who_was_confirmed_on_both_sides_is_one_person(client: Client, world: World):
    mixed = make_character(world.title)
    add_tracks(world.video, mixed, person=1, count=8)
    add_tracks(world.video, mixed, person=2, count=5, start=50)
    split = find_split(world.editor, world.title, mixed)
    fields = {"action": "move", "to": mixed.pk, "spread": "0", "tracks": ",".join(map(str, split.shown_tracks))}
    client.post(reverse("people-do", args=[world.title.pk]), fields)
    assert find_split(world.editor, world.title, mixed) is None


def test_faces_that_a_person_gave_stay_even_if_they_are_fewer(world: World):
    mixed = make_character(world.title)
    guessed = add_tracks(world.video, mixed, person=1, count=8)
    add_tracks(world.video, mixed, person=2, count=5, start=50, given_by="person")
    split = find_split(world.editor, world.title, mixed)
    assert sorted(split.leaving_tracks) == [track.pk for track in guessed]


def test_splitting_makes_a_new_character_of_those_who_leave(client: Client, world: World):
    mixed = make_character(world.title)
    add_tracks(world.video, mixed, person=1, count=8)
    add_tracks(world.video, mixed, person=2, count=5, start=50)
    page = client.get(address(world.title, mixed, proposals=1)).content.decode()
    form = page[page.index('aria-labelledby="split-heading"') :]
    fields = dict(re.findall(r'name="(character|tracks)" value="([\d,]+)"', form[: form.index(">Split<")]))
    client.post(reverse("people-do", args=[world.title.pk]), fields | {"action": "split"})
    assert sorted(character.tracks.count() for character in Character.objects.all()) == [5, 8]
    assert count_questions(world.editor, world.title) == 0, "what was split is not asked to be joined again"


# --- questions --------------------------------------------------------------------------------------------------


def questions(world: World, title: Title | None = None) -> list[Question]:
    return open_questions(world.editor, title or world.title)


def test_two_characters_that_may_be_one_are_asked_about_with_faces_and_times(world: World):
    anna = make_character(world.title, name="Anna", is_kept=True)
    add_tracks(world.video, anna, person=1, count=6)
    other = add_lookalike(world.video, of=1)
    (asked,) = [each for each in questions(world) if each.kind == "characters"]
    assert (asked.first, asked.second) == (other.pk, anna.pk), "the one with a name stays"
    assert asked.words == "Is this Anna?"
    assert 0.03 <= asked.probability <= 0.97
    assert {portrait.timecode for portrait in asked.first_portraits} == {"00:00:01:15", "00:00:01:19", "00:00:01:23"}
    assert all(portrait.has_picture for portrait in asked.first_portraits + asked.second_portraits)


def test_people_seen_in_one_frame_are_never_asked_to_be_one(world: World):
    anna = make_character(world.title)
    add_tracks(world.video, anna, person=1, count=6)
    other = add_lookalike(world.video, of=1)
    make_track(world.video, person=90, character=other, start_frame=0, end_frame=4, shot_index=0)
    assert [each for each in questions(world) if each.kind == "characters"] == []


@pytest.fixture
def post(client: Client, world: World) -> Callable[..., None]:
    def send(**fields: object) -> None:
        response = client.post(
            reverse("people-do", args=[world.title.pk]), fields, headers={"Accept": "application/json"}
        )
        assert response.status_code == 200, response.content

    return send


@pytest.mark.parametrize("answer", ["merge", "different"])
def test_a_question_about_two_people_that_was_answered_never_comes_again(world: World, post, client, answer: str):
    anna = make_character(world.title)
    add_tracks(world.video, anna, person=1, count=6)
    add_lookalike(world.video, of=1)
    (asked,) = [each for each in questions(world) if each.kind == "characters"]
    if answer == "merge":
        post(action="merge", character=asked.second, others=asked.first)
    else:
        post(action="different", first=asked.first, second=asked.second)
    assert [each for each in questions(world) if each.kind == "characters"] == []
    client.post(reverse("people-undo", args=[world.title.pk]))
    assert asked.key in [each.key for each in questions(world)], "what was taken back is asked again"


def doubtful_track(world: World) -> tuple[Character, FaceTrack]:
    """A character with a face that may well be somebody else's, of whom there are others."""
    anna, bea = make_character(world.title, name="Anna"), make_character(world.title)
    add_tracks(world.video, anna, person=1, count=6)
    add_tracks(world.video, bea, person=2, count=6, start=30)
    (track,) = add_tracks(world.video, anna, person=1, count=1, start=60)
    track.vector, track.confidence = between(1, 2, share=0.5, sample=3), 0.5
    track.save()
    return anna, track


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_a_question_about_a_face_that_was_answered_never_comes_again(world: World, post, answer: str):
    _, track = doubtful_track(world)
    asked = next(each for each in questions(world) if each.kind == "track" and each.first == track.pk)
    if answer == "no":
        post(action="refuse", track=asked.first, character=asked.second)
    elif asked.is_given:
        post(action="confirm", track=asked.first)
    else:
        post(action="move", tracks=asked.first, to=asked.second)
    assert asked.key not in [each.key for each in questions(world)]


def test_nothing_is_asked_about_a_locked_character(world: World):
    anna = make_character(world.title, is_locked=True)
    add_tracks(world.video, anna, person=1, count=6)
    add_lookalike(world.video, of=1)
    assert [each for each in questions(world) if anna.pk in (each.first, each.second)] == []


def test_somebody_named_in_one_episode_is_suggested_in_the_next(world: World):
    series, (one, two) = make_series(world)
    anna = make_character(series, name="Anna", is_kept=True)
    add_tracks(one.videos.get(), anna, person=1, count=6)
    other = make_character(series)
    for index, track in enumerate(add_tracks(two.videos.get(), other, person=90, count=3)):
        track.vector = between(1, 90, share=0.5, sample=index)
        track.save()
    (asked,) = questions(world, two)
    assert (asked.first, asked.second, asked.words) == (other.pk, anna.pk, "Is this Anna?")
    assert {portrait.film for portrait in asked.second_portraits} == {"Series (S01E01)"}


def test_films_that_somebody_may_not_see_are_no_ground_for_questions(world: World):
    series, (one, two) = make_series(world)
    anna = make_character(series, name="Anna", is_kept=True)
    add_tracks(one.videos.get(), anna, person=1, count=6)
    other = make_character(series)
    for index, track in enumerate(add_tracks(two.videos.get(), other, person=90, count=3)):
        track.vector = between(1, 90, share=0.5, sample=index)
        track.save()
    stranger_team = make_world("guest").team
    two.teams.add(stranger_team)
    guest = make_person("guest", team=stranger_team)
    assert open_questions(guest, two) == []
    assert len(questions(world, two)) == 1


def test_vectors_of_two_encoders_are_never_compared(world: World):
    anna = make_character(world.title)
    add_tracks(world.video, anna, person=1, count=6)
    other = add_lookalike(world.video, of=1)
    assert questions(world)
    FaceTrack.objects.filter(character=other).update(encoder="face_vectors_facenet")
    assert questions(world) == []


def test_the_same_doubts_are_found_again_without_reading_any_vector(world: World):
    anna = make_character(world.title)
    add_tracks(world.video, anna, person=1, count=6)
    add_lookalike(world.video, of=1)
    first = open_doubts(world.editor, world.title)
    with CaptureQueriesContext(connection) as queries:
        assert open_doubts(world.editor, world.title) == first
    assert not any("vector_send" in each["sql"] for each in queries)
    FaceTrack.objects.filter(character=anna).update(vector=person_vector(50))
    assert open_doubts(world.editor, world.title) != first, "a vector that changed is seen"


def test_the_questions_page_counts_skips_and_ends(client: Client, world: World):
    anna = make_character(world.title)
    add_tracks(world.video, anna, person=1, count=6)
    add_lookalike(world.video, of=1)
    (asked,) = questions(world)
    path = reverse("people-questions", args=[world.title.pk])
    assert "4 of 4" in client.get(f"{path}?done=3").content.decode()
    content = client.get(f"{path}?skip={asked.key}").content.decode()
    assert "That is all but what you skipped" in content
    assert "Nothing to ask" not in content
    for odd in ("?done=x&skip=,,a,'", "?first=characters-1-1&last=x", f"?done={'9' * 30}"):
        assert client.get(path + odd).status_code == 200
    Character.objects.all().delete()
    assert "Nothing to ask" in client.get(path).content.decode()


def test_answering_without_a_script_leads_to_the_next_question_and_undo_back(client: Client, world: World):
    anna = make_character(world.title)
    add_tracks(world.video, anna, person=1, count=6)
    add_lookalike(world.video, of=1)
    path = reverse("people-questions", args=[world.title.pk])
    page = client.get(path).content.decode()
    form = page[page.index("data-answers") : page.index("data-undo-form")]
    fields = {name: value.replace("&amp;", "&") for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)}
    answered = client.post(reverse("people-do", args=[world.title.pk]), fields | {"action": "different"}, follow=True)
    content = answered.content.decode()
    assert "That is all" in content and "You answered 1 question" in content
    back = re.search(r'name="next" value="([^"]*)"', content[content.index("data-undo-form") :])[1]
    undo = reverse("people-undo", args=[world.title.pk])
    again = client.post(undo, {"next": back.replace("&amp;", "&")}, follow=True).content.decode()
    assert "1 of 1" in again


def test_questions_ask_the_database_as_often_for_few_people_as_for_many(client: Client, world: World):
    anna = make_character(world.title)
    add_tracks(world.video, anna, person=1, count=6)
    add_lookalike(world.video, of=1)
    path = reverse("people-questions", args=[world.title.pk])
    few = queries_of(client, path)
    for person in range(2, 12):
        add_tracks(world.video, make_character(world.title), person=person, count=6)
        add_lookalike(world.video, of=person)
    assert len(questions(world)) > 5
    assert_as_many(client, path, few)
