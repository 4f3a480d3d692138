"""Learning an attribute from a few answers: against slow exact oracles and truth by construction."""

import warnings
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from search.train.attribute import LEAST_EACH, Answers, even_odds, lacking, learn, pack_measures
from search.train.attribute_calibration import calibrate
from search.train.attribute_choice import choose_questions
from search.train.attribute_fit import BACKGROUND_COUNTS_AS, PENALTIES, Examples, Fit, find_space
from search.train.attribute_head import UnfitHead, logistic, pack_head, tell, unpack_head
from search.train.attribute_measures import measure, share, student_reach
from search.train.attribute_parts import part_examples

DIMENSION = 24


@pytest.fixture(autouse=True)
def no_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def make_shots(count: int, *, share: float, seed: int = 0, strength: float = 3.0) -> tuple[NDArray, NDArray, NDArray]:
    """Unit vectors about a common centre, which of them have it, and the direction that having it adds."""
    rng = np.random.default_rng(seed)
    direction = rng.standard_normal(DIMENSION)
    direction /= np.linalg.norm(direction)
    has_it = rng.random(count) < share
    vectors = 2.0 + rng.standard_normal((count, DIMENSION)) + strength * has_it[:, None] * direction
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32), has_it, direction.astype(np.float32)


def answer(has_it: NDArray[np.bool_], rows: list[int] | NDArray[np.int64]) -> Answers:
    """The truth of some rows, each of a film and a place of its own."""
    row = np.array(rows, dtype=np.int64)
    return Answers(row, has_it[row], row % 7, row)


def auc(scores: NDArray[np.float64], has_it: NDArray[np.bool_]) -> float:
    return float((scores[has_it][:, None] > scores[~has_it][None]).mean())


def test_scores_of_left_out_parts_are_those_of_a_fit_without_them() -> None:
    vectors, has_it, direction = make_shots(60, share=0.4)
    part = np.arange(30, dtype=np.int64) % 6
    examples = Examples(vectors[:30], has_it[:30], part, vectors[30:], direction)
    space = find_space(examples)
    rows = np.concatenate([space.place(vectors), np.full((60, 1), 3.0)], axis=1)
    prior = space.place(vectors) @ space.by_name
    positive = int(has_it[:30].sum())
    against = 30 - positive + BACKGROUND_COUNTS_AS
    weights = np.full(60, 0.5 * BACKGROUND_COUNTS_AS / against / 30)
    weights[:30] = np.where(has_it[:30], 0.5 / positive, 0.5 / against)
    targets = np.where(np.concatenate([has_it[:30], np.zeros(30, dtype=bool)]), 1.0, -1.0)
    for found in Fit(examples, space).candidates():
        wanted = targets - found.trust * prior
        for each in range(6):
            kept = np.concatenate([part != each, np.ones(30, dtype=bool)])
            gram = (rows[kept] * weights[kept, None]).T @ rows[kept] + found.penalty * np.eye(DIMENSION + 1)
            line = np.linalg.solve(gram, rows[kept].T @ (weights[kept] * wanted[kept]))
            oracle = rows[:30][part == each] @ line + found.trust * prior[:30][part == each]
            np.testing.assert_allclose(found.unseen[part == each], oracle, atol=1e-8)


def test_fewer_rows_than_dimensions_give_the_same_line_as_the_plain_equations() -> None:
    vectors, has_it, _ = make_shots(10, share=0.5, seed=3)
    examples = Examples(vectors, has_it, np.arange(10), vectors[:0])
    space = find_space(examples)
    head = Fit(examples, space).head(penalty=0.2, trust=0.0)
    rows = np.concatenate([space.place(vectors), np.full((10, 1), 3.0)], axis=1)
    weights = np.where(has_it, 0.5 / has_it.sum(), 0.5 / (~has_it).sum())
    gram = (rows * weights[:, None]).T @ rows + 0.2 * np.eye(DIMENSION + 1)
    line = np.linalg.solve(gram, rows.T @ (weights * np.where(has_it, 1.0, -1.0)))
    np.testing.assert_allclose(head.score(vectors.astype(np.float64)), rows @ line, atol=1e-9)


def test_twenty_answers_order_shots_that_nobody_answered() -> None:
    vectors, has_it, _ = make_shots(2000, share=0.2)
    rows = [*np.flatnonzero(has_it)[:10], *np.flatnonzero(~has_it)[:10]]
    learned = learn(vectors, answers=answer(has_it, rows))
    others = np.setdiff1d(np.arange(2000), rows)
    assert auc(learned.head.score(vectors)[others], has_it[others]) > 0.9
    assert learned.lacking == "" and learned.measures is not None and learned.measures.tells_apart


def test_a_name_orders_before_any_answer_and_helps_few_ones() -> None:
    vectors, has_it, direction = make_shots(2000, share=0.2, strength=2.0)
    name = direction + 0.3 * np.random.default_rng(1).standard_normal(DIMENSION).astype(np.float32)
    by_name = learn(vectors, answers=answer(has_it, []), name=name)
    assert auc(by_name.head.score(vectors), has_it) > 0.75
    assert by_name.measures is None and by_name.head.calibration is None
    three = answer(has_it, [*np.flatnonzero(has_it)[:2], *np.flatnonzero(~has_it)[:1]])
    with_name = auc(learn(vectors, answers=three, name=name).head.score(vectors), has_it)
    assert with_name > auc(learn(vectors, answers=three).head.score(vectors), has_it)


def test_a_name_that_says_the_opposite_is_overruled_by_answers() -> None:
    vectors, has_it, direction = make_shots(2000, share=0.3)
    rows = [*np.flatnonzero(has_it)[:25], *np.flatnonzero(~has_it)[:25]]
    learned = learn(vectors, answers=answer(has_it, rows), name=-direction)
    assert auc(learned.head.score(vectors), has_it) > 0.85


def test_nothing_but_an_order_is_told_before_there_are_enough_of_both_sides() -> None:
    vectors, has_it, _ = make_shots(300, share=0.5)
    rows = [*np.flatnonzero(has_it)[: LEAST_EACH - 1], *np.flatnonzero(~has_it)[: LEAST_EACH - 2]]
    learned = learn(vectors, answers=answer(has_it, rows))
    assert learned.head.calibration is None and pack_measures(learned) == {}
    assert "1 more example that has it and 2 more counterexamples" in learned.lacking
    assert even_odds(learned.head) is None


def test_answers_by_chance_are_said_not_to_be_told_apart() -> None:
    vectors, _, _ = make_shots(400, share=0.5)
    by_chance = np.random.default_rng(8).random(400) < 0.5
    learned = learn(vectors, answers=answer(by_chance, np.arange(40)))
    assert "cannot tell them apart" in learned.lacking


def test_probabilities_hold_on_shots_that_nobody_answered() -> None:
    vectors, has_it, _ = make_shots(4000, share=0.3, strength=2.0, seed=5)
    learned = learn(vectors, answers=answer(has_it, np.arange(300)))
    assert learned.head.calibration is not None and learned.measures is not None
    told = tell(learned.head.calibration, learned.head.score(vectors[300:]))
    for low, high in ((0.0, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 1.0)):
        inside = (told.probability >= low) & (told.probability < high)
        assert abs(has_it[300:][inside].mean() - told.probability[inside].mean()) < 0.12
    assert learned.measures.ece < 0.12


def test_intervals_shrink_with_examples() -> None:
    vectors, has_it, _ = make_shots(4000, share=0.4, strength=2.0, seed=6)
    widths = []
    for count in (20, 80, 320):
        learned = learn(vectors, answers=answer(has_it, np.arange(count)))
        assert learned.head.calibration is not None
        told = tell(learned.head.calibration, learned.head.score(vectors[1000:]))
        widths.append(float((told.high - told.low).mean()))
        assert (told.low <= told.probability).all() and (told.probability <= told.high).all()
    assert widths[0] > widths[1] > widths[2]


def test_calibration_finds_the_sigmoid_that_made_the_answers() -> None:
    rng = np.random.default_rng(2)
    scores = rng.standard_normal(5000)
    found = calibrate(scores, rng.random(5000) < logistic(2.0 * scores - 1.0))
    assert found is not None
    assert found.slope == pytest.approx(2.0, abs=0.2) and found.offset == pytest.approx(-1.0, abs=0.15)
    assert found.slope_variance**0.5 < 0.1


@pytest.mark.parametrize(
    ("scores", "has_it"),
    [([], []), ([1.0], [True]), ([1.0, 2.0], [True, True]), ([1.0, 1.0], [True, False]), ([2.0, 1.0], [False, True]),
     ([np.nan, 1.0], [True, False])],
)  # fmt: skip
def test_scores_that_mean_nothing_get_no_probability(scores: list[float], has_it: list[bool]) -> None:
    assert calibrate(np.array(scores), np.array(has_it, dtype=bool)) is None


@pytest.mark.parametrize("has_it", [[True] * 12, [False] * 12, [True] * 6 + [False] * 6])
def test_shots_that_are_all_the_same_are_learnt_from_without_a_fault(has_it: list[bool]) -> None:
    vectors = np.full((20, 4), 0.5, dtype=np.float32)
    learned = learn(vectors, answers=answer(np.array(has_it + [False] * 8), np.arange(12)))
    assert np.isfinite(learned.head.score(vectors)).all()
    assert learned.lacking


def test_one_shot_alone_is_learnt_from_without_a_fault() -> None:
    vectors = np.array([[1.0, 0.0]], dtype=np.float32)
    learned = learn(vectors, answers=answer(np.array([True]), [0]), name=np.array([0.0, 1.0], dtype=np.float32))
    assert np.isfinite(learned.head.score(vectors)).all() and lacking(answer(np.array([True]), [0]))


def test_the_same_answers_bring_the_same_head_and_the_same_questions() -> None:
    vectors, has_it, _ = make_shots(500, share=0.3)
    answers = answer(has_it, np.arange(40))
    first, second = learn(vectors, answers=answers), learn(vectors.copy(), answers=answers)
    np.testing.assert_array_equal(first.head.weights, second.head.weights)
    asked = [
        choose_questions(
            vectors, scores=each.head.score(vectors), answered=answers.row, boundary=even_odds(each.head), count=24
        )
        for each in (first, second)
    ]
    assert asked[0] == asked[1] and len(asked[0]) == 24


def test_the_order_of_the_answers_does_not_matter() -> None:
    vectors, has_it, _ = make_shots(500, share=0.3)
    there, back = np.arange(40), np.arange(40)[::-1]
    first, second = (learn(vectors, answers=answer(has_it, each)) for each in (there, back))
    np.testing.assert_allclose(first.head.score(vectors), second.head.score(vectors), atol=1e-9)


def test_questions_are_best_guesses_then_unsure_ones_then_what_is_new() -> None:
    vectors, _, _ = make_shots(1000, share=0.3)
    scores = np.linspace(2.0, -2.0, 1000)
    questions = choose_questions(vectors, scores=scores, answered=np.arange(5), boundary=0.0, count=20)
    assert [each.why for each in questions] == ["guess"] * 14 + ["unsure"] * 4 + ["new"] * 2
    assert [each.row for each in questions[:14]] == list(range(5, 19))
    assert {each.row for each in questions[14:18]} <= set(range(490, 510))


def test_what_looks_the_same_is_asked_about_once() -> None:
    vectors, _, _ = make_shots(50, share=0.3)
    doubled = np.repeat(vectors, 4, axis=0)
    questions = choose_questions(
        doubled, scores=np.repeat(np.arange(50.0), 4), answered=np.array([], dtype=np.int64), boundary=None, count=20
    )
    assert len({each.row // 4 for each in questions}) == 20


def test_answered_shots_and_none_at_all_are_never_asked_about() -> None:
    vectors, _, _ = make_shots(10, share=0.3)
    none = np.array([], dtype=np.int64)
    assert choose_questions(vectors, scores=np.zeros(10), answered=np.arange(10), boundary=0.0, count=5) == []
    assert choose_questions(vectors[:0], scores=np.zeros(0), answered=none, boundary=None, count=5) == []
    left = choose_questions(vectors, scores=np.zeros(10), answered=np.arange(8), boundary=0.0, count=24)
    assert sorted(each.row for each in left) == [8, 9]


def test_whole_films_are_left_out_together_where_there_are_enough() -> None:
    film, shot = np.repeat(np.arange(5), 4), np.arange(20)
    parts = part_examples(film, shot=shot, has_it=np.tile([True, False], 10))
    assert parts.together == "film"
    assert all(len(set(parts.part[film == each])) == 1 for each in range(5))


def test_stretches_of_one_film_are_left_out_together() -> None:
    film, shot = np.zeros(40, dtype=np.int64), np.arange(40)
    parts = part_examples(film, shot=shot, has_it=np.tile([True, False], 20))
    assert parts.together == "scene"
    assert all(len(set(parts.part[shot // 8 == each])) == 1 for each in range(5))
    few = part_examples(film[:4], shot=shot[:4], has_it=np.array([True, False, True, False]))
    assert few.together == "shot" and len(set(few.part)) == 4


def test_neighbours_that_look_alike_do_not_flatter_the_measures() -> None:
    """Of scenes whose answers are chance, each shot's neighbour gives it away; whole scenes left out do not."""
    rng = np.random.default_rng(4)
    scenes = rng.standard_normal((12, DIMENSION)) + 2
    vectors = np.repeat(scenes, 8, axis=0) + 0.01 * rng.standard_normal((96, DIMENSION))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    has_it = np.repeat(np.arange(12) % 2 == 0, 8)
    rows = np.arange(96)
    together = learn(vectors, answers=Answers(rows, has_it, np.zeros(96, dtype=np.int64), rows))
    alone = learn(vectors, answers=Answers(rows, has_it, np.zeros(96, dtype=np.int64), rows * 0))
    assert together.together == "scene" and together.measures is not None and alone.measures is not None
    assert together.measures.auc.value < 0.8 < alone.measures.auc.value


def test_examples_that_are_alike_count_as_fewer() -> None:
    rng = np.random.default_rng(9)
    has_it = np.repeat(rng.random(12) < 0.5, 10)
    scores = has_it * 1.5 + np.repeat(rng.standard_normal(12), 10) + 0.1 * rng.standard_normal(120)
    part = np.repeat(np.arange(12), 10) % 6
    apart = measure(scores, has_it=has_it, part=part)
    alike = measure(scores, has_it=has_it, part=part, group=np.repeat(np.arange(12), 10))
    assert alike.auc.value == apart.auc.value and alike.recall.value == apart.recall.value
    for what in ("auc", "recall", "precision"):
        wide, narrow = getattr(alike, what), getattr(apart, what)
        assert wide.high - wide.low > 1.5 * (narrow.high - narrow.low)


def test_examples_of_one_place_tell_nothing_of_others() -> None:
    has_it, rows = np.arange(20) % 2 == 0, np.arange(20)
    found = measure(has_it * 3.0 + rows / 100, has_it=has_it, part=rows, group=rows * 0)
    assert (found.auc.low, found.auc.high) == (found.recall.low, found.recall.high) == (0.0, 1.0)
    assert not found.tells_apart and student_reach(0) == np.inf
    assert [round(student_reach(freedom), 2) for freedom in (2, 3, 9, 1000)] == [2.89, 2.35, 1.83, 1.65]


def test_measures_of_a_perfect_and_of_a_reversed_order() -> None:
    has_it, part = np.arange(40) % 2 == 0, np.arange(40) % 8
    perfect = measure(has_it * 2.0 + np.linspace(0, 0.1, 40), has_it=has_it, part=part)
    assert perfect.auc.value == perfect.precision.value == perfect.recall.value == 1.0
    assert 0.8 < perfect.auc.low < 1.0 and perfect.precision.low < 0.95
    reversed_ = measure(-has_it.astype(np.float64) + np.linspace(0, 0.1, 40), has_it=has_it, part=part)
    assert reversed_.auc.value == 0.0 and not reversed_.tells_apart and reversed_.precision.of == 0


def test_share_has_wilsons_interval() -> None:
    assert share(0, of=0).of == 0 and np.isnan(share(0, of=0).value)
    found = share(8, of=10)
    assert (found.low, found.high) == (pytest.approx(0.541, abs=0.001), pytest.approx(0.931, abs=0.001))


def test_a_head_is_the_same_after_being_stored() -> None:
    vectors, has_it, _ = make_shots(200, share=0.4)
    head = learn(vectors, answers=answer(has_it, np.arange(60))).head
    again = unpack_head(pack_head(head))
    assert again.calibration == head.calibration
    np.testing.assert_array_equal(again.score(vectors), head.score(vectors))


@pytest.mark.parametrize(
    "stored",
    [{}, {"weights": "x", "constant": 0, "calibration": None}, {"weights": [1], "constant": float("nan"),
     "calibration": None}, {"weights": [[1.0]], "constant": 0.0, "calibration": None},
     {"weights": [1.0], "constant": 0.0, "calibration": [1.0]}],
)  # fmt: skip
def test_a_stored_head_that_is_none_says_what_to_do(stored: dict) -> None:
    with pytest.raises(UnfitHead, match="teach the attribute again"):
        unpack_head(stored)


def test_vectors_of_another_dimension_are_refused_with_a_sentence() -> None:
    vectors, has_it, _ = make_shots(50, share=0.4)
    head = learn(vectors, answers=answer(has_it, np.arange(20))).head
    with pytest.raises(UnfitHead, match="24 numbers, these have 8"):
        head.score(vectors[:, :8])


def test_penalties_go_from_strong_to_weak() -> None:
    assert list(PENALTIES) == sorted(PENALTIES, reverse=True)
