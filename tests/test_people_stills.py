"""Stills and the people in them: what ranking makes of who is shown and how they look."""

from fractions import Fraction

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ava import findings
from ava.annotate.shot_inspection import columns_of
from ava.models import Detection
from ava.packing import pack_integers, pack_values
from curation.cast import prominences
from curation.models import FaceTrack
from curation.people.frame_signals import EXPRESSION, PROMINENCE, lay_out_people
from curation.people_signals import load_people_signals
from curation.stills.candidates import Candidate
from curation.stills.film import LOOKED_AT
from curation.stills.parts import FRAME_PARTS, PART_WEIGHTS, PICTURE_PARTS
from curation.stills.propose import choose_frames, propose_stills
from curation.stills.rank import rank_stills
from tests.people_world import make_character, make_track
from tests.test_stills_signals import Signals, film, one_shot, shots_of
from tests.world import World, make_world

NAN = float("nan")
FPS = Fraction(24)


def lay_out(*faces: tuple[int, float, float, float], looks: list[int], frame_count: int = 10) -> Signals:
    """Faces as (frame, prominence, expression, size)."""
    table = np.array(faces, dtype=np.float64).reshape(-1, 4)
    return lay_out_people(
        table[:, 0].astype(np.int64), prominence=table[:, 1], expression=table[:, 2], size=table[:, 3],
        looks=np.array(looks, dtype=np.int64), frame_count=frame_count,
    )  # fmt: skip


def known(signal: np.ndarray) -> dict[int, float]:
    return {int(frame): round(float(signal[frame]), 4) for frame in np.flatnonzero(~np.isnan(signal))}


def test_a_frame_is_told_by_its_most_prominent_person_and_by_who_of_the_main_faces_looks_least_well() -> None:
    signals = lay_out(
        (2, 0.9, 0.8, 0.3), (2, 0.6, 0.2, 0.3), (2, 0.1, 0.0, 0.4),  # two main faces, and an extra who blinks in front
        (5, 0.1, 0.0, 0.4),
        looks=[0, 2, 5],
    )  # fmt: skip
    assert known(signals[PROMINENCE]) == {0: 0.0, 2: 0.9, 5: 0.1}, "nobody is known of a frame that was looked at"
    assert known(signals[EXPRESSION]) == {2: 0.2, 5: 0.0}, "the extra beside main faces does not tell"
    assert {signal.dtype for signal in signals.values()} == {np.dtype(np.float32)}


def test_a_small_face_shows_its_character_in_proportion() -> None:
    signals = lay_out((0, 0.8, 0.5, 0.05), (1, 0.8, 0.5, 0.1), (2, 0.8, 0.5, 0.7), looks=[0, 1, 2])
    assert known(signals[PROMINENCE]) == {0: 0.4, 1: 0.8, 2: 0.8}


def test_where_nobody_is_recognised_the_largest_faces_are_the_main_ones() -> None:
    signals = lay_out((3, NAN, 0.9, 0.4), (3, NAN, 0.7, 0.3), (3, 0.0, 0.1, 0.08), looks=[3])
    assert known(signals[PROMINENCE]) == {3: 0.0}
    assert known(signals[EXPRESSION]) == {3: 0.7}


def test_an_expression_that_is_not_known_says_nothing_of_the_others() -> None:
    signals = lay_out((3, 0.5, NAN, 0.4), (3, 0.5, 0.6, 0.4), (4, 0.5, NAN, 0.4), looks=[3, 4])
    assert known(signals[EXPRESSION]) == {3: 0.6}


def test_faces_in_any_order_give_the_same_signals() -> None:
    rng = np.random.default_rng(4)
    faces = [(int(frame), *rng.random(3)) for frame in rng.integers(0, 10, 200)]
    once, again = (lay_out(*order, looks=list(range(10))) for order in (faces, faces[::-1]))
    for name in (PROMINENCE, EXPRESSION):
        np.testing.assert_array_equal(once[name], again[name])


@pytest.mark.filterwarnings("error")
def test_odd_faces_give_defined_signals_without_a_warning() -> None:
    signals = lay_out(
        (-1, 0.9, 0.9, 0.9), (10, 0.9, 0.9, 0.9), (2, 7.0, -3.0, 0.2), (3, NAN, NAN, NAN), (4, -1.0, 2.0, 0.0),
        looks=[-5, 2, 3, 4, 99],
    )  # fmt: skip
    assert known(signals[PROMINENCE]) == {2: 1.0, 3: 0.0, 4: 0.0}
    assert known(signals[EXPRESSION]) == {2: 0.0, 4: 1.0}
    nothing = lay_out(looks=[], frame_count=0)
    assert [len(signal) for signal in nothing.values()] == [0, 0]
    assert all(np.isnan(signal).all() for signal in lay_out(looks=[]).values())


# --- ranking ---------------------------------------------------------------------------------------------------


def ranked_frames(people: Signals | None, *, frames: tuple[int, ...]) -> list[int]:
    """How stills of equally good frames, one a shot and all unlike, are ranked."""
    shots = shots_of(*[20] * 6)
    looks = [index // 20 for index in range(120)]
    candidates = [Candidate(frame, frame // 20, 0.9) for frame in frames]
    ranked = rank_stills(candidates, film(120, looks=looks) | (people or {}), shots=shots, fps=FPS)
    return [still.frame_index for still in ranked]


def test_a_main_character_at_their_best_beats_a_landscape_which_beats_somebody_who_blinks() -> None:
    best, landscape, extra = 50, 70, 30
    people = lay_out((best, 1.0, 1.0, 0.3), (extra, 0.1, 0.0, 0.3), looks=[best, landscape, extra], frame_count=120)
    assert ranked_frames(people, frames=(extra, best, landscape))[0] == best
    assert ranked_frames(people, frames=(extra, landscape))[0] == landscape
    swapped = lay_out((extra, 1.0, 1.0, 0.3), (best, 0.1, 0.0, 0.3), looks=[best, landscape, extra], frame_count=120)
    assert ranked_frames(swapped, frames=(extra, best, landscape))[0] == extra, "nothing else decides"


def test_of_two_stills_of_one_character_the_better_expression_comes_first() -> None:
    for good, bad in ((30, 50), (50, 30)):
        people = lay_out((good, 0.8, 0.9, 0.3), (bad, 0.8, 0.1, 0.3), looks=[30, 50], frame_count=120)
        assert ranked_frames(people, frames=(30, 50)) == [good, bad]


def test_the_parts_say_neutral_where_nothing_is_known_and_0_to_1_where_it_is() -> None:
    signals = film(120, looks=[index // 20 for index in range(120)])
    people = lay_out((30, 0.36, 0.8, 0.3), looks=[30, 50], frame_count=120)
    candidates = [Candidate(frame, frame // 20, 0.9) for frame in (30, 50, 70)]
    told = {
        still.frame_index: still.explanation
        for still in rank_stills(candidates, signals | people, shots=shots_of(*[20] * 6), fps=FPS)
    }
    assert told[30]["people"] == pytest.approx(0.8) and told[30]["expression"] == pytest.approx(0.8)
    for frame in (50, 70):
        assert (told[frame]["people"], told[frame]["expression"]) == (0.5, 0.5)


def test_a_film_that_nobody_was_recognised_in_is_ranked_by_its_pictures_alone() -> None:
    frames = (10, 30, 50, 70, 90, 110)
    without = ranked_frames(None, frames=frames)
    nobody = lay_out(looks=list(frames), frame_count=120)
    assert ranked_frames(nobody, frames=frames) == without
    unknown = {name: np.full(120, np.nan, np.float32) for name in (PROMINENCE, EXPRESSION)}
    assert ranked_frames(unknown, frames=frames) == without


def test_the_same_candidates_are_chosen_before_and_after_people_are_known() -> None:
    assert {PROMINENCE, EXPRESSION} <= LOOKED_AT
    signals = film(240, looks=[index // 40 for index in range(240)])
    before = choose_frames(signals, shots=one_shot(240), fps=FPS)
    faces = [(frame, 1.0, 0.0, 0.5) for frame in range(0, 240, 3)]
    people = lay_out(*faces, looks=list(range(0, 240, 3)), frame_count=240)
    assert choose_frames(signals | people, shots=one_shot(240), fps=FPS) == before
    ranked = propose_stills(signals | people, shots=one_shot(240), fps=FPS)
    assert {still.frame_index for still in ranked} == {candidate.frame_index for candidate in before}


def test_people_weigh_more_than_a_quarter_of_what_a_still_is_by_itself() -> None:
    of_people = sum(PART_WEIGHTS[name] for name in ("people", "expression", "pose"))
    assert of_people / sum(PART_WEIGHTS[name] for name in FRAME_PARTS) > 0.25
    assert not {"people", "expression", "pose"} & set(PICTURE_PARTS)


# --- signals from what is saved ----------------------------------------------------------------------------------


@pytest.fixture
def world(monkeypatch) -> World:
    """A film of which frames 10 and 40 were looked at, and whose one character is seen in the first of them."""
    monkeypatch.setattr(findings, "detector_versions", lambda: {"faces": 3})
    world = make_world("home")
    world.inspection.looks = pack_integers(np.array([10, 40]))
    world.inspection.save()
    Detection.objects.create(
        inspection=world.inspection, detector="faces", version=3, columns=list(columns_of("faces")),
        frames=pack_integers(np.array([10])), values=pack_values(np.zeros(len(columns_of("faces")), np.float32)),
    )  # fmt: skip
    return world


@pytest.mark.django_db
def test_saved_faces_give_the_signals_of_looked_at_frames(world: World) -> None:
    signals = load_people_signals(world.video)
    assert known(signals[PROMINENCE]) == {10: pytest.approx(prominences(world.video)[world.character.pk]), 40: 0.0}
    assert signals[PROMINENCE][10] > 0.2
    assert known(signals[EXPRESSION]) == {10: 0.7}
    assert {len(signal) for signal in load_people_signals(world.video, end_frame=30).values()} == {30}


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"is_static": True}, {"is_face": False}])
def test_pictures_on_walls_and_what_is_no_face_do_not_count(world: World, change: dict[str, bool]) -> None:
    FaceTrack.objects.update(**change)
    signals = load_people_signals(world.video)
    assert known(signals[PROMINENCE]) == {10: 0.0, 40: 0.0}
    assert known(signals[EXPRESSION]) == {}


@pytest.mark.django_db
def test_a_film_without_tracks_has_no_such_signals(world: World) -> None:
    FaceTrack.objects.all().delete()
    assert load_people_signals(world.video) == {}


@pytest.mark.django_db
def test_signals_of_many_faces_take_as_many_questions_as_those_of_one(world: World) -> None:
    def questions() -> int:
        with CaptureQueriesContext(connection) as queries:
            load_people_signals(world.video)
        return len(queries)

    few = questions()
    for person in range(20):
        make_track(
            world.video, person=person, character=make_character(world.title), start_frame=person, end_frame=90
        )
    assert questions() == few <= 6
