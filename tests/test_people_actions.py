"""What people do to a cast: done at once, told in a sentence, and taken back to exactly what was before."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from django.db import connections

from ava.annotate.face_encoders import RESNET
from ava.models import Title
from curation import people_actions as act
from curation.models import Character, Difference, Face, FaceClaim, FaceTrack, PeopleAction
from curation.people_actions import Done, InvalidPeopleAction
from curation.people_memory import resolve_merges, standing_claims
from curation.people_undo import undo
from tests.people_world import make_cast, make_character, make_track, person_vector
from tests.world import World, make_film, make_person, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    made = make_world("home")
    PeopleAction.objects.all().delete()
    FaceTrack.objects.all().delete()
    Character.objects.all().delete()
    return made


@pytest.fixture
def cast(world: World) -> list[Character]:
    """Three people in twelve shots, in pairs."""
    return make_cast(world.video, people=3).characters


def state(scope: Title) -> dict[str, Any]:
    """Everything that a person could notice, and that the next analysis respects."""
    shown = Character.objects.filter(scope=scope).order_by("pk")
    tracks = FaceTrack.objects.order_by("pk")
    return {
        "characters": [
            (each.pk, each.number, each.name, each.importance, each.is_locked, each.is_kept, each.merged_into_id)
            for each in shown
            if each.is_kept or each.merged_into_id or each.tracks.exists()
        ],
        "tracks": [
            (
                each.pk, each.character_id, each.given_by, each.confidence, each.is_face, each.start_frame,
                each.end_frame, each.encoder, None if each.vector is None else list(each.vector), each.weight,
                None if each.portrait is None else bytes(each.portrait),
            )
            for each in tracks
        ],
        "faces": list(Face.objects.order_by("pk").values_list("pk", "track", "frame_index")),
        "claims": list(FaceClaim.objects.filter(stands=True).order_by("pk").values_list("pk", flat=True)),
        "differences": list(Difference.objects.filter(stands=True).order_by("pk").values_list("pk", flat=True)),
    }  # fmt: skip


def tracks_of(character: Character) -> list[FaceTrack]:
    return list(character.tracks.order_by("pk"))


def said(tracks: list[FaceTrack] | FaceTrack) -> set[tuple[str, int | None]]:
    """What stands about faces of these tracks."""
    wanted = tracks if isinstance(tracks, list) else [tracks]
    frames = Face.objects.filter(track__in=wanted).values_list("frame_index", "x0")
    claims = FaceClaim.objects.filter(stands=True)
    return {(each.verdict, each.character_id) for each in claims if (each.frame_index, each.x0) in set(frames)}


ACTIONS: dict[str, Callable[[list[Character], Any], Done]] = {
    "name": lambda cast, user: act.name_character(cast[0], name="Anna", user=user),
    "importance": lambda cast, user: act.set_importance(cast[0], importance="main", user=user),
    "lock": lambda cast, user: act.set_locked(cast[0], locked=True, user=user),
    "merge": lambda cast, user: act.merge_characters(cast[0], others=cast[1:], user=user),
    "move": lambda cast, user: act.move_tracks(tracks_of(cast[0])[:2], to=cast[1], user=user),
    "move to a new one": lambda cast, user: act.move_tracks(tracks_of(cast[0])[:2], to=None, user=user),
    "move faces": lambda cast, user: act.move_faces(
        list(tracks_of(cast[0])[0].faces.all()[:1]), to=cast[1], user=user
    ),
    "move faces to a new one": lambda cast, user: act.move_faces(
        list(Face.objects.filter(track__character=cast[0])[:3]), to=None, user=user
    ),
    "split": lambda cast, user: act.split_character(cast[0], tracks=tracks_of(cast[0])[1:3], user=user),
    "not face": lambda cast, user: act.mark_not_faces(tracks_of(cast[0])[:2], user=user),
    "confirm": lambda cast, user: act.confirm_track(tracks_of(cast[0])[0], user=user),
    "refuse": lambda cast, user: act.refuse_track(tracks_of(cast[0])[0], character=cast[0], user=user),
    "different": lambda cast, user: act.declare_different(cast[0], cast[1], user=user),
}


@pytest.mark.parametrize("name", ACTIONS)
def test_every_action_changes_something_says_what_and_is_taken_back_wholly(
    name: str, world: World, cast: list[Character]
) -> None:
    before = state(world.title)
    done = ACTIONS[name](cast, world.editor)
    assert state(world.title) != before
    assert done.action.sentence.endswith(".") and not done.action.sentence[0].islower()
    assert done.action == PeopleAction.objects.latest("id") and done.action.user == world.editor
    taken_back = undo(world.title, user=world.editor)
    assert taken_back is not None and taken_back.undoes == done.action
    assert taken_back.sentence == f"Taken back: {done.action.sentence}"
    assert state(world.title) == before
    assert undo(world.title, user=world.editor) is None


def some_action(rng: random.Random, *, scope: Title, user: Any) -> None:
    """Whatever somebody might do next; what makes no sense at the moment is refused and changes nothing."""
    characters = list(scope.characters.order_by("pk"))
    tracks = list(FaceTrack.objects.order_by("pk"))
    pick, few = rng.choice(characters), rng.sample(tracks, k=rng.randint(1, 4))
    to = rng.choice([None, rng.choice(characters)])
    possible = [
        lambda: act.name_character(pick, name=rng.choice(["", "Anna", "Bea", "Carl"]), user=user),
        lambda: act.set_importance(pick, importance=rng.choice(["", "main", "extra"]), user=user),
        lambda: act.set_locked(pick, locked=rng.random() < 0.5, user=user),
        lambda: act.merge_characters(pick, others=rng.sample(characters, k=2), user=user),
        lambda: act.move_tracks(few, to=to, user=user, spread=rng.random() < 0.5),
        lambda: act.move_faces(rng.sample(list(Face.objects.order_by("pk")), k=rng.randint(1, 5)), to=to, user=user),
        lambda: act.split_character(pick, tracks=tracks_of(pick)[:1], user=user),
        lambda: act.mark_not_faces(few, user=user),
        lambda: act.confirm_track(few[0], user=user),
        lambda: act.refuse_track(few[0], character=pick, user=user),
        lambda: act.declare_different(pick, rng.choice(characters), user=user),
    ]
    before = state(scope)
    try:
        rng.choice(possible)()
    except InvalidPeopleAction:
        assert state(scope) == before


@pytest.mark.parametrize("seed", range(6))
def test_any_sequence_of_actions_undone_one_by_one_ends_at_the_beginning(seed: int, world: World) -> None:
    make_cast(world.video, people=4, shots=8, seed=seed)
    rng = random.Random(seed)
    states = [state(world.title)]
    for _ in range(25):
        actions = PeopleAction.objects.count()
        some_action(rng, scope=world.title, user=world.editor)
        if PeopleAction.objects.count() > actions:
            states.append(state(world.title))
    assert len(states) > 12
    for expected in reversed(states[:-1]):
        assert undo(world.title, user=world.editor) is not None
        assert state(world.title) == expected
    assert undo(world.title, user=world.editor) is None


@pytest.mark.parametrize("seed", range(6))
def test_what_two_people_did_and_took_back_in_any_order_ends_at_the_beginning(seed: int, world: World) -> None:
    """Without cuts: a piece that the other has moved on stays a piece."""
    cast = make_cast(world.video, people=4, shots=8, seed=seed).characters
    Face.objects.exclude(pk__in=Face.objects.order_by("track_id", "pk").distinct("track_id")).delete()
    people = [world.editor, make_person("colleague", team=world.team)]
    rng = random.Random(100 + seed)
    before = state(world.title)
    for _ in range(20):
        some_action(rng, scope=world.title, user=rng.choice(people))
    left = list(people)
    while left:
        user = rng.choice(left)
        if undo(world.title, user=user) is None:
            left.remove(user)
    assert state(world.title) == before
    assert len(cast) == 4


def test_a_name_is_taken_back_to_the_one_before(world: World, cast: list[Character]) -> None:
    act.name_character(cast[0], name="  Anna \n Maria ", user=world.editor)
    done = act.name_character(cast[0], name="Anne", user=world.editor)
    assert done.action.sentence == "Anna Maria is called Anne."
    undo(world.title, user=world.editor)
    cast[0].refresh_from_db()
    assert (cast[0].name, cast[0].is_kept) == ("Anna Maria", True)
    undo(world.title, user=world.editor)
    cast[0].refresh_from_db()
    assert (cast[0].name, cast[0].is_kept) == ("", False)


def test_a_name_that_somebody_has_offers_to_merge_the_two(world: World, cast: list[Character]) -> None:
    act.name_character(cast[0], name="Anna", user=world.editor)
    with pytest.raises(InvalidPeopleAction, match="merge the two if they are one person") as refused:
        act.name_character(cast[1], name="anna", user=world.editor)
    assert refused.value.character == cast[0]
    act.merge_characters(cast[0], others=[cast[1]], user=world.editor)
    act.name_character(cast[0], name="Bea", user=world.editor)
    act.name_character(cast[2], name="Anna", user=world.editor)


@pytest.mark.parametrize("name", ["", "x" * 121, "nul\0", "bell\a"])
def test_what_is_no_name_is_refused_with_a_sentence(name: str, world: World, cast: list[Character]) -> None:
    with pytest.raises(InvalidPeopleAction, match=r"\.$"):
        act.name_character(cast[0], name=name, user=world.editor)
    assert not PeopleAction.objects.exists()


def test_a_merge_moves_everything_and_says_so_of_one_face_of_each_track(world: World, cast: list[Character]) -> None:
    anna, bea, carl = cast
    moved = [*tracks_of(bea), *tracks_of(carl)]
    done = act.merge_characters(anna, others=[bea, carl], user=world.editor)
    assert done.character == anna and done.moved == len(moved)
    assert f"{len(moved)} appearances moved" in done.action.sentence
    assert not FaceTrack.objects.exclude(character=anna).exists()
    assert FaceClaim.objects.filter(verdict="is", character=anna, stands=True).count() == len(moved)
    assert all(said(track) == {("is", anna.pk)} for track in moved)
    assert set(resolve_merges(world.title.characters.all()).values()) == {anna.pk}


def test_merged_chains_lead_to_their_end(world: World, cast: list[Character]) -> None:
    anna, bea, carl = cast
    track = tracks_of(carl)[0]
    act.merge_characters(bea, others=[carl], user=world.editor)
    act.merge_characters(anna, others=[bea], user=world.editor)
    act.name_character(carl, name="Anna", user=world.editor)
    anna.refresh_from_db()
    assert anna.name == "Anna", "a name given to somebody who was merged is the name of who they are now"
    with pytest.raises(InvalidPeopleAction, match="one person already"):
        act.merge_characters(carl, others=[anna, bea], user=world.editor)
    merges = resolve_merges(world.title.characters.all())
    assert {claim.character for claim in standing_claims(world.video, merges=merges)} == {anna.pk}
    for _ in range(3):
        undo(world.title, user=world.editor)
    track.refresh_from_db()
    assert track.character == carl


def test_who_has_no_name_takes_that_of_who_is_merged(world: World, cast: list[Character]) -> None:
    act.name_character(cast[1], name="Bea", user=world.editor)
    act.set_importance(cast[1], importance="main", user=world.editor)
    merged = act.merge_characters(cast[0], others=[cast[1]], user=world.editor).character
    assert (merged.name, merged.importance) == ("Bea", "main")
    undo(world.title, user=world.editor)
    cast[0].refresh_from_db()
    assert (cast[0].name, cast[0].importance, cast[0].is_kept) == ("", "", False)


def test_a_merge_ends_what_said_that_they_are_two_and_its_undo_brings_it_back(
    world: World, cast: list[Character]
) -> None:
    anna, bea, _ = cast
    mine, theirs = tracks_of(anna)[0], tracks_of(bea)[0]
    act.declare_different(anna, bea, user=world.editor)
    act.refuse_track(mine, character=bea, user=world.editor)
    act.refuse_track(theirs, character=anna, user=world.editor)
    with pytest.raises(InvalidPeopleAction, match="different people already"):
        act.declare_different(bea, anna, user=world.editor)
    act.merge_characters(anna, others=[bea], user=world.editor)
    assert not Difference.objects.filter(stands=True).exists()
    assert ("is_not", bea.pk) not in said(mine) and ("is_not", anna.pk) not in said(theirs)
    undo(world.title, user=world.editor)
    assert Difference.objects.filter(stands=True).count() == 1
    assert said(mine) == {("is_not", bea.pk)} and said(theirs) == {("is_not", anna.pk)}


def test_people_seen_in_one_frame_are_merged_when_a_person_says_so(world: World) -> None:
    mirror = [make_character(world.title), make_character(world.title)]
    for place, character in enumerate(mirror):
        make_track(world.video, person=1, character=character, start_frame=0, end_frame=20, x0=100 + 250 * place)
    act.merge_characters(mirror[0], others=[mirror[1]], user=world.editor)
    assert mirror[0].tracks.count() == 2


def test_a_split_makes_two_people_and_is_remembered(world: World, cast: list[Character]) -> None:
    anna = cast[0]
    some = tracks_of(anna)[:3]
    done = act.split_character(anna, tracks=some, user=world.editor)
    assert done.character.number == 4 and tracks_of(done.character) == some
    assert Difference.objects.get(stands=True).first == anna
    assert all(said(track) == {("is", done.character.pk)} for track in some)
    undo(world.title, user=world.editor)
    again = act.split_character(anna, tracks=some, user=world.editor)
    assert again.character.number == 5, "a number is never given twice"


def test_a_split_leaves_somebody_and_takes_nothing_of_others(world: World, cast: list[Character]) -> None:
    with pytest.raises(InvalidPeopleAction, match="at least one"):
        act.split_character(cast[0], tracks=tracks_of(cast[0]), user=world.editor)
    with pytest.raises(InvalidPeopleAction, match="only"):
        act.split_character(cast[0], tracks=tracks_of(cast[1])[:1], user=world.editor)
    with pytest.raises(InvalidPeopleAction, match="at least one appearance"):
        act.split_character(cast[0], tracks=[], user=world.editor)


def test_what_was_said_before_of_a_moved_face_stands_no_longer(world: World, cast: list[Character]) -> None:
    anna, bea, carl = cast
    track = tracks_of(anna)[0]
    act.confirm_track(track, user=world.editor)
    assert said(track) == {("is", anna.pk)}
    act.move_tracks([track], to=bea, user=world.editor)
    assert said(track) == {("is", bea.pk)}
    act.refuse_track(track, character=carl, user=world.editor)
    assert said(track) == {("is", bea.pk), ("is_not", carl.pk)}
    act.mark_not_faces([track], user=world.editor)
    assert said(track) == {("not_face", None)}
    track.refresh_from_db()
    assert (track.character, track.is_face, track.confidence) == (None, False, None)
    act.move_tracks([track], to=carl, user=world.editor)
    track.refresh_from_db()
    assert (track.character, track.is_face) == (carl, True)
    for expected in (
        {("not_face", None)}, {("is", bea.pk), ("is_not", carl.pk)}, {("is", bea.pk)}, {("is", anna.pk)}, set(),
    ):  # fmt: skip
        undo(world.title, user=world.editor)
        assert said(track) == expected


def test_a_refused_track_is_nobody_until_more_is_known(world: World, cast: list[Character]) -> None:
    track = tracks_of(cast[0])[0]
    done = act.refuse_track(track, character=cast[0], user=world.editor)
    track.refresh_from_db()
    assert (track.character, track.given_by, done.moved) == (None, "analysis", 1)
    other = tracks_of(cast[1])[0]
    assert act.refuse_track(other, character=cast[0], user=world.editor).moved == 0
    other.refresh_from_db()
    assert other.character == cast[1], "it was never thought to be the one that it is not"


def test_a_track_is_cut_halfway_between_the_faces_that_are_meant_and_the_others(world: World) -> None:
    anna, bea = make_character(world.title), make_character(world.title)
    track = make_track(
        world.video, person=1, character=anna, start_frame=10, end_frame=90, looks=[20, 30, 41, 60, 80]
    )
    Face.objects.filter(frame_index=41).update(quality=0.99)
    portrait = bytes(track.portrait)
    faces = Face.objects.filter(track=track, frame_index__in=[41, 60])
    done = act.move_faces(list(faces), to=bea, user=world.editor)
    pieces = [
        (each.start_frame, each.end_frame, each.character, [face.frame_index for face in each.faces.all()])
        for each in FaceTrack.objects.order_by("start_frame")
    ]
    assert pieces == [(10, 36, anna, [20, 30]), (36, 70, bea, [41, 60]), (70, 90, anna, [80])]
    assert done.moved == 1 and done.action.sentence == "2 faces moved to Person 2."
    middle = bea.tracks.get()
    assert bytes(middle.portrait) == portrait, "it shows the best face, which went along"
    assert list(anna.tracks.values_list("portrait", flat=True)) == [None, None]
    assert list(FaceTrack.objects.values_list("vector", flat=True)) == [None] * 3, "it was the mean of two people"
    assert said(middle) == {("is", bea.pk)} and said(list(anna.tracks.all())) == {("is", anna.pk)}


def test_all_faces_of_a_track_are_the_track(world: World, cast: list[Character]) -> None:
    track = tracks_of(cast[0])[0]
    act.move_faces(list(track.faces.all()), to=cast[1], user=world.editor)
    track.refresh_from_db()
    assert track.character == cast[1] and track.vector is not None


def test_faces_cut_from_a_track_of_nobody_leave_a_rest_that_is_not_them(world: World, cast: list[Character]) -> None:
    track = make_track(world.video, person=9, character=None, start_frame=0, end_frame=40, looks=[5, 15], x0=400)
    act.move_faces([track.faces.get(frame_index=15)], to=cast[0], user=world.editor)
    track.refresh_from_db()
    assert (track.character, track.end_frame) == (None, 10)
    assert ("is_not", cast[0].pk) in said(track)


def test_a_piece_that_a_colleague_has_moved_on_stays_a_piece(world: World, cast: list[Character]) -> None:
    colleague = make_person("colleague", team=world.team)
    track = tracks_of(cast[0])[0]
    act.move_faces([track.faces.last()], to=cast[1], user=world.editor)
    piece = FaceTrack.objects.latest("pk")
    act.move_tracks([piece], to=cast[2], user=colleague)
    taken_back = undo(world.title, user=world.editor)
    assert taken_back.sentence.endswith("What was changed again since then stays as it is.")
    piece.refresh_from_db()
    assert piece.character == cast[2] and piece.faces.count() == 1


def alike(world: World, *, target: Character, other: Character | None, frame: int, sample: int, **fields: Any) -> Any:
    return make_track(
        world.video, person=1, character=other, start_frame=frame, end_frame=frame + 5, sample=sample, **fields
    )


@pytest.fixture
def pocket(world: World) -> dict[str, Any]:
    """Bea has ten tracks of her own and, wrongly, three that are Anna's; Anna has one, seen in frames 0 to 4."""
    anna, bea = make_character(world.title), make_character(world.title)
    alike(world, target=anna, other=anna, frame=0, sample=0)
    for index in range(10):
        make_track(
            world.video, person=2, character=bea, start_frame=50 + 5 * index, end_frame=55 + 5 * index, sample=index
        )
    wrong = [alike(world, target=anna, other=bea, frame=10 + 10 * index, sample=index + 1) for index in range(3)]
    return {"anna": anna, "bea": bea, "wrong": wrong}


def test_a_confirmed_face_pulls_its_like_along_and_one_undo_takes_all_back(
    world: World, pocket: dict[str, Any]
) -> None:
    before = state(world.title)
    done = act.move_tracks(pocket["wrong"][:1], to=pocket["anna"], user=world.editor)
    assert done.moved == 3 and "2 appearances that look alike came along" in done.action.sentence
    assert pocket["anna"].tracks.count() == 4 and pocket["bea"].tracks.count() == 10
    came = FaceTrack.objects.filter(given_by="likeness")
    assert {track.pk for track in came} == {track.pk for track in pocket["wrong"][1:]}
    example = np.array(pocket["wrong"][0].vector)
    for track in came:
        expected = RESNET.probability(np.linalg.norm(np.array(track.vector) - example))
        assert track.confidence == pytest.approx(float(expected), abs=1e-6) and track.confidence > 0.95
    assert FaceClaim.objects.filter(stands=True).count() == 1, "of those that came along nobody has said anything"
    undo(world.title, user=world.editor)
    assert state(world.title) == before


def test_nothing_comes_along_without_spreading_or_without_vectors(world: World, pocket: dict[str, Any]) -> None:
    first, *others = pocket["wrong"]
    assert act.move_tracks([first], to=pocket["anna"], user=world.editor, spread=False).moved == 1
    undo(world.title, user=world.editor)
    FaceTrack.objects.filter(pk=first.pk).update(vector=None, encoder="", weight=0)
    assert act.move_tracks([first], to=pocket["anna"], user=world.editor).moved == 1
    assert {track.pk for track in others} <= set(pocket["bea"].tracks.values_list("pk", flat=True))


LIMITS: dict[str, Callable[[World, dict[str, Any], FaceTrack], Any]] = {
    "in the same frame": lambda world, pocket, track: FaceTrack.objects.filter(pk=track.pk).update(
        start_frame=4, end_frame=9
    ),
    "a picture on a wall": lambda world, pocket, track: FaceTrack.objects.filter(pk=track.pk).update(is_static=True),
    "no face": lambda world, pocket, track: FaceTrack.objects.filter(pk=track.pk).update(is_face=False),
    "given by a person": lambda world, pocket, track: FaceTrack.objects.filter(pk=track.pk).update(given_by="person"),
    "another encoder's": lambda world, pocket, track: FaceTrack.objects.filter(pk=track.pk).update(
        encoder="face_vectors_facenet"
    ),
    "unlike": lambda world, pocket, track: FaceTrack.objects.filter(pk=track.pk).update(vector=person_vector(7)),
    "refused": lambda world, pocket, track: act.refuse_track(track, character=pocket["anna"], user=world.editor),
    "of a locked character": lambda world, pocket, track: FaceTrack.objects.filter(pk=track.pk).update(
        character=make_character(world.title, is_locked=True)
    ),
    "of somebody who is another person": lambda world, pocket, track: (
        FaceTrack.objects.filter(pk=track.pk).update(character=(other := make_character(world.title))),
        act.declare_different(pocket["anna"], other, user=world.editor),
    ),
    "in a film that the user only reviews": lambda world, pocket, track: FaceTrack.objects.filter(pk=track.pk).update(
        video=other_teams_trailer(world)
    ),
}


def other_teams_trailer(world: World) -> Any:
    return make_film(Title.objects.create(name="Trailer", kind="trailer", parent=world.title))


@pytest.mark.parametrize("limit", LIMITS)
def test_what_is_out_of_bounds_does_not_come_along(limit: str, world: World, pocket: dict[str, Any]) -> None:
    confirmed, out, comes = pocket["wrong"]
    LIMITS[limit](world, pocket, out)
    before = FaceTrack.objects.get(pk=out.pk).character_id
    done = act.move_tracks([confirmed], to=pocket["anna"], user=world.editor)
    assert done.moved == 2, "itself and the one within bounds"
    assert FaceTrack.objects.get(pk=comes.pk).character == pocket["anna"]
    assert FaceTrack.objects.get(pk=out.pk).character_id == before


@pytest.mark.parametrize(("weight", "moved"), [(1.0, 3), (50.0, 2)])
def test_means_of_many_looks_must_be_nearer_than_single_ones(
    weight: float, moved: int, world: World, pocket: dict[str, Any]
) -> None:
    """What averaging has taken from their distance counts: without it, this one would be just near enough."""
    confirmed, far, _ = pocket["wrong"]
    aside = np.random.default_rng(5).normal(size=RESNET.dimensions)
    vector = np.array(confirmed.vector) + 0.42 * aside / np.linalg.norm(aside)
    FaceTrack.objects.filter(pk=far.pk).update(vector=vector.tolist(), weight=weight)
    assert float(RESNET.probability(np.array(0.42))) > 0.95
    assert act.move_tracks([confirmed], to=pocket["anna"], user=world.editor).moved == moved


def test_of_two_that_are_seen_together_one_comes_along(world: World, pocket: dict[str, Any]) -> None:
    confirmed, one, other = pocket["wrong"]
    FaceTrack.objects.filter(pk__in=[one.pk, other.pk]).update(start_frame=30, end_frame=35)
    assert act.move_tracks([confirmed], to=pocket["anna"], user=world.editor).moved == 2


def test_a_face_that_is_as_near_to_its_present_character_stays(world: World, pocket: dict[str, Any]) -> None:
    """Somebody takes a poor face, which looks like everybody, out of a character: the good ones stay there."""
    carl = make_character(world.title)
    middle = (np.array(person_vector(2, sample=99)) * 0.8 + np.array(person_vector(3)) * 0.2).tolist()
    poor = make_track(world.video, person=3, character=pocket["bea"], start_frame=40, end_frame=44, vector=middle)
    assert act.move_tracks([poor], to=carl, user=world.editor).moved == 1
    assert pocket["bea"].tracks.count() == 13


def test_a_locked_character_takes_only_what_a_person_gives(world: World, pocket: dict[str, Any]) -> None:
    act.set_locked(pocket["anna"], locked=True, user=world.editor)
    assert act.move_tracks(pocket["wrong"][:1], to=pocket["anna"], user=world.editor).moved == 1


def test_confirming_pulls_along_as_well(world: World, pocket: dict[str, Any]) -> None:
    done = act.confirm_track(pocket["anna"].tracks.get(), user=world.editor)
    assert done.moved == 3 and done.action.sentence == (
        "This is Person 1. 3 appearances that look alike came along."
    )
    act.refuse_track(pocket["wrong"][0], character=pocket["anna"], user=world.editor)
    with pytest.raises(InvalidPeopleAction, match="say who it is"):
        act.confirm_track(pocket["wrong"][0], user=world.editor)


def test_undo_leaves_what_a_colleague_said_since_and_says_so(world: World, cast: list[Character]) -> None:
    anna, bea, carl = cast
    colleague = make_person("colleague", team=world.team)
    first, second = tracks_of(anna)[:2]
    act.move_tracks([first, second], to=bea, user=world.editor, spread=False)
    act.move_tracks([second], to=carl, user=colleague, spread=False)
    taken_back = undo(world.title, user=world.editor)
    assert taken_back.sentence.endswith("What was changed again since then stays as it is.")
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.character, second.character) == (anna, carl)
    undo(world.title, user=colleague)
    second.refresh_from_db()
    assert second.character == anna, "the move before was taken back, too"


def test_undo_takes_back_only_ones_own(world: World, cast: list[Character]) -> None:
    act.name_character(cast[0], name="Anna", user=world.editor)
    assert undo(world.title, user=make_person("colleague", team=world.team)) is None
    cast[0].refresh_from_db()
    assert cast[0].name == "Anna"


def test_an_action_on_rows_that_an_analysis_has_replaced_is_taken_back_on_their_successors(
    world: World, cast: list[Character]
) -> None:
    anna, bea, _ = cast
    track = tracks_of(anna)[0]
    act.move_tracks([track], to=bea, user=world.editor, spread=False)
    looks = list(track.faces.values_list("frame_index", flat=True))
    x0 = track.faces.first().x0
    track.delete()
    heir = make_track(
        world.video, person=0, character=bea, start_frame=track.start_frame, end_frame=track.end_frame, looks=looks,
        x0=x0 + 2, confidence=0.9, given_by="person",
    )  # fmt: skip
    undo(world.title, user=world.editor)
    heir.refresh_from_db()
    assert (heir.character, heir.given_by) == (anna, "analysis")
    assert said(heir) == set()


def test_a_character_without_tracks_stays_as_a_row_that_nothing_shows(world: World, cast: list[Character]) -> None:
    done = act.move_tracks(tracks_of(cast[0]), to=cast[1], user=world.editor)
    emptied = Character.objects.get(pk=cast[0].pk)
    assert not emptied.is_kept and not emptied.tracks.exists() and done.character == cast[1]
    undo(world.title, user=world.editor)
    assert emptied.tracks.exists()


def test_rows_of_two_films_are_not_mixed(world: World, cast: list[Character]) -> None:
    others = make_world("other")
    foreign = others.character
    with pytest.raises(InvalidPeopleAction, match="one film or series"):
        act.merge_characters(cast[0], others=[foreign], user=world.editor)
    with pytest.raises(InvalidPeopleAction, match="one film or series"):
        act.move_tracks(tracks_of(cast[0]), to=foreign, user=world.editor)
    with pytest.raises(InvalidPeopleAction, match="one film or series"):
        act.declare_different(cast[0], foreign, user=world.editor)


def test_rows_that_are_gone_are_told_of(world: World, cast: list[Character]) -> None:
    track = tracks_of(cast[0])[0]
    FaceTrack.objects.filter(pk=track.pk).delete()
    for refused in (
        lambda: act.move_tracks([track], to=cast[1], user=world.editor),
        lambda: act.confirm_track(track, user=world.editor),
        lambda: act.mark_not_faces([track], user=world.editor),
    ):
        with pytest.raises(InvalidPeopleAction, match="reload"):
            refused()


def test_saying_again_what_was_said_is_refused(world: World, cast: list[Character]) -> None:
    track = tracks_of(cast[0])[0]
    act.move_tracks([track], to=cast[1], user=world.editor, spread=False)
    act.set_importance(cast[0], importance="extra", user=world.editor)
    act.mark_not_faces(tracks_of(cast[2])[:1], user=world.editor)
    for again in (
        lambda: act.move_tracks([track], to=cast[1], user=world.editor),
        lambda: act.set_importance(cast[0], importance="extra", user=world.editor),
        lambda: act.set_importance(cast[0], importance="star", user=world.editor),
        lambda: act.set_locked(cast[0], locked=False, user=world.editor),
        lambda: act.mark_not_faces(list(FaceTrack.objects.filter(is_face=False)), user=world.editor),
    ):
        with pytest.raises(InvalidPeopleAction, match=r"\.$"):
            again()
    assert PeopleAction.objects.count() == 3


def test_actions_are_told_live_and_stills_are_ranked_again(
    world: World, cast: list[Character], hints: list[Any], monkeypatch: Any, django_capture_on_commit_callbacks: Any
) -> None:
    from ava import progress

    sent: list[tuple[int, dict[str, Any]]] = []
    monkeypatch.setattr(progress, "publish", lambda *, title_id, message: sent.append((title_id, message)))
    with django_capture_on_commit_callbacks(execute=True):
        done = act.merge_characters(cast[0], others=[cast[1]], user=world.editor)
        undo(world.title, user=world.editor)
    assert [(title, message["type"], message["kind"]) for title, message in sent] == [
        (world.title.pk, "people", "merge"), (world.title.pk, "people", "undo"),
    ]  # fmt: skip
    assert sent[0][1]["sentence"] == done.action.sentence and sent[0][1]["user"] == world.editor.username
    told = [("curation.tasks.complete_cast", world.title.pk), ("curation.tasks.rank_again", world.video.pk)]
    assert [hint for hint in hints if hint[0].startswith("curation.")] == told * 2


def test_every_team_that_sees_the_cast_is_told_once(world: World, monkeypatch: Any) -> None:
    from ava import progress

    series = Title.objects.create(name="Series", kind="series")
    series.teams.add(world.team)
    others = make_world("other").team
    for number in range(4):
        episode = Title.objects.create(name="E", kind="episode", parent=series, season=1, episode=number)
        episode.teams.add(world.team, *([others] if number else []))
    sent: list[int] = []
    monkeypatch.setattr(progress, "publish", lambda *, title_id, message: sent.append(title_id))
    act.name_character(make_character(series), name="Anna", user=world.editor)
    assert sent == [series.pk, series.children.get(episode=1).pk]


@pytest.mark.django_db(transaction=True)
def test_two_editors_at_once_lose_nothing() -> None:
    world = make_world("busy")
    cast = make_cast(world.video, people=6)
    colleague = make_person("colleague", team=world.team)
    before = PeopleAction.objects.count()

    def work(job: tuple[Any, Callable[[Any], Any]]) -> None:
        user, what = job
        try:
            what(user)
        finally:
            connections.close_all()

    track = tracks_of(cast.characters[0])[0]
    jobs = [
        (user, what)
        for user in (world.editor, colleague)
        for what in (
            lambda user: act.move_tracks([track], to=None, user=user, spread=False),
            lambda user: act.set_importance(cast.characters[2], importance=user.username[:0] or "main", user=user)
            if user == colleague
            else act.set_importance(cast.characters[3], importance="extra", user=user),
            lambda user: act.move_tracks([track], to=None, user=user, spread=False),
        )
    ]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, jobs))
    assert PeopleAction.objects.count() == before + len(jobs)
    numbers = list(world.title.characters.values_list("number", flat=True))
    assert len(set(numbers)) == len(numbers)
    assert FaceClaim.objects.filter(stands=True, verdict="is", frame_index=track.faces.first().frame_index).count() == 1
