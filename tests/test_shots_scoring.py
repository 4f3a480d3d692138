"""Counting found transitions against truth."""

import pytest

from ava.shots.scoring import Score, Truth, add_scores, score_shots
from ava.shots.shot_list import Boundary, ShotList, Transition, list_shots


def shots_at(*frames: int, transitions: tuple[Transition, ...] = ()) -> ShotList:
    return list_shots([Boundary(frame, "cut") for frame in frames], frame_count=500, transitions=transitions)


def test_cut_one_frame_off_counts_within_the_tolerance_only() -> None:
    truth = Truth(cuts=(100, 200))
    assert score_shots(shots_at(100, 201), truth, cut_tolerance=0) == Score(2, 1, 0, 0, 1)
    assert score_shots(shots_at(100, 201), truth, cut_tolerance=2) == Score(2, 2, 0, 0, 0)


def test_one_boundary_finds_one_of_two_close_cuts() -> None:
    assert score_shots(shots_at(101), Truth(cuts=(100, 102)), cut_tolerance=2).cuts_found == 1


def test_boundary_or_span_within_a_dissolve_finds_it() -> None:
    truth = Truth(cuts=(), graduals=((100, 120),))
    assert score_shots(shots_at(97), truth) == Score(0, 0, 1, 1, 0)
    assert score_shots(shots_at(96), truth) == Score(0, 0, 1, 0, 1)
    assert score_shots(shots_at(transitions=(Transition("fade", 118, 160),)), truth).graduals_found == 1


def test_boundary_in_an_ambiguous_span_is_neither_right_nor_wrong() -> None:
    truth = Truth(cuts=(), ambiguous=((50, 60),))
    assert score_shots(shots_at(55, 70), truth) == Score(0, 0, 0, 0, 1)


def test_precision_recall_and_f1_follow_from_the_counts() -> None:
    score = add_scores([Score(4, 3, 0, 0, 1), Score(0, 0, 2, 1, 0)])
    assert score.precision == pytest.approx(4 / 5)
    assert score.recall == pytest.approx(4 / 6)
    assert score.f1 == pytest.approx(2 * 4 / (2 * 4 + 1 + 2))


def test_film_without_transitions_and_boundaries_scores_one() -> None:
    assert score_shots(shots_at(), Truth(cuts=())).f1 == 1.0


def test_boundaries_outside_the_film_make_no_shot() -> None:
    found = list_shots([Boundary(0, "cut"), Boundary(10, "fade"), Boundary(30, "cut")], frame_count=30)
    assert [(shot.start_frame, shot.end_frame, shot.transition) for shot in found.shots] == [
        (0, 10, "start"),
        (10, 30, "fade"),
    ]
