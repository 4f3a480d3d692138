"""Finding what is said in a film, word for word, in any script."""

import pytest

from ava.models import Team, Title, User, Video
from search.engine import search
from search.models import DialogueLine
from search.query import read_query
from search.word_vectors import words_of
from tests.search_world import make_description
from tests.world import make_film, make_person

pytestmark = pytest.mark.django_db

LINES = (
    (110, "Merry Christmas, everybody!"),
    (210, "Christmas is over. Be merry."),
    (310, "再见，世界和平"),
    (410, "Ты где? Взрыв!"),
    (510, "To be or not to be."),
    (610, "สวัสดีครับ"),
    (710, "Don’t go, Zoë"),
)


@pytest.fixture
def film() -> Video:
    title = Title.objects.create(name="Film")
    title.teams.add(Team.objects.create(name="Team"))
    film = make_film(title, frame_count=1000)
    for start in range(0, 1000, 100):
        make_description(film, "Static camera.", start=start, end=start + 100, duration_s=4.0)
    for start, text in LINES:
        DialogueLine.objects.create(
            video=film, source="uploaded", start_frame=start, end_frame=start + 40, text=text, words=words_of(text)
        )
    return film


@pytest.fixture
def user(film: Video) -> User:
    return make_person("editor", team=film.title.teams.get())


def found(user: User, **asked: str) -> list[tuple[int, list[str]]]:
    """First frames of hits, and what was marked in their first reason of dialogue."""
    told = []
    for hit in search(read_query(asked), user=user).hits:
        reason = next(reason for reason in hit.reasons if reason.source == "dialogue")
        told.append((hit.start_frame, [reason.text[start:end] for start, end in reason.marks]))
    return told


def test_a_phrase_is_found_as_it_is_said_and_marked_whole(user: User) -> None:
    assert found(user, q='"merry christmas"') == [(100, ["Merry Christmas"])]


def test_words_are_found_in_any_order_and_each_is_marked(user: User) -> None:
    assert dict(found(user, q="merry christmas")) == {100: ["Merry", "Christmas"], 200: ["Christmas", "merry"]}


def test_the_reason_tells_the_whole_line_and_where_it_is_said(user: User) -> None:
    reason = search(read_query({"q": "everybody"}), user=user).hits[0].reasons[0]
    assert (reason.source, reason.text, reason.frame) == ("dialogue", "Merry Christmas, everybody!", 110)


def test_phrases_of_little_words_are_found(user: User) -> None:
    assert found(user, q='"to be or not to be"') == [(500, ["To be or not to be"])]


@pytest.mark.parametrize(
    ("typed", "start", "marked"),
    [
        ("世界", 300, ["世界"]), ("平", 300, ["平"]), ('"世界和平"', 300, ["世界和平"]), ("взрыв", 400, ["Взрыв"]),
        ("สวัสดี", 600, ["สวัสดี"]), ("don't", 700, ["Don’t"]), ("zoë", 700, ["Zoë"]),
    ],
)  # fmt: skip
def test_other_scripts_are_found_without_spaces_and_in_any_case(
    user: User, typed: str, start: int, marked: list[str]
) -> None:
    assert found(user, q=typed) == [(start, marked)]


def test_a_filter_by_dialogue_leaves_the_shots_in_which_it_is_said(user: User) -> None:
    hits = search(read_query({"dialogue": "christmas is over"}), user=user).hits
    assert [hit.start_frame for hit in hits] == [200]


def test_lines_of_a_film_whose_shots_are_not_described_stand_for_themselves(user: User, film: Video) -> None:
    film.shot_descriptions.all().delete()
    hit = search(read_query({"q": "everybody"}), user=user).hits[0]
    assert (hit.start_frame, hit.end_frame) == (110, 150)
