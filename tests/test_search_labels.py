"""What people write about shots is kept, found, taken back and brought back."""

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.urls import reverse

from ava.deletion import delete_titles
from ava.models import Shot, Title, Video, WorkState
from ava.turns import Gone
from search.attribute_examples import InvalidAnswer, ShotSpan, say
from search.film_vectors import text_sources
from search.labels import InvalidLabel, add_label, bring_back, take_back
from search.models import AttributeExample, FilmRenewal, ReelClip, ShotLabel
from search.reels import InvalidReel, add_clips
from tests.world import World, make_person, make_world

JSON = {"Accept": "application/json"}


@pytest.fixture
def world(db) -> World:
    return make_world("labels")


def _add(world: World, text: str, *, start: int = 0, end: int = 10) -> ShotLabel:
    return add_label(world.video, start_frame=start, end_frame=end, text=text, user=world.editor)


def test_a_label_is_found_by_its_words_and_the_film_is_renewed(world):
    label = _add(world, "The  heroine\n finds the key")
    assert label.text == "The heroine finds the key"
    query = SearchQuery("heroine finding keys", search_type="plain", config="english")
    assert list(ShotLabel.objects.filter(words=query)) == [label]
    assert FilmRenewal.objects.get(video=world.video).state == WorkState.QUEUED


def test_the_same_said_twice_is_kept_once_and_again_after_it_was_taken_back(world):
    first = _add(world, "explosion")
    assert _add(world, "explosion").pk == first.pk
    take_back(first)
    assert _add(world, "explosion").pk != first.pk


def test_a_film_that_is_deleted_meanwhile_takes_no_label(world):
    video = Video.objects.get(pk=world.video.pk)
    Video.objects.filter(pk=video.pk).delete()
    with pytest.raises(Gone):
        add_label(video, start_frame=0, end_frame=10, text="too late", user=world.editor)


def test_labels_taken_back_are_kept_and_can_count_again(world):
    label = _add(world, "explosion")
    take_back(label)
    assert not ShotLabel.objects.get(pk=label.pk).stands
    bring_back(label)
    assert ShotLabel.objects.get(pk=label.pk).stands


@pytest.mark.parametrize(
    ("text", "start", "end", "says"),
    [("", 0, 10, "one word"), ("?!", 0, 10, "one word"), ("x" * 1001, 0, 10, "at most 1,000"),
     ("fine", 10, 10, "frames"), ("fine", 0, 10**9, "frames"), ("fine", -1, 5, "frames")],
)  # fmt: skip
def test_what_is_no_label_is_refused_in_a_sentence(world, text, start, end, says):
    with pytest.raises(InvalidLabel, match=says):
        _add(world, text, start=start, end=end)


def test_labels_are_bound_to_frames_and_count_for_every_shot_they_reach_into(world):
    Shot.objects.filter(video=world.video).update(provisional=False)
    world.shot_label.delete()
    world.dialogue_line.delete()
    _add(world, "a storm", start=10, end=20)
    description = world.shot_description
    description.start_frame, description.end_frame = 0, 15
    description.save()
    (source,) = text_sources(world.video)
    assert source.texts == (description.text, "a storm")
    description.end_frame = 10
    description.save()
    assert text_sources(world.video)[0].texts == (description.text,)


def _address(world: World) -> str:
    return reverse("label-add", args=[world.video.pk])


def test_editors_label_shots_from_a_plain_form_and_come_back(world, client):
    client.force_login(world.editor)
    form = {"start_frame": "0", "end_frame": "25", "text": "first light", "next": "/search/?q=light"}
    answer = client.post(_address(world), form)
    assert (answer.status_code, answer["Location"]) == (302, "/search/?q=light")
    assert ShotLabel.objects.filter(text="first light", user=world.editor).count() == 1
    page = client.get(reverse("dialogue-upload", args=[world.video.pk])).text
    assert "first light" in page and "Take back “first light”" in page


def test_whoever_wrote_a_label_takes_it_back_and_so_do_administrators_but_no_one_else(world, client):
    label = _add(world, "mine")
    address = reverse("label-take-back", args=[world.video.pk, label.pk])
    colleague = make_person("colleague-labels", team=world.team)
    tries = [(world.reviewer, 403, True), (colleague, 403, True), (world.editor, 200, False)]
    for person, status, stands in [*tries, (world.administrator, 200, True)]:
        client.force_login(person)
        data = {"back": "1"} if person == world.administrator else {}
        assert client.post(address, data, headers=JSON).status_code == status
        assert ShotLabel.objects.get(pk=label.pk).stands is stands


def test_outsiders_find_neither_film_nor_label(world, client):
    other = make_world("others")
    client.force_login(other.editor)
    form = {"start_frame": "0", "end_frame": "5", "text": "spy"}
    assert client.post(_address(world), form).status_code == 404
    there = reverse("label-take-back", args=[other.video.pk, world.shot_label.pk])  # a label of another film
    assert client.post(there).status_code == 404 and ShotLabel.objects.get(pk=world.shot_label.pk).stands
    assert client.post(f"/api/shot-labels/{world.shot_label.pk}/take-back/").status_code == 404


@pytest.mark.parametrize("frame", ["", "x", "-1", "1.5", "9" * 30, "\0", "٣"])
def test_malformed_frames_are_refused_with_400(world, client, frame):
    client.force_login(world.editor)
    answer = client.post(_address(world), {"start_frame": frame, "end_frame": "5", "text": "hm"}, headers=JSON)
    assert answer.status_code == 400 and answer.json()["detail"].endswith(".")


def test_nul_bytes_and_other_scripts_are_kept_as_text(world):
    assert _add(world, "nul\0byte").text == "nul byte"
    assert _add(world, "夜明け").text == "夜明け"


def test_the_api_writes_lists_and_takes_back(world, client):
    client.force_login(world.editor)
    given = {"video": world.video.pk, "start_frame": 1, "end_frame": 9, "text": "a bell"}
    made = client.post("/api/shot-labels/", given, content_type="application/json")
    assert made.status_code == 201
    taken = client.post(f"/api/shot-labels/{made.json()['id']}/take-back/")
    assert taken.status_code == 200 and taken.json()["stands"] is False
    listed = client.get("/api/shot-labels/", {"video": world.video.pk, "stands": "false"}).json()["results"]
    assert [each["text"] for each in listed] == ["a bell"]
    assert client.post(f"/api/shot-labels/{made.json()['id']}/bring-back/").json()["stands"] is True
    bad = client.post("/api/shot-labels/", given | {"end_frame": 2**40}, content_type="application/json")
    assert bad.status_code == 400


@pytest.mark.django_db(transaction=True)
def test_a_title_can_be_deleted_while_people_label_teach_and_collect_its_film(hints):
    world = make_world("leaving")
    gate, failures = Barrier(4), []

    def again_and_again(act: Callable[[int], object]) -> None:
        try:
            gate.wait(10)
            for number in range(40):
                act(number)
        except (Gone, InvalidAnswer, InvalidReel):
            pass  # said in a sentence
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    video, editor = world.video, world.editor
    acts = (
        lambda number: _add(world, f"label {number}"),
        lambda _: say(world.attribute, [ShotSpan(video.pk, 0, 10)], has_it=True, user=editor),
        lambda _: add_clips(world.reel, [(video.pk, 0, 9)], user=editor),
    )
    threads = [Thread(target=again_and_again, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    gate.wait(10)
    delete_titles(Title.objects.filter(pk=world.title.pk))
    for thread in threads:
        thread.join(30)
    assert failures == []
    assert not any(model.objects.exists() for model in (Video, ShotLabel, AttributeExample, ReelClip, FilmRenewal))
