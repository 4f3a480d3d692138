"""Searches that people keep: saved, renamed, deleted, run again when films come in, and telling once what is new."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from ava.models import Membership, Title, Video
from search.labels import add_label
from search.models import SavedSearch, ShotDescription
from search.saved_search_tasks import tell_saved_searches as task
from search.saved_searches import (
    InvalidSearch,
    count_new,
    film_became_searchable,
    new_matches,
    rename_search,
    save_search,
    saved_with_news,
    tell_saved_searches,
)
from tests.search_world import make_description
from tests.world import World, make_film, make_person, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    made = make_world("home")
    SavedSearch.objects.all().delete()
    ShotDescription.objects.all().delete()
    make_description(made.video, "A red boat.", start=0, end=50, colours=["red"])
    return made


@pytest.fixture
def client(world: World) -> Client:
    client = Client()
    client.force_login(world.editor)
    return client


def red_film(title: Title, *starts: int, name: str = "new.mp4") -> Video:
    """A film that comes in with a red shot at each start and a green one at its end."""
    video = make_film(title, name=name)
    for start in starts:
        make_description(video, "Something red.", start=start, end=start + 20, colours=["red"])
    make_description(video, "A meadow.", start=80, end=100, colours=["green"])
    return video


def save(client: Client, **fields: str) -> Any:
    return client.post(reverse("saved-search-save"), fields, headers={"Accept": "application/json"})


def test_what_a_search_finds_when_it_is_kept_is_not_new(world: World) -> None:
    saved = save_search(world.editor, name="Red", query="colour=red")
    assert saved.matches.count() == 1 and count_new(world.editor) == 0
    assert tell_saved_searches(world.video) == 0 and count_new(world.editor) == 0


def test_what_was_only_nearest_when_a_search_was_kept_is_told_once_it_matches(world: World) -> None:
    save_search(world.editor, name="Giraffe", query="q=red+giraffe")
    assert tell_saved_searches(world.video) == 0, "a red boat shares a word with it"
    add_label(world.video, start_frame=0, end_frame=50, text="a red giraffe", user=world.editor)
    assert tell_saved_searches(world.video) == 1 and tell_saved_searches(world.video) == 0


def test_a_name_that_is_taken_in_the_same_moment_overwrites_no_other_search(world: World, monkeypatch) -> None:
    red = save_search(world.editor, name="Red", query="colour=red")
    green = save_search(world.editor, name="Green", query="colour=green")
    nothing, real = SavedSearch.objects.none(), SavedSearch.objects.filter
    monkeypatch.setattr(SavedSearch.objects, "filter", lambda **by: nothing if "name__iexact" in by else real(**by))
    with pytest.raises(InvalidSearch, match="under that name already"):
        rename_search(green, name="Red")
    red.refresh_from_db()
    assert red.query == "colour=red" and SavedSearch.objects.get(pk=green.pk).name == "Green"


def test_a_film_that_comes_in_is_told_once_of_each_match(world: World) -> None:
    saved = save_search(world.editor, name="Red", query="colour=red")
    film = red_film(world.title, 0, 40)
    assert tell_saved_searches(film) == 2
    assert tell_saved_searches(film) == 0
    found = new_matches(world.editor).values_list("search", "video", "start_frame")
    assert sorted(found) == [(saved.pk, film.pk, 0), (saved.pk, film.pk, 40)]


def test_a_shot_that_another_analysis_begins_a_little_elsewhere_is_not_told_again(world: World) -> None:
    save_search(world.editor, name="Red", query="colour=red")
    film = red_film(world.title, 40)
    tell_saved_searches(film)
    ShotDescription.objects.filter(video=film, start_frame=40).update(start_frame=35)
    assert tell_saved_searches(film) == 0
    ShotDescription.objects.filter(video=film, start_frame=35).update(start_frame=10)
    assert tell_saved_searches(film) == 1


def test_the_task_of_a_film_that_became_searchable_tells_everybody_who_sees_it(
    world: World, hints: list[tuple[Any, ...]], django_capture_on_commit_callbacks: Any
) -> None:
    theirs = make_world("theirs")
    SavedSearch.objects.all().delete()
    for person in (world.editor, world.reviewer, theirs.editor):
        save_search(person, name="Red", query="colour=red")
    film = red_film(world.title, 0)
    with django_capture_on_commit_callbacks(execute=True):
        film_became_searchable(film)
    assert hints == [("search.tasks.tell_saved_searches", film.pk)]
    task(film.pk)
    assert [count_new(each) for each in (world.editor, world.reviewer, theirs.editor)] == [1, 1, 0]
    task(10**9)


def test_a_search_of_chosen_titles_is_not_told_of_others(world: World) -> None:
    save_search(world.editor, name="Red", query=f"colour=red&title={world.title.pk}")
    other = Title.objects.create(name="other")
    other.teams.add(world.team)
    assert tell_saved_searches(red_film(other, 0)) == 0


def test_who_leaves_the_team_is_told_nothing_more(world: World, client: Client) -> None:
    save_search(world.editor, name="Red", query="colour=red")
    tell_saved_searches(red_film(world.title, 0))
    assert count_new(world.editor) == 1
    Membership.objects.filter(user=world.editor).delete()
    assert count_new(world.editor) == 0 and saved_with_news(world.editor)[0][1] == 0
    assert 'class="badge">1' not in client.get(reverse("saved-searches")).content.decode()
    assert tell_saved_searches(red_film(world.title, 0, name="later.mp4")) == 0


def test_whoever_runs_a_search_sees_what_is_new_and_it_is_told_no_more(client: Client, world: World) -> None:
    saved = save_search(world.editor, name="Red", query="colour=red")
    film = red_film(world.title, 0)
    tell_saved_searches(film)
    assert ">1<span" in client.get(reverse("titles")).content.decode()
    ran = client.get(reverse("saved-search", args=[saved.pk]))
    cards = client.get(ran.headers["Location"]).context["page"].cards
    assert {(card.video.pk, card.start_frame): card.is_new for card in cards} == {
        (world.video.pk, 0): False, (film.pk, 0): True,
    }  # fmt: skip
    assert count_new(world.editor) == 0
    again = client.get(reverse("saved-search", args=[saved.pk])).headers["Location"]
    assert not any(card.is_new for card in client.get(again).context["page"].cards)


def test_a_search_is_kept_renamed_deleted_and_brought_back(client: Client, world: World) -> None:
    assert save(client, name=" Red  things ", query="?colour=red&q=").status_code == 302
    saved = SavedSearch.objects.get()
    assert (saved.name, saved.query, saved.user) == ("Red things", "colour=red", world.editor)
    client.post(reverse("saved-search-rename", args=[saved.pk]), {"name": "Reds"})
    client.post(reverse("saved-search-delete", args=[saved.pk]))
    assert not SavedSearch.objects.exists()
    assert "Bring it back" in client.get(reverse("saved-searches")).content.decode()
    save(client, name="Reds", query="colour=red")
    assert SavedSearch.objects.get().name == "Reds"
    assert "Bring it back" not in client.get(reverse("saved-searches")).content.decode()


def test_the_same_name_is_kept_once_and_taken_names_are_refused(world: World) -> None:
    first = save_search(world.editor, name="Red", query="colour=red")
    assert save_search(world.editor, name="red", query="colour=green").pk == first.pk
    other = save_search(world.editor, name="Blue", query="colour=blue")
    with pytest.raises(InvalidSearch, match="another search under that name"):
        rename_search(other, name="RED")
    save_search(world.reviewer, name="Red", query="colour=red")


@pytest.mark.parametrize(
    ("name", "query"),
    [("", "colour=red"), ("\0", "colour=red"), ("x" * 81, "colour=red"), ("x", ""), ("x", "title=1"), ("x", "min_s=x"),
     ("x", "q=%00"), ("x", f"like=upload:{'0' * 32}"), ("x", "character=" + "&character=".join("abcdefghijkl" * 180))],
)  # fmt: skip
def test_what_cannot_be_looked_for_again_is_refused(name: str, query: str, client: Client) -> None:
    answer = save(client, name=name, query=query)
    assert answer.status_code == 400 and answer.json()["detail"].endswith(".")
    assert not SavedSearch.objects.exists()


def test_a_colleagues_search_is_nobody_elses(client: Client, world: World) -> None:
    theirs = save_search(world.reviewer, name="Red", query="colour=red")
    for name in ("saved-search-rename", "saved-search-delete"):
        assert client.post(reverse(name, args=[theirs.pk]), {"name": "x"}).status_code == 404
    assert client.get(reverse("saved-search", args=[theirs.pk])).status_code == 404
    page = client.get(f"{reverse('search')}?colour=red&saved={theirs.pk}&new=1").context["page"]
    assert page.saved_open is None and not any(card.is_new for card in page.cards)


def test_the_api_keeps_lists_renames_tells_and_deletes(world: World) -> None:
    api = APIClient()
    api.force_authenticate(world.editor)
    made = api.post("/api/saved-searches/", {"name": "Red", "query": "colour=red"}, format="json")
    assert made.status_code == 201 and made.json()["new"] == 0
    film = red_film(world.title, 0)
    tell_saved_searches(film)
    address = f"/api/saved-searches/{made.json()['id']}/"
    assert api.get(address).json()["new"] == 1
    assert [(each["video"], each["start_frame"]) for each in api.get(f"{address}news/").json()] == [(film.pk, 0)]
    assert api.post(f"{address}rename/", {"name": "Reds"}, format="json").json()["name"] == "Reds"
    assert api.post("/api/saved-searches/", {"name": "x", "query": "min_s=x"}, format="json").status_code == 400
    stranger = APIClient()
    stranger.force_authenticate(make_person("stranger"))
    assert stranger.get(address).status_code == 404
    assert api.delete(address).status_code == 204 and api.get(address).status_code == 404
