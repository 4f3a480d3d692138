"""Reels: what people put into them, move, trim and take back, alone and at once; and that nothing is lost by it."""

import threading

import pytest
from django.db import connection

from ava.models import Team, Title
from ava.turns import Gone
from search.models import Reel, ReelClip
from search.reel_undo import redo, undo
from search.reels import (
    MOST_AT_ONCE,
    ClipSpan,
    InvalidReel,
    add_clips,
    bring_back,
    create_reel,
    delete_reel,
    move_clip,
    note,
    rename_reel,
    restore_reel,
    standing_clips,
    take_out,
    trim_clip,
)
from tests.world import World, make_film, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(hints) -> World:
    return make_world("here")


@pytest.fixture
def reel(world: World) -> Reel:
    """Clips that begin at frames 0, 10, 20 and 30, each five frames long."""
    spans = [(world.video.pk, start, start + 5) for start in (0, 10, 20, 30)]
    reel = create_reel(world.team, name="A reel", user=world.editor)
    add_clips(reel, spans, user=world.editor)
    return reel


def order(reel: Reel) -> list[tuple[int, int]]:
    return [(clip.in_frame, clip.out_frame) for clip in standing_clips(reel)]


def starts(reel: Reel) -> list[int]:
    return [start for start, _ in order(reel)]


def clip_at(reel: Reel, start: int) -> ReelClip:
    return next(clip for clip in standing_clips(reel) if clip.in_frame == start)


def test_clips_come_in_the_order_in_which_they_are_added_or_before_one_that_is_there(world: World, reel: Reel) -> None:
    add_clips(reel, [ClipSpan(world.video.pk, 40, 45, "why"), (world.video.pk, 40, 45)], user=world.editor,
              before=clip_at(reel, 10).pk)  # fmt: skip
    assert starts(reel) == [0, 40, 40, 10, 20, 30]
    assert [clip.note for clip in standing_clips(reel)][1:3] == ["why", ""]


def test_a_clip_moves_before_any_other_and_to_the_end(world: World, reel: Reel) -> None:
    move_clip(clip_at(reel, 30), before=clip_at(reel, 0).pk, user=world.editor)
    assert starts(reel) == [30, 0, 10, 20]
    move_clip(clip_at(reel, 0), before=None, user=world.editor)
    assert starts(reel) == [30, 10, 20, 0]
    assert move_clip(clip_at(reel, 0), before=None, user=world.editor) is None
    assert move_clip(clip_at(reel, 10), before=clip_at(reel, 20).pk, user=world.editor) is None
    assert move_clip(clip_at(reel, 10), before=clip_at(reel, 10).pk, user=world.editor) is None


def test_there_is_always_room_between_two_clips(world: World, reel: Reel) -> None:
    for _ in range(60):  # each halves the gap between its neighbours, which floats do not bear for long
        move_clip(clip_at(reel, 30), before=clip_at(reel, 10).pk, user=world.editor)
        move_clip(clip_at(reel, 20), before=clip_at(reel, 10).pk, user=world.editor)
        assert starts(reel) == [0, 30, 20, 10]
        move_clip(clip_at(reel, 20), before=clip_at(reel, 30).pk, user=world.editor)
        assert starts(reel) == [0, 20, 30, 10]
    undo(reel, user=world.editor)
    assert starts(reel) == [0, 30, 20, 10]


@pytest.mark.parametrize(("ends", "sentence"), [
    ({"in_frame": 15}, "at least one frame"), ({"out_frame": 10}, "at least one frame"),
    ({"in_frame": -1}, "frames 0 to"), ({"out_frame": 10**9}, "frames 0 to"),
])  # fmt: skip
def test_a_clip_is_trimmed_within_its_film_and_keeps_a_frame(
    world: World, reel: Reel, ends: dict[str, int], sentence: str
) -> None:
    with pytest.raises(InvalidReel, match=sentence):
        trim_clip(clip_at(reel, 10), user=world.editor, **ends)
    trim_clip(clip_at(reel, 10), user=world.editor, in_frame=14)
    assert (14, 15) in order(reel)
    trim_clip(clip_at(reel, 14), user=world.editor, in_frame=0, out_frame=world.video.frame_count)
    assert order(reel)[1] == (0, world.video.frame_count)


def test_every_action_is_taken_back_one_after_the_other_and_done_again(world: World, reel: Reel) -> None:
    editor, seen = world.editor, [order(reel)]
    clip = clip_at(reel, 10)
    for act in (
        lambda: trim_clip(clip, user=editor, in_frame=12),
        lambda: move_clip(clip, before=None, user=editor),
        lambda: note(clip, text=" both\nlines ", user=editor),
        lambda: take_out(clip, user=editor),
        lambda: add_clips(reel, [(world.video.pk, 1, 2)], user=editor),
        lambda: rename_reel(reel, name="Another", user=editor),
        lambda: delete_reel(reel, user=editor),
    ):
        assert act() is not False
        seen.append(order(reel))
    reel.refresh_from_db()
    assert reel.is_deleted and reel.name == "Another"
    for expected in reversed(seen[:-1]):
        assert undo(reel, user=editor) is not None
        assert order(reel) == expected
    reel.refresh_from_db()
    clip.refresh_from_db()
    assert (reel.is_deleted, reel.name, clip.note) == (False, "A reel", "")
    for expected in seen[1:]:
        assert redo(reel, user=editor) is not None
        assert order(reel) == expected
    clip.refresh_from_db()
    assert clip.note == "both lines" and redo(reel, user=editor) is None


def test_what_was_added_first_is_undone_but_the_reel_itself_is_only_deleted(world: World, reel: Reel) -> None:
    assert undo(reel, user=world.editor) is not None and order(reel) == []
    assert undo(reel, user=world.editor) is None
    redo(reel, user=world.editor)
    assert starts(reel) == [0, 10, 20, 30]


def test_clips_that_came_together_go_together_after_one_of_them_was_changed(world: World, reel: Reel) -> None:
    trim_clip(clip_at(reel, 10), user=world.editor, in_frame=12)
    assert undo(reel, user=world.editor) is not None and undo(reel, user=world.editor) is not None
    assert order(reel) == []
    redo(reel, user=world.editor)
    redo(reel, user=world.editor)
    assert order(reel)[1] == (12, 15)


def test_something_new_gives_up_what_was_taken_back(world: World, reel: Reel) -> None:
    trim_clip(clip_at(reel, 0), user=world.editor, out_frame=3)
    undo(reel, user=world.editor)
    trim_clip(clip_at(reel, 10), user=world.editor, out_frame=13)
    undo(reel, user=world.editor)
    redo(reel, user=world.editor)
    assert order(reel)[:2] == [(0, 5), (10, 13)]
    assert redo(reel, user=world.editor) is None


def test_undo_leaves_what_a_colleague_did_since(world: World, reel: Reel) -> None:
    clip = clip_at(reel, 10)
    trim_clip(clip, user=world.editor, in_frame=11)
    trim_clip(clip, user=world.administrator, in_frame=12)
    trim_clip(clip, user=world.administrator, out_frame=14)
    undo(reel, user=world.editor)
    assert (12, 14) in order(reel)
    undo(reel, user=world.administrator)
    undo(reel, user=world.administrator)
    assert (10, 15) in order(reel), "not the frame that the first had set and taken back"
    assert undo(reel, user=world.administrator) is None


def test_ends_that_no_longer_fit_each_other_stay(world: World, reel: Reel) -> None:
    clip = clip_at(reel, 10)
    trim_clip(clip, user=world.editor, in_frame=2)
    trim_clip(clip, user=world.administrator, out_frame=6)
    undo(reel, user=world.editor)
    clip.refresh_from_db()
    assert (clip.in_frame, clip.out_frame) == (2, 6)


def test_a_clip_that_was_taken_out_comes_back_to_its_place(world: World, reel: Reel) -> None:
    clip = clip_at(reel, 20)
    take_out(clip, user=world.editor)
    assert starts(reel) == [0, 10, 30] and take_out(clip, user=world.administrator) is None
    with pytest.raises(InvalidReel, match="bring it back first"):
        trim_clip(clip, user=world.editor, in_frame=21)
    with pytest.raises(InvalidReel, match="look at the reel again"):
        move_clip(clip_at(reel, 0), before=clip.pk, user=world.editor)
    bring_back(clip, user=world.administrator)
    assert starts(reel) == [0, 10, 20, 30]


def test_a_deleted_reel_comes_back_whole_and_is_not_changed_meanwhile(world: World, reel: Reel) -> None:
    clip = clip_at(reel, 20)
    delete_reel(reel, user=world.editor)
    with pytest.raises(Gone):
        trim_clip(clip, user=world.editor, in_frame=21)
    restore_reel(reel, user=world.administrator)
    reel.refresh_from_db()
    assert not reel.is_deleted and starts(reel) == [0, 10, 20, 30]


def test_only_films_of_the_reels_own_team_go_into_it(world: World, reel: Reel) -> None:
    other = make_world("there")
    for user in (world.editor, other.editor):
        with pytest.raises(InvalidReel, match="that team's titles only"):
            add_clips(reel, [(other.video.pk, 0, 5)], user=user)
    shared = Title.objects.create(name="Shared")
    shared.teams.add(world.team, Team.objects.create(name="third"))
    add_clips(reel, [(make_film(shared).pk, 0, 5)], user=world.editor)
    assert len(order(reel)) == 5


@pytest.mark.parametrize("spans", [
    [], [(0, 0, 5)], [(10**15, 0, 5)], [(None, 5, 5)], [(None, -1, 5)], [(None, 0, 10**12)], [(None, 9, 3)],
    [(None, 0, 5)] * (MOST_AT_ONCE + 1),
])  # fmt: skip
def test_spans_that_no_film_has_are_refused_with_a_sentence(world: World, reel: Reel, spans: list) -> None:
    asked = [(world.video.pk if video is None else video, start, end) for video, start, end in spans]
    with pytest.raises(InvalidReel, match=r"\.$"):
        add_clips(reel, asked, user=world.editor)
    assert len(order(reel)) == 4


@pytest.mark.parametrize("name", ["", " \n\t", "\x00", "x" * 121])
def test_a_reel_has_a_name(world: World, name: str) -> None:
    with pytest.raises(InvalidReel, match="1 to 120 characters"):
        create_reel(world.team, name=name, user=world.editor)


def test_notes_are_of_one_line_and_not_endless(world: World, reel: Reel) -> None:
    with pytest.raises(InvalidReel, match="at most 500"):
        note(clip_at(reel, 0), text="x" * 501, user=world.editor)
    note(clip_at(reel, 0), text="a\x00b\r\nc", user=world.editor)
    assert clip_at(reel, 0).note == "ab c"


def test_a_film_that_is_deleted_takes_its_clips_along_and_undo_still_works(world: World, reel: Reel) -> None:
    film = make_film(world.title, name="second.mp4")
    add_clips(reel, [(film.pk, 0, 9), (world.video.pk, 40, 45)], user=world.editor)
    clip = clip_at(reel, 40)
    film.delete()
    assert starts(reel) == [0, 10, 20, 30, 40]
    undo(reel, user=world.editor)
    assert starts(reel) == [0, 10, 20, 30]
    gone = ReelClip(pk=10**9, reel=reel, video=world.video)
    with pytest.raises(Gone):
        take_out(gone, user=world.editor)
    assert clip.pk


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_lose_nothing(hints) -> None:
    world = make_world("here")
    reel = create_reel(world.team, name="A reel", user=world.editor)
    people = (world.editor, world.administrator)

    def work(user) -> None:
        for start in range(8):
            add_clips(reel, [(world.video.pk, start, start + 2)], user=user)
            first = standing_clips(reel)[0]
            move_clip(first, before=None, user=user)
            trim_clip(first, user=user, **({"in_frame": 0} if user == people[0] else {"out_frame": 12}))
        connection.close()

    threads = [threading.Thread(target=work, args=(user,)) for user in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    clips = standing_clips(reel)
    assert len(clips) == 16 and len({clip.position for clip in clips}) == 16
    for user in people:
        while undo(reel, user=user):
            pass
    assert standing_clips(reel) == []
    assert {(clip.in_frame, clip.out_frame) for clip in reel.clips.all()} == {(n, n + 2) for n in range(8)}
