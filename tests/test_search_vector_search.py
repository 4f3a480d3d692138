"""The nearest vectors, in Postgres exactly and through an index, beside the slow and obvious way."""

import numpy as np
import pytest
from django.db import connection

from ava.models import Team, Title, User, Video
from search import index_choice
from search.embed.exact import exact_top
from search.index_choice import Index, has_index, renew_indexes, search_breadth, uses_index, wants_index
from search.models import Encoder, ShotVector
from search.query import Query
from search.search_scope import Scope, read_scope
from search.shot_lookup import Span
from search.vector_search import nearest_shots, vector_of_shot
from tests.search_world import make_encoder
from tests.world import make_film, make_person

SHOTS, DIMENSION = 600, 16


@pytest.fixture
def user() -> User:
    return make_person("editor", team=Team.objects.create(name="Team"))


@pytest.fixture
def films(user: User) -> list[Video]:
    found = []
    for number in range(3):
        title = Title.objects.create(name=f"Film {number}")
        title.teams.add(user.teams.get())
        found.append(make_film(title, name=f"{number}.mp4"))
    return found


@pytest.fixture
def encoder(films: list[Video]) -> Encoder:
    """An encoder with 600 vectors, in turns of three films."""
    encoder = make_encoder("vectors", dimension=DIMENSION)
    ShotVector.objects.bulk_create(
        ShotVector(
            encoder=encoder, video=films[place % 3], start_frame=place, end_frame=place + 1, vector=vector, made_from=""
        )
        for place, vector in enumerate(vectors())
    )  # fmt: skip
    return encoder


def vectors() -> np.ndarray:
    drawn = np.random.default_rng(3).standard_normal((SHOTS, DIMENSION)).astype(np.float32)
    return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float16).astype(np.float32)


WANTED = np.random.default_rng(4).standard_normal((5, DIMENSION)).astype(np.float16).astype(np.float32)


def everywhere(user: User) -> Scope:
    return read_scope(Query(text="x"), user=user)


@pytest.mark.django_db
def test_postgres_and_the_oracle_agree(user: User, encoder: Encoder) -> None:
    for wanted in WANTED:
        found = nearest_shots(encoder, wanted, everywhere(user), limit=20)
        expected = exact_top(vectors(), wanted, 20)
        assert [near.shot.start_frame for near in found] == [match.row for match in expected]
        assert [near.cosine for near in found] == pytest.approx([match.cosine for match in expected], abs=1e-5)


@pytest.mark.django_db
def test_only_the_chosen_films_are_searched(user: User, encoder: Encoder, films: list[Video]) -> None:
    scope = read_scope(Query(text="x", titles=(films[1].title_id,)), user=user)
    expected = exact_top(vectors()[1::3], WANTED[0], 10)
    found = nearest_shots(encoder, WANTED[0], scope, limit=10)
    assert [near.shot.start_frame for near in found] == [3 * match.row + 1 for match in expected]


@pytest.mark.django_db
def test_vectors_of_other_encoders_are_never_mixed_in(user: User, encoder: Encoder, films: list[Video]) -> None:
    other = make_encoder("another", dimension=4)
    ShotVector.objects.create(
        encoder=other, video=films[0], start_frame=0, end_frame=9, vector=np.eye(4)[0], made_from=""
    )
    assert len(nearest_shots(encoder, WANTED[0], everywhere(user), limit=1000)) == SHOTS
    assert [near.shot for near in nearest_shots(other, np.eye(4)[0], everywhere(user), limit=9)] == [
        Span(films[0].pk, 0, 9)
    ]


@pytest.mark.django_db
def test_the_vector_of_the_shot_around_a_frame_is_found(encoder: Encoder, films: list[Video]) -> None:
    found = vector_of_shot(encoder, films[1].pk, frame=4)
    assert found is not None
    span, vector = found
    assert span == Span(films[1].pk, 4, 5)
    assert vector == pytest.approx(vectors()[4])
    assert vector_of_shot(encoder, films[1].pk, frame=5) is None


@pytest.mark.django_db
def test_an_index_is_wanted_by_size_with_room_between_building_and_dropping(
    encoder: Encoder, settings, monkeypatch
) -> None:
    settings.AVA_VECTOR_SEARCH = "auto"
    whole, begun = Index(is_whole=True, vectors=SHOTS), Index(is_whole=False, vectors=0)
    cases = ((SHOTS, None, False), (SHOTS - 1, None, True), (SHOTS + 1, whole, True), (SHOTS + 1, begun, False))
    for most, index, wanted in cases:
        monkeypatch.setattr(index_choice, "MOST_EXACT_VALUES", most * DIMENSION)
        monkeypatch.setattr(index_choice, "_read_index", lambda _, index=index: index)
        assert wants_index(encoder) is wanted
    monkeypatch.setattr(index_choice, "MOST_EXACT_VALUES", 3 * SHOTS * DIMENSION)
    assert not wants_index(encoder)


@pytest.mark.django_db
def test_larger_indexes_are_looked_through_more_broadly(encoder: Encoder, monkeypatch) -> None:
    breadths = []
    for count in (0, 100_000, 550_000, 1_000_000, 5_000_000):
        monkeypatch.setattr(index_choice, "_known_index", lambda _, count=count: Index(is_whole=True, vectors=count))
        breadths.append(search_breadth(encoder))
    assert breadths == [400, 400, 700, 1000, 1000]
    monkeypatch.setattr(index_choice, "_known_index", lambda _: None)
    assert search_breadth(encoder) == 400


@pytest.mark.django_db(transaction=True)
def test_the_index_is_built_used_and_dropped_by_one_switch(
    user: User, encoder: Encoder, films: list[Video], settings
) -> None:
    settings.AVA_VECTOR_SEARCH = "hnsw"
    assert [each.split(" was ")[1][:5] for each in renew_indexes()] == ["built"]
    assert has_index(encoder)
    assert renew_indexes() == []
    exact = [[match.row for match in exact_top(vectors(), wanted, 10)] for wanted in WANTED]
    for scope in (everywhere(user), read_scope(Query(text="x", titles=(films[1].title_id,)), user=user)):
        found = nearest_shots(encoder, WANTED[0], scope, limit=10)
        assert len(found) == 10
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("search.vector_search.MOST_FILTERED_EXACT", 10)
        for wanted, rows in zip(WANTED, exact, strict=True):
            found = nearest_shots(encoder, wanted, everywhere(user), limit=10)
            assert len({near.shot.start_frame for near in found} & set(rows)) >= 9
            assert [near.cosine for near in found] == sorted((near.cosine for near in found), reverse=True)
    settings.AVA_VECTOR_SEARCH = "exact"
    assert not uses_index(encoder)
    assert [each.split(" was ")[1][:7] for each in renew_indexes()] == ["dropped"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'shot_vector_hnsw%%'")
        assert cursor.fetchone() == (0,)
