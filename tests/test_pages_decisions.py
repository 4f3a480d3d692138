"""Decisions: append-only, undone without limit, and safe between editors."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from ava import progress
from curation.decisions import DecisionState, InvalidDecision, current_decisions, decide, undo
from curation.models import Decision, Still
from tests.world import make_person, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Any:
    made = make_world("home")
    Decision.objects.all().delete()
    return made


def test_each_decision_is_a_row_and_the_newest_one_counts(world: Any) -> None:
    decide(world.video, frame_index=10, user=world.editor, verdict="pick")
    decide(world.video, frame_index=10, user=world.editor, stars=4)
    decide(world.video, frame_index=10, user=world.editor, verdict="reject")
    assert Decision.objects.count() == 3
    assert current_decisions(world.video) == {10: DecisionState("reject", 4)}


def test_undo_goes_back_step_by_step_until_nothing_is_left(world: Any) -> None:
    decide(world.video, frame_index=10, user=world.editor, verdict="pick")
    decide(world.video, frame_index=11, user=world.editor, verdict="reject")
    decide(world.video, frame_index=10, user=world.editor, stars=5)
    frames = [undo(world.video, user=world.editor).frame_index for _ in range(3)]
    assert frames == [10, 11, 10]
    assert undo(world.video, user=world.editor) is None
    assert set(current_decisions(world.video).values()) == {DecisionState("", 0)}
    assert Decision.objects.count() == 6, "undo appends and deletes nothing"


def test_a_decision_after_an_undo_can_be_undone_too(world: Any) -> None:
    decide(world.video, frame_index=10, user=world.editor, verdict="pick")
    undo(world.video, user=world.editor)
    decide(world.video, frame_index=10, user=world.editor, verdict="reject")
    assert undo(world.video, user=world.editor).verdict == ""
    assert undo(world.video, user=world.editor) is None


def test_undo_leaves_what_a_colleague_said_since(world: Any) -> None:
    colleague = make_person("colleague", team=world.team)
    decide(world.video, frame_index=10, user=world.editor, verdict="pick")
    decide(world.video, frame_index=10, user=colleague, verdict="reject")
    undo(world.video, user=world.editor)
    assert current_decisions(world.video)[10].verdict == "reject"
    undo(world.video, user=colleague)
    assert current_decisions(world.video)[10].verdict == "", "the editor's own pick was taken back before"


def test_undo_takes_back_only_ones_own_decisions(world: Any) -> None:
    colleague = make_person("colleague", team=world.team)
    decide(world.video, frame_index=10, user=world.editor, verdict="pick")
    assert undo(world.video, user=colleague) is None
    assert current_decisions(world.video)[10].verdict == "pick"


def test_a_frame_that_is_decided_on_becomes_a_still(world: Any) -> None:
    assert not Still.objects.filter(video=world.video, frame_index=42).exists()
    decide(world.video, frame_index=42, user=world.editor, verdict="pick")
    assert Still.objects.filter(video=world.video, frame_index=42).count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"frame_index": 100, "verdict": "pick"},
        {"frame_index": -1, "verdict": "pick"},
        {"frame_index": 1, "verdict": "perhaps"},
        {"frame_index": 1, "stars": 6},
        {"frame_index": 1},
    ],
)
def test_what_is_no_decision_is_refused_and_leaves_nothing(world: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidDecision):
        decide(world.video, user=world.editor, **wrong)
    assert not Decision.objects.exists()


def test_the_state_of_all_frames_is_read_in_one_query(world: Any) -> None:
    for frame in range(20):
        decide(world.video, frame_index=frame, user=world.editor, verdict="pick")
    with CaptureQueriesContext(connection) as queries:
        assert len(current_decisions(world.video)) == 20
    assert len(queries) == 1


def test_every_decision_and_undo_is_told_live(
    world: Any, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    sent: list[tuple[int, dict[str, Any]]] = []
    monkeypatch.setattr(progress, "publish", lambda *, title_id, message: sent.append((title_id, message)))
    decide(world.video, frame_index=10, user=world.editor, verdict="pick", stars=2)
    undo(world.video, user=world.editor)
    told = [
        (title, message["type"], message["frame_index"], message["verdict"], message["stars"])
        for title, message in sent
    ]
    assert told == [(world.title.pk, "decision", 10, "pick", 2), (world.title.pk, "decision", 10, "", 0)]
    assert sent[0][1]["user"] == world.editor.username


@pytest.mark.django_db(transaction=True)
def test_two_editors_at_once_lose_nothing() -> None:
    world = make_world("busy")
    Decision.objects.all().delete()
    colleague = make_person("colleague", team=world.team)

    def work(job: tuple[Any, dict[str, Any]]) -> None:
        user, what = job
        try:
            decide(world.video, frame_index=10, user=user, **what)
        finally:
            connections.close_all()

    jobs = [(world.editor, {"verdict": "pick"}), (colleague, {"stars": 3})] * 6
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, jobs))
    assert Decision.objects.filter(video=world.video).count() == len(jobs)
    assert current_decisions(world.video)[10] == DecisionState("pick", 3)
