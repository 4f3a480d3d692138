"""What reviewers say of flags: scopes, double review, taking back, and two people at once."""

import math
import threading
from typing import Any

import pytest
from django.db import connection

from ava.models import Membership, Shot, User, Video
from qc.claims import claim_flag, claim_next, holder, release, renew
from qc.decision_undo import redo, undo
from qc.decisions import FlagHeld, InvalidDecision, decide
from qc.flag_adding import add_flag
from qc.models import FlagClaim, PixelDecision, PixelFlag
from qc.review_queue import ANY_STATE, QueueFilters, progress, queue
from qc.reviewing import set_reviews_wanted, visible_decisions
from tests.world import FRAMES, World, make_film, make_person, make_pixel_flag, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    world = make_world("qc")
    world.pixel_flag.delete()
    return world


@pytest.fixture
def second(world: World) -> User:
    return make_person("second", team=world.team, role="reviewer")


def state(flag: PixelFlag) -> tuple[str, int]:
    flag.refresh_from_db()
    return flag.state, flag.reviews


def test_a_word_gives_a_flag_its_state_and_another_word_of_the_same_person_another(world: World) -> None:
    flag = make_pixel_flag(world.video)
    assert decide(flag, user=world.reviewer, verdict="confirmed").flags == (flag.pk,)
    assert state(flag) == ("confirmed", 1)
    decide(flag, user=world.reviewer, verdict="rejected")
    assert state(flag) == ("rejected", 1)
    undo(world.title, user=world.reviewer)
    assert state(flag) == ("confirmed", 1)
    undo(world.title, user=world.reviewer)
    assert state(flag) == ("open", 0)
    assert undo(world.title, user=world.reviewer) is None
    redo(world.title, user=world.reviewer)
    assert state(flag) == ("confirmed", 1)


def test_a_word_for_a_place_covers_what_is_open_there_and_nothing_that_was_said(world: World, second: User) -> None:
    first = make_pixel_flag(world.video, frame=1, x=50, y=50)
    near = make_pixel_flag(world.video, frame=5, x=51, y=51)
    said = make_pixel_flag(world.video, frame=7, x=50, y=51)
    far = make_pixel_flag(world.video, frame=7, x=52, y=50)
    decide(said, user=second, verdict="confirmed")
    done = decide(first, user=world.reviewer, verdict="rejected", scope="position")
    assert (done.flags, done.skipped) == ((first.pk, near.pk), 1)
    assert [state(each)[0] for each in (first, near, said, far)] == ["rejected", "rejected", "confirmed", "open"]


def test_next_gives_the_surest_first_and_never_one_that_a_colleague_has(world: World, second: User) -> None:
    low = make_pixel_flag(world.video, frame=1, confidence=0.2)
    high = make_pixel_flag(world.video, frame=2, confidence=0.9)
    assert claim_next(world.title, user=world.reviewer) == high
    assert claim_next(world.title, user=second) == low
    assert claim_next(world.title, user=second, skip=[low.pk]) is None
    with pytest.raises(FlagHeld, match="reviewer-qc"):
        decide(high, user=second, verdict="confirmed")
    release(world.reviewer, [high.pk])
    assert claim_next(world.title, user=second, skip=[low.pk]) == high


def test_a_missed_error_is_a_flag_that_its_finder_confirmed_until_they_take_it_back(
    world: World, hints: list[tuple]
) -> None:
    flag = add_flag(world.video, frame_index=12, x=33.4, y=20.0, user=world.reviewer)
    assert (flag.state, flag.is_current, flag.added_by, flag.shot) == ("confirmed", True, world.reviewer, world.shot)
    assert add_flag(world.video, frame_index=12, x=33.0, y=20.5, user=world.reviewer) == flag, "it is there already"
    undo(world.title, user=world.reviewer)
    flag.refresh_from_db()
    assert (flag.state, flag.is_current) == ("open", False)
    redo(world.title, user=world.reviewer)
    flag.refresh_from_db()
    assert (flag.state, flag.is_current) == ("confirmed", True)


@pytest.mark.parametrize(("frame", "x", "y"), [(FRAMES, 1, 1), (-1, 1, 1), (1, -1, 1), (1, 640, 1), (1, 1, math.nan)])
def test_no_error_is_marked_outside_the_films_pictures(world: World, frame: int, x: float, y: float) -> None:
    with pytest.raises(InvalidDecision):
        add_flag(world.video, frame_index=frame, x=x, y=y, user=world.reviewer)
