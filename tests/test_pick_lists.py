"""Pick lists: bound to frames, in an order of their own, every step undone, and two people at once lose nothing."""

import threading

import pytest
from django.db import connection, transaction

from ava.models import User
from curation.models import PickList, PickListEntry
from curation.pick_list_frames import FrameKey, listed_frames, lists_of_frame
from curation.pick_list_undo import undo
from curation.pick_lists import (
    InvalidPickList,
    add_frames,
    change_list,
    create_list,
    delete_list,
    move_frames,
    remove_frames,
)
from tests.world import World, make_film, make_person, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(hints) -> World:
    return make_world("here")


@pytest.fixture
def colleague(world: World) -> User:
    return make_person("colleague", team=world.team)


def keys(world: World, *frames: int) -> list[FrameKey]:
    return [FrameKey(world.video.pk, frame) for frame in frames]


def order(pick_list: PickList) -> list[int]:
    return [key.frame_index for key in listed_frames(pick_list)]


def made(world: World, *frames: int) -> PickList:
    return create_list(world.title, name="Key art", user=world.editor, frames=keys(world, *frames))


def test_frames_stay_in_the_order_in_which_they_were_added_and_none_is_in_twice(world: World) -> None:
    pick_list = made(world, 30, 10)
    add_frames(pick_list, frames=keys(world, 20, 10, 20), user=world.editor)
    assert order(pick_list) == [30, 10, 20]
    assert add_frames(pick_list, frames=keys(world, 30), user=world.editor) is None


def test_a_list_survives_that_its_stills_are_gone(world: World) -> None:
    pick_list = made(world, 10, 30)
    world.video.stills.all().delete()
    assert order(pick_list) == [10, 30]


def test_a_frame_that_was_no_still_becomes_one(world: World) -> None:
    made(world, 44)
    assert world.video.stills.filter(frame_index=44).exists()


@pytest.mark.parametrize(
    ("moved", "before", "expected"),
    [
        ([40], 10, [40, 10, 20, 30]),
        ([10], None, [20, 30, 40, 10]),
        ([30, 10], 40, [20, 30, 10, 40]),
        ([20, 30], 30, [10, 20, 30, 40]),
        ([10, 20, 30, 40], None, [10, 20, 30, 40]),
        ([40, 30, 20, 10], None, [40, 30, 20, 10]),
    ],
)
def test_frames_move_before_another_or_to_the_end(world: World, moved, before, expected) -> None:
    pick_list = made(world, 10, 20, 30, 40)
    target = None if before is None else keys(world, before)[0]
    move_frames(pick_list, frames=keys(world, *moved), before=target, user=world.editor)
    assert order(pick_list) == expected


def test_moving_goes_on_where_there_is_no_room_left_between_two_numbers(world: World) -> None:
    pick_list = made(world, 10, 20, 30)
    for turn in range(60):
        first, second = (20, 30) if turn % 2 else (30, 20)
        move_frames(pick_list, frames=keys(world, first), before=keys(world, second)[0], user=world.editor)
        assert order(pick_list) == [10, first, second]


def test_everything_is_taken_back_step_by_step_to_the_beginning(world: World) -> None:
    pick_list = made(world, 10, 20)
    add_frames(pick_list, frames=keys(world, 30, 40), user=world.editor)
    move_frames(pick_list, frames=keys(world, 40), before=keys(world, 10)[0], user=world.editor)
    change_list(pick_list, name="Story art", user=world.editor)
    remove_frames(pick_list, frames=keys(world, 10, 30), user=world.editor)
    delete_list(pick_list, user=world.editor)
    seen = []
    while undo(pick_list, user=world.editor) is not None:
        pick_list.refresh_from_db()
        seen.append((pick_list.name, pick_list.is_deleted, order(pick_list)))
    assert seen == [
        ("Story art", False, [40, 20]),
        ("Story art", False, [40, 10, 20, 30]),
        ("Key art", False, [40, 10, 20, 30]),
        ("Key art", False, [10, 20, 30, 40]),
        ("Key art", False, [10, 20]),
        ("Key art", True, []),
    ]


def test_what_a_colleague_did_since_stays_when_one_takes_back_ones_own(world: World, colleague: User) -> None:
    pick_list = made(world, 10)
    add_frames(pick_list, frames=keys(world, 20, 30), user=world.editor)
    remove_frames(pick_list, frames=keys(world, 20), user=colleague)
    add_frames(pick_list, frames=keys(world, 20), user=colleague)
    change_list(pick_list, name="Hers", user=colleague)
    undo(pick_list, user=world.editor)
    pick_list.refresh_from_db()
    assert (order(pick_list), pick_list.name) == ([10, 20], "Hers")
    assert undo(pick_list, user=world.editor) is None, "a list that others work on is not undone away"


def test_what_two_people_put_in_stays_when_the_first_takes_it_back(world: World) -> None:
    pick_list, colleague = create_list(world.title, name="Both", user=world.editor), world.administrator
    add_frames(pick_list, frames=keys(world, 20, 30), user=world.editor)
    assert add_frames(pick_list, frames=keys(world, 20), user=colleague) is not None
    assert add_frames(pick_list, frames=keys(world, 20), user=colleague) is None, "it is in for both by now"
    undo(pick_list, user=world.editor)
    assert listed_frames(pick_list) == keys(world, 20)
    undo(pick_list, user=colleague)
    assert listed_frames(pick_list) == []


def test_a_list_comes_back_under_a_number_where_its_name_is_taken_by_now(world: World) -> None:
    pick_list = made(world, 10)
    delete_list(pick_list, user=world.editor)
    create_list(world.title, name="key ART", user=world.editor)
    undo(pick_list, user=world.editor)
    pick_list.refresh_from_db()
    assert pick_list.name == "Key art 2"


def test_which_lists_hold_a_frame_is_known_without_deleted_ones(world: World) -> None:
    pick_list = made(world, 20)
    assert lists_of_frame(world.video, frame_index=20) == [pick_list]
    delete_list(pick_list, user=world.editor)
    assert lists_of_frame(world.video, frame_index=20) == []


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "\x00", "LIST-here"])
def test_names_that_cannot_be_are_refused_with_a_sentence(world: World, name: str) -> None:
    with pytest.raises(InvalidPickList, match=r"\.$|choose another"):
        create_list(world.title, name=name, user=world.editor)


def test_of_two_lists_that_get_one_name_at_once_the_second_hears_that_it_is_taken(world: World, monkeypatch) -> None:
    first, second = made(world), create_list(world.title, name="Thumbnail", user=world.editor)
    monkeypatch.setattr(PickList, "full_clean", lambda self: None)  # it was looked at before the other was renamed
    with pytest.raises(InvalidPickList, match="choose another"), transaction.atomic():
        change_list(second, user=world.editor, name=first.name.upper())
    second.refresh_from_db()
    assert second.name == "Thumbnail"


def test_a_purpose_that_is_too_long_is_said_to_be_so(world: World) -> None:
    with pytest.raises(InvalidPickList, match="A purpose has at most 60 characters"):
        change_list(made(world), user=world.editor, purpose="x" * 61)


def test_frames_of_other_titles_and_beyond_the_film_are_refused_and_nothing_is_added(world: World) -> None:
    pick_list = made(world, 10)
    elsewhere = FrameKey(make_film(make_world("there").title, name="x.mp4").pk, 1)
    for wrong in ([elsewhere], keys(world, 20, 100), keys(world, -1), [], keys(world, *range(100)) * 30):
        with pytest.raises(InvalidPickList):
            add_frames(pick_list, frames=wrong, user=world.editor)
    assert order(pick_list) == [10]


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_lose_nothing(world: World, colleague: User) -> None:
    pick_list = made(world, 0)
    together = threading.Barrier(2)

    def work(user: User, frames: range) -> None:
        together.wait()
        for frame in frames:
            add_frames(pick_list, frames=keys(world, frame), user=user)
        connection.close()

    threads = [
        threading.Thread(target=work, args=(user, frames))
        for user, frames in ((world.editor, range(1, 11)), (colleague, range(11, 21)))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(order(pick_list)) == list(range(21))
    positions = PickListEntry.objects.filter(pick_list=pick_list).values_list("position", flat=True)
    assert len(set(positions)) == 21, "each has a place of its own"
