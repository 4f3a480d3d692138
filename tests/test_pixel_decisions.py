"""What reviewers say of flags: scopes, double review, taking back, and two people at once."""

import math
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.http import Http404
from django.utils import timezone

from ava.deletion import delete_titles
from ava.models import Shot, Title, User, Video
from ava.turns import Gone
from qc.claims import claim_flag, claim_next, holder, release, renew
from qc.decision_undo import redo, undo
from qc.decisions import FlagHeld, InvalidDecision, decide
from qc.flag_adding import add_flag
from qc.flag_places import at_place
from qc.flag_rows import save_hot_flags
from qc.models import FlagClaim, PixelDecision, PixelFlag
from qc.pixel.found import HotPixel
from qc.pixel.patches import Patch
from qc.place_words import word_of_place
from qc.review_queue import QueueFilters, progress, queue
from qc.reviewing import InvalidReview, set_reviews_wanted, visible_decisions
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


def test_a_flag_that_scans_no_longer_raise_is_back_when_somebody_marks_its_place(
    world: World, hints: list[tuple]
) -> None:
    flag = make_pixel_flag(world.video, frame=12, is_current=False, raised_by=world.pixel_model)
    assert add_flag(world.video, frame_index=12, x=flag.x, y=flag.y, user=world.reviewer) == flag
    flag.refresh_from_db()
    assert (flag.is_current, flag.added_by, flag.raised_by) == (True, world.reviewer, world.pixel_model)
    undo(world.title, user=world.reviewer)
    flag.refresh_from_db()
    assert (flag.state, flag.is_current) == ("open", False)


@pytest.mark.parametrize(("frame", "x", "y"), [(FRAMES, 1, 1), (-1, 1, 1), (1, -1, 1), (1, 640, 1), (1, 1, math.nan)])
def test_no_error_is_marked_outside_the_films_pictures(world: World, frame: int, x: float, y: float) -> None:
    with pytest.raises(InvalidDecision):
        add_flag(world.video, frame_index=frame, x=x, y=y, user=world.reviewer)


def test_two_people_asked_settle_a_flag_together_and_a_third_decides_where_they_differ(
    world: World, second: User
) -> None:
    set_reviews_wanted(world.title, wanted=2)
    third = make_person("third", team=world.team, role="reviewer")
    flag, other = make_pixel_flag(world.video), make_pixel_flag(world.video, frame=20)
    decide(flag, user=world.reviewer, verdict="confirmed")
    assert state(flag) == ("open", 1)
    assert list(queue(world.title, user=world.reviewer)) == [other], "who has spoken is not asked again"
    decide(flag, user=second, verdict="rejected")
    assert state(flag) == ("disputed", 2)
    assert list(queue(world.title, user=second)) == [other]
    assert set(queue(world.title, user=third)) == {flag, other}
    decide(flag, user=third, verdict="rejected")
    assert state(flag) == ("rejected", 3)
    undo(world.title, user=third)
    decide(flag, user=second, verdict="confirmed")
    assert state(flag) == ("confirmed", 2), "or one of the two changes their word"
    set_reviews_wanted(world.title, wanted=1)
    assert state(flag) == ("confirmed", 2)


def test_asking_a_second_person_later_judges_anew_what_was_said(world: World, second: User) -> None:
    once, twice = make_pixel_flag(world.video), make_pixel_flag(world.video, frame=20)
    for user, verdict in ((world.reviewer, "confirmed"), (second, "rejected")):
        decide(twice, user=user, verdict=verdict)
    decide(once, user=world.reviewer, verdict="confirmed")
    assert (state(once), state(twice)) == (("confirmed", 1), ("rejected", 2)), "of one asked the newest word holds"
    assert set_reviews_wanted(world.title, wanted=2) == 2
    assert (state(once), state(twice)) == (("open", 1), ("disputed", 2))
    with pytest.raises(InvalidReview):
        set_reviews_wanted(world.title, wanted=3)


def test_nobody_knows_anothers_word_before_both_have_spoken(world: World, second: User) -> None:
    set_reviews_wanted(world.title, wanted=2)
    flag = make_pixel_flag(world.video)
    third = make_person("third", team=world.team, role="reviewer")

    def seen_by(user: User) -> int:
        return visible_decisions(PixelDecision.objects.filter(flag=flag), user=user).count()

    decide(flag, user=world.reviewer, verdict="confirmed")
    assert [seen_by(user) for user in (world.reviewer, second, third)] == [1, 0, 0]
    decide(flag, user=second, verdict="rejected")
    assert [seen_by(user) for user in (world.reviewer, second, third)] == [2, 2, 0]
    decide(flag, user=third, verdict="rejected")
    assert [seen_by(user) for user in (world.reviewer, second, third)] == [3, 3, 3]


def test_agreement_counts_the_words_that_were_said_blind(world: World, second: User) -> None:
    set_reviews_wanted(world.title, wanted=2)
    flags = [make_pixel_flag(world.video, frame=frame) for frame in range(4)]
    for flag, (one, other) in zip(flags, ["cc", "cr", "rr", "rr"], strict=True):
        words = {"c": "confirmed", "r": "rejected"}
        decide(flag, user=world.reviewer, verdict=words[one])
        decide(flag, user=second, verdict=words[other])
    decide(flags[1], user=second, verdict="confirmed")  # having seen the other's word
    found = progress(world.title, user=second)
    assert (found.confirmed, found.rejected, found.disputed) == (2, 2, 0)
    assert found.agreement == (4, 0.75, 0.5)  # expected by chance: (2 · 1 + 2 · 3) / 16


def test_a_colleagues_word_stands_when_one_takes_ones_own_back(world: World, second: User) -> None:
    flag = make_pixel_flag(world.video)
    decide(flag, user=world.reviewer, verdict="confirmed")
    decide(flag, user=second, verdict="rejected")
    undone = undo(world.title, user=world.reviewer)
    assert undone is not None
    assert undone.flags == (flag.pk,)
    assert state(flag) == ("rejected", 1)
    assert PixelDecision.objects.filter(flag=flag).count() == 2, "nothing is deleted"


def test_a_whole_action_is_taken_back_and_done_again(world: World) -> None:
    flags = [make_pixel_flag(world.video, frame=frame) for frame in range(3)]
    done = decide(flags[1], user=world.reviewer, verdict="rejected", scope="shot")
    assert done.flags == (flags[1].pk, flags[0].pk, flags[2].pk)
    assert PixelDecision.objects.filter(action=done.action, scope="shot").count() == 3
    assert undo(world.title, user=world.reviewer) == (done.flags, "Taken back: 3 flags rejected.")
    assert {state(flag) for flag in flags} == {("open", 0)}
    assert redo(world.title, user=world.reviewer) is not None
    assert {state(flag) for flag in flags} == {("rejected", 1)}
    assert redo(world.title, user=world.reviewer) is None


def test_saying_the_same_again_is_no_second_action(world: World) -> None:
    flag = make_pixel_flag(world.video)
    decide(flag, user=world.reviewer, verdict="unsure")
    assert decide(flag, user=world.reviewer, verdict="unsure").flags == ()
    assert PixelDecision.objects.filter(flag=flag).count() == 1


def test_a_place_is_one_for_videos_of_one_size_only(world: World) -> None:
    flag = make_pixel_flag(world.video, x=50, y=50)
    same = make_pixel_flag(make_film(world.title, name="same.mp4"), x=50.5, y=49.5)
    larger = make_film(world.title, name="larger.mp4")
    Video.objects.filter(pk=larger.pk).update(width=1920, height=1080)
    elsewhere = make_pixel_flag(larger, x=50, y=50)
    assert set(at_place(flag)) == {flag, same}
    flags = queue(world.title, user=world.reviewer, order="place")
    assert [(each.pk, each.place) for each in flags] == [(flag.pk, 0), (same.pk, 0), (elsewhere.pk, 1)]


def test_a_flag_raised_later_where_all_were_rejected_is_open_and_says_so(world: World, second: User) -> None:
    first = [make_pixel_flag(world.video, frame=frame, x=50, y=50) for frame in range(3)]
    decide(first[0], user=second, verdict="rejected", scope="position")
    later = make_pixel_flag(world.video, frame=40, x=51, y=50)
    word = word_of_place(later, user=world.reviewer)
    assert (later.state, word and (word.verdict, word.flags, word.user)) == ("open", ("rejected", 3, "second"))
    decide(first[1], user=world.reviewer, verdict="confirmed")
    assert word_of_place(later, user=world.reviewer) is None, "they are not all alike any more"


@pytest.mark.parametrize(
    ("order", "expected"), [("confidence", "dcab"), ("film", "abcd"), ("shot", "badc"), ("place", "bdac")]
)
def test_each_order_is_what_it_says_and_next_follows_it(world: World, order: str, expected: str) -> None:
    world.video.shots.update(end_frame=30)
    late = Shot.objects.create(video=world.video, index=1, start_frame=30, end_frame=FRAMES, transition="cut")
    made = {
        "a": make_pixel_flag(world.video, frame=1, confidence=0.3, x=10),
        "b": make_pixel_flag(world.video, frame=2, confidence=0.31, x=90),
        "c": make_pixel_flag(world.video, frame=40, confidence=0.6, x=300),
        "d": make_pixel_flag(world.video, frame=50, confidence=0.9, x=91),
    }
    if order == "confidence":
        PixelFlag.objects.filter(pk=made["b"].pk).update(confidence=0.2)
    names = {flag.pk: name for name, flag in made.items()}
    assert made["d"].shot == late
    assert "".join(names[flag.pk] for flag in queue(world.title, user=world.reviewer, order=order)) == expected
    given: list[int] = []
    while flag := claim_next(world.title, user=world.reviewer, order=order, skip=given):
        given.append(flag.pk)
    assert "".join(names[pk] for pk in given) == expected


@pytest.mark.parametrize(
    "query",
    [
        {"state": "\0", "kind": "x"}, {"video": "9" * 40, "shot": "-1"}, {"min_confidence": "nan"},
        {"max_confidence": "2"},
    ],
)  # fmt: skip
def test_filters_that_name_nothing_narrow_nothing(query: dict[str, str]) -> None:
    assert QueueFilters.read(query) == QueueFilters()


def test_filters_narrow_the_queue_and_say_how(world: World) -> None:
    hot = make_pixel_flag(world.video, confidence=0.4)
    stuck = make_pixel_flag(world.video, kind="stuck", confidence=0.8)
    decide(hot, user=world.reviewer, verdict="confirmed")
    for query, expected in [
        ({}, {stuck}), ({"state": "confirmed"}, {hot}), ({"state": "all", "min_confidence": "0.5"}, {stuck}),
        ({"kind": "hot"}, set()), ({"state": "all", "video": str(world.video.pk)}, {hot, stuck}),
        ({"state": "all", "shot": "123456"}, set()),
    ]:  # fmt: skip
        filters = QueueFilters.read(query)
        assert set(queue(world.title, user=world.reviewer, filters=filters)) == expected, query
        assert QueueFilters.read(filters.query()) == filters


def test_a_claim_runs_out_is_renewed_and_let_go(world: World, second: User) -> None:
    flag = make_pixel_flag(world.video)
    assert claim_flag(flag, user=world.reviewer) is not None
    assert claim_flag(flag, user=second) is None
    assert holder(flag, user=second) == world.reviewer
    FlagClaim.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert renew(world.reviewer, [flag.pk]) == {flag.pk}, "it ran out, and nobody took it over"
    assert claim_next(world.title, user=second) is None
    FlagClaim.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert claim_next(world.title, user=second) == flag
    assert renew(world.reviewer, [flag.pk]) == set()
    release(world.reviewer, [flag.pk])
    assert holder(flag, user=world.reviewer) == second, "nobody lets go of what is not theirs"
    decide(flag, user=second, verdict="unsure")
    assert not FlagClaim.objects.exists()


def test_what_was_said_outlives_a_scan_that_raises_it_again_or_no_more(world: World) -> None:
    model = world.pixel_model
    spots = [HotPixel(10, 100.0, 60.0, 4, 0.9, 0.8, 60.0), HotPixel(20, 30.0, 30.0, 4, 0.9, 0.8, 60.0)]
    patch = Patch(0, 0, np.zeros((5, 48, 48, 3), np.uint8))

    def scan(found: list[HotPixel]) -> None:
        save_hot_flags(
            world.video, start_frame=0, end_frame=FRAMES, hot=found, patches=[patch] * len(found), model=model
        )

    scan(spots)
    first, other = PixelFlag.objects.order_by("frame_index")
    decide(first, user=world.reviewer, verdict="confirmed")
    scan([spots[0]._replace(x=100.6), spots[1]])
    assert state(first) == ("confirmed", 1)
    scan([])
    assert state(first) == ("confirmed", 1)
    assert not first.is_current
    assert list(PixelFlag.objects.all()) == [first], "of the other nobody had spoken"
    with pytest.raises(InvalidDecision, match="gone"):
        decide(other, user=world.reviewer, verdict="confirmed")
    undo(world.title, user=world.reviewer)
    assert state(first) == ("open", 0)


def test_a_title_that_is_deleted_meanwhile_is_said_to_be_gone(world: World) -> None:
    made = make_pixel_flag(world.video, frame=3)
    flag = PixelFlag.objects.select_related("video__title").get(pk=made.pk)
    Title.objects.get(pk=world.title.pk).delete()
    with pytest.raises(Gone, match="This title has been deleted meanwhile"):
        decide(flag, user=world.reviewer, verdict="confirmed")
    with pytest.raises(Gone):
        undo(world.title, user=world.reviewer)


def in_threads(*works: Any) -> list[Any]:
    """What each work gives, all of them begun at once, each on a connection of its own."""
    begin = threading.Barrier(len(works))

    def run(work: Any) -> Any:
        try:
            begin.wait(timeout=10)
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return [each.result(timeout=60) for each in [pool.submit(run, work) for work in works]]


@pytest.mark.django_db(transaction=True)
def test_two_reviewers_at_once_never_get_the_same_flag_and_lose_no_word() -> None:
    world = make_world("both")
    second = make_person("second", team=world.team, role="reviewer")
    world.pixel_flag.delete()
    flags = [make_pixel_flag(world.video, frame=frame, x=50, y=50 + 3 * frame) for frame in range(8)]
    users = (world.reviewer, second)

    def judge(user: User, order: str) -> list[int]:
        given = []
        while flag := claim_next(world.title, user=user, order=order):
            given.append(flag.pk)
            decide(flag, user=user, verdict="confirmed" if user == second else "rejected")
        return given

    # In orders that begin and end with the same flags, so that both want the same ones.
    given = in_threads(lambda: judge(users[0], "film"), lambda: judge(users[1], "film"))
    assert sorted(given[0] + given[1]) == sorted(flag.pk for flag in flags), "each once, all of them"
    assert PixelDecision.objects.count() == len(flags)

    # Words for all of a shot and for one flag cross each other and the taking back.
    undone = in_threads(
        lambda: [undo(world.title, user=users[0]) for _ in range(len(given[0]))],
        lambda: [undo(world.title, user=users[1]) for _ in range(len(given[1]))],
    )
    assert all(each is not None for undos in undone for each in undos)
    assert set(PixelFlag.objects.values_list("state", flat=True)) == {"open"}
    done = in_threads(
        lambda: decide(flags[0], user=users[0], verdict="rejected", scope="shot"),
        lambda: decide(flags[-1], user=users[1], verdict="confirmed", scope="shot"),
    )
    judged = [set(each.flags) for each in done]
    assert judged[0] | judged[1] == {flag.pk for flag in flags}
    assert min(len(each) for each in judged) == 1, "who came second judged the flag before them and no other"


@pytest.mark.django_db(transaction=True)
def test_whoever_decides_while_the_title_is_deleted_is_heard_before_it_or_told_that_it_is_gone() -> None:
    for attempt in range(4):
        world = make_world(f"gone{attempt}")
        flags = [make_pixel_flag(world.video, frame=frame, x=50, y=50 + 3 * frame) for frame in range(30)]

        def judge(flags: list[PixelFlag] = flags, user: User = world.reviewer) -> int:
            for count, flag in enumerate(flags):
                try:
                    decide(flag, user=user, verdict="confirmed")
                except Http404:
                    return count
            return len(flags)

        in_threads(judge, lambda title=world.title: delete_titles(Title.objects.filter(pk=title.pk)))
        assert not Title.objects.filter(pk=world.title.pk).exists()
