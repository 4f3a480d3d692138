"""Who is who in a film: what people said holds, keys stay, and running it again changes nothing."""

import random

import numpy as np
import pytest

from ava.annotate.face_encoders import RESNET
from curation.people.collect import FilmPeople
from curation.people.recognise import recognise
from tests.made_films import LOOKS, SHOT_FRAMES, claim, know, know_from_elsewhere, make_film, remember

SHOTS = [[0], [1], [0, 1], [0], [2], [1], [0], [2, 0], [1]]
WHO = [0, 1, 0, 1, 0, 2, 1, 0, 2, 0, 1]
"""Person of each track."""


def track_at(shot: int, place: int = 0) -> int:
    return sum(len(people) for people in SHOTS[:shot]) + place


def keys_of(result) -> list[int | None]:
    """The key of each track; "new 0" and so on for new characters, None for nobody."""
    names = [f"new {place}" if key is None else key for place, key in enumerate(result.characters)]
    return [names[person] if person >= 0 else None for person in result.person.tolist()]


def test_people_of_a_film_are_told_apart_without_anything_being_known():
    result = recognise(make_film(SHOTS), encoder=RESNET)
    assert result.characters == (None, None, None)
    assert result.person.tolist() == WHO
    assert (result.confidence > 0.9).all()
    assert result.is_face.all() and not result.is_said.any()


def test_running_it_again_on_its_own_result_changes_nothing():
    film = make_film(SHOTS, spread_unit=0.9)
    claims = [claim("is", shot=0, character=10), claim("is_not", shot=4, character=10)]
    first = recognise(film, encoder=RESNET, known=know(10), claims=claims)
    keys = [100 + place if key is None else key for place, key in enumerate(first.characters)]
    known = know(*keys, is_kept=True)
    memory = remember(first, keys)
    for _ in range(3):
        again = recognise(film, encoder=RESNET, known=known, claims=claims, memory=memory)
        assert list(again.characters) == keys
        assert again.person.tolist() == first.person.tolist()
        known, memory = know(*keys), remember(again, keys)


def test_keys_stay_with_most_of_their_memory_and_the_order_of_the_known_does_not_matter():
    film = make_film(SHOTS)
    first = recognise(film, encoder=RESNET)
    memory = remember(first, [31, 12, 77])
    known = know(12, 31, 77, 5)
    for seed in range(4):
        random.Random(seed).shuffle(known)
        again = recognise(film, encoder=RESNET, known=known, memory=memory)
        assert again.characters == (31, 12, 77)
        assert again.person.tolist() == WHO


def test_what_people_claim_holds_and_the_later_claim_wins():
    film = make_film(SHOTS)
    claims = [
        claim("is", shot=0, character=8), claim("is", shot=0, character=9),
        claim("not_face", shot=4), claim("is", shot=5, character=8), claim("not_face", shot=5),
        claim("not_face", shot=6), claim("is", shot=6, character=8),
    ]  # fmt: skip
    result = recognise(film, encoder=RESNET, known=know(8, 9), claims=claims)
    keys = keys_of(result)
    assert keys[track_at(0)] == 9
    assert keys[track_at(4)] is None and not result.is_face[track_at(4)]
    assert keys[track_at(5)] is None and not result.is_face[track_at(5)]
    assert keys[track_at(6)] == 8
    assert result.is_said[[track_at(0), track_at(4), track_at(6)]].all()
    assert result.confidence[track_at(6)] == 1
    assert np.isnan(result.confidence[track_at(4)])


def test_a_claim_pulls_the_like_along_and_is_not_pushes_a_track_out():
    film = make_film(SHOTS)
    pulled = recognise(film, encoder=RESNET, known=know(8), claims=[claim("is", shot=0, character=8)])
    assert keys_of(pulled) == [8 if who == 0 else f"new {who}" for who in WHO]
    refused = recognise(
        film, encoder=RESNET, known=know(8, is_kept=True), memory=remember(pulled, [8, 1, 2]),
        claims=[claim("is_not", shot=3, character=8)],
    )  # fmt: skip
    mine = [track for track, key in enumerate(keys_of(refused)) if key == 8]
    assert mine == [track for track, who in enumerate(WHO) if who == 0 and track != track_at(3)]


def test_two_claimed_characters_are_never_joined_though_they_look_the_same():
    claims = [claim("is", shot=0, character=8), claim("is", shot=3, character=9)]
    keys = keys_of(recognise(make_film(SHOTS), encoder=RESNET, known=know(8, 9), claims=claims))
    assert (keys[track_at(0)], keys[track_at(3)]) == (8, 9)


def test_characters_declared_different_are_not_joined():
    film = make_film([[0], [0], [0], [0]])
    memory = remember(recognise(make_film([[0], [1], [0], [1]]), encoder=RESNET), [8, 9])
    joined = recognise(film, encoder=RESNET, known=know(8, 9), memory=memory)
    assert set(keys_of(joined)) == {8} or set(keys_of(joined)) == {9}
    apart = recognise(film, encoder=RESNET, known=know(8, 9), memory=memory, different=frozenset({(8, 9)}))
    assert keys_of(apart) == [8, 9, 8, 9]


def test_a_kept_character_keeps_what_it_had_even_where_vectors_disagree():
    film = make_film(SHOTS)
    told = recognise(
        film, encoder=RESNET, known=know(8), claims=[claim("is", shot=0, character=8), claim("is", shot=4, character=8)]
    )
    memory = remember(told, [8, 1, 2, 3])
    again = recognise(film, encoder=RESNET, known=know(8, is_kept=True), memory=memory)
    assert keys_of(again)[track_at(0)] == keys_of(again)[track_at(4)] == 8


def test_a_locked_character_gets_nothing_more_and_loses_nothing():
    whole = make_film(SHOTS)
    first = recognise(make_film(SHOTS[:4]), encoder=RESNET)
    known = know(8, is_locked=True)
    result = recognise(whole, encoder=RESNET, known=known, memory=remember(first, [8, 9]))
    mine = [track for track, key in enumerate(keys_of(result)) if key == 8]
    assert mine == [track for track in range(5) if WHO[track] == 0]


def test_known_characters_of_other_films_attract_their_like_and_nobody_else():
    known = [know_from_elsewhere(40, 0), know_from_elsewhere(41, 7)]
    result = recognise(make_film(SHOTS), encoder=RESNET, known=known)
    assert keys_of(result) == [40 if who == 0 else f"new {who}" for who in WHO]
    assert 41 not in result.characters


def test_a_film_analysed_again_keeps_its_keys_after_an_episode_was_added():
    film = make_film(SHOTS)
    memory = remember(recognise(film, encoder=RESNET), [50, 51, 52])
    known = [know_from_elsewhere(50, 0), know_from_elsewhere(51, 9), *know(52)]
    assert recognise(film, encoder=RESNET, known=known, memory=memory).characters == (50, 51, 52)


def test_a_track_with_two_claimed_people_is_cut_half_way_between_the_claims():
    film = make_film(SHOTS)
    claims = [claim("is", shot=0, look=0, character=8), claim("is", shot=0, look=3, character=9)]
    result = recognise(film, encoder=RESNET, known=know(8, 9), claims=claims)
    assert len(result.people.tracks) == len(film.tracks) + 1
    one, other = result.people.tracks[:2]
    assert (one.start_frame, one.end_frame, other.start_frame, other.end_frame) == (0, 24, 24, SHOT_FRAMES)
    assert keys_of(result)[:2] == [8, 9]
    assert [(result.people.faces.track == track).sum() for track in (0, 1)] == [2, 2]


def test_one_face_moved_out_of_a_track_leaves_the_others_to_whom_they_were():
    film = make_film(SHOTS)
    claims = [
        claim("is", shot=0, look=look, character=9) if look == 2 else claim("is_not", shot=0, look=look, character=9)
        for look in range(LOOKS)
    ]
    result = recognise(film, encoder=RESNET, known=know(9), claims=claims)
    pieces = [place for place, track in enumerate(result.people.tracks) if track.shot == 0]
    keys = keys_of(result)
    assert [keys[piece] == 9 for piece in pieces] == [False, True, False]
    assert keys[pieces[0]] == keys[pieces[2]]


def test_claims_and_memory_hold_when_other_frames_are_looked_at_in_the_next_analysis():
    film = make_film(SHOTS)
    memory = remember(recognise(film, encoder=RESNET), [60, 61, 62])
    faces = film.faces._replace(frame_index=film.faces.frame_index + 3)
    moved = FilmPeople(faces, film.tracks)
    result = recognise(
        moved, encoder=RESNET, known=know(60, 61, 62, 63), memory=memory, claims=[claim("is", shot=4, character=63)]
    )
    assert keys_of(result)[track_at(4)] == 63
    assert {60, 61} <= set(result.characters)


def test_poor_tracks_are_nobody_unless_somebody_says_so():
    film = make_film(SHOTS, quality=0.02)
    assert recognise(film, encoder=RESNET).person.tolist() == [-1] * len(WHO)
    said = recognise(film, encoder=RESNET, known=know(8), claims=[claim("is", shot=0, character=8)])
    assert keys_of(said) == [8] + [None] * (len(WHO) - 1)


def test_two_in_one_frame_are_two_people_though_a_mirror_shows_the_same():
    result = recognise(make_film([[0, 0], [0], [0, 0]]), encoder=RESNET)
    keys = keys_of(result)
    assert keys[0] != keys[1] and keys[3] != keys[4]
    assert len(result.characters) == 2
    # Being seen together settles who is not who, so that likeness casts no doubt on either.
    assert (recognise(make_film([[0, 0]]), encoder=RESNET).confidence > 0.9).all()


@pytest.mark.filterwarnings("error")
def test_nothing_at_all_and_nonsense_give_defined_results():
    empty = recognise(make_film([]), encoder=RESNET)
    assert empty.characters == () and empty.person.shape == (0,)
    film = make_film(SHOTS)
    blank = FilmPeople(
        film.faces._replace(vectors=film.faces.vectors * np.nan, quality=film.faces.quality * 0), film.tracks
    )
    claims = [
        claim("is", shot=0, character=8), claim("is", shot=99, character=8), claim("is", shot=1, character=404),
        claim("is", shot=2)._replace(box=np.full(4, np.nan, np.float32)), claim("is", shot=3),
    ]  # fmt: skip
    result = recognise(blank, encoder=RESNET, known=know(8), claims=claims)
    assert keys_of(result) == [8] + [None] * (len(WHO) - 1)
