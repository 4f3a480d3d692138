"""What editors said becomes pairs of stills of one film, weighted so that no film rules."""

import numpy as np
import pytest

from curation.learning.held_back import HELD_BACK_SHARE, is_held_back, shot_key
from curation.learning.measures import mean_ndcg, ndcg, pair_auc
from curation.learning.preferences import MOST_PARTNERS, FilmOpinions, gains, liking_of, pair_preferences

NAN = float("nan")


def opinions(*liking: float, compared: tuple[tuple[int, int], ...] = ()) -> FilmOpinions:
    return FilmOpinions(np.array(liking, dtype=np.float64), np.array(compared, dtype=np.int64).reshape(-1, 2))


def pairs_of(films: list[FilmOpinions]) -> set[tuple[int, int]]:
    found = pair_preferences(films)
    return set(zip(found.better.tolist(), found.worse.tolist(), strict=True))


def test_a_pick_is_liked_more_than_three_stars_and_a_reject_least() -> None:
    assert (
        liking_of(verdict="pick", stars=0) == liking_of(verdict="pick", stars=2) == liking_of(verdict="", stars=4) == 4
    )
    assert liking_of(verdict="pick", stars=5) == 5 and liking_of(verdict="", stars=3) == 3
    assert liking_of(verdict="reject", stars=5) == 0
    assert np.isnan(liking_of(verdict="", stars=0))


def test_stills_of_different_films_are_never_paired() -> None:
    assert pairs_of([opinions(4, NAN), opinions(0, NAN), opinions(NAN, NAN)]) == set()
    assert pairs_of([opinions(4, 0), opinions(0, 4)]) == {(0, 1), (3, 2)}


def test_what_nobody_judged_is_in_no_pair_and_equals_are_not_either() -> None:
    assert pairs_of([opinions(4, NAN, 0, 4, 0)]) == {(0, 2), (0, 4), (3, 2), (3, 4)}


def test_a_comparison_pairs_what_it_says_even_against_the_verdicts() -> None:
    assert pairs_of([opinions(NAN, NAN, NAN, compared=((2, 0),))]) == {(2, 0)}
    assert pairs_of([opinions(0, 4, compared=((0, 1),))]) == {(1, 0), (0, 1)}


def test_a_busy_film_weighs_at_most_a_few_times_a_quiet_one() -> None:
    rng = np.random.default_rng(1)
    busy = FilmOpinions(np.where(rng.random(1000) < 0.5, 4.0, 0.0), np.empty((0, 2), np.int64))
    quiet = FilmOpinions(np.where(np.arange(20) % 2, 4.0, 0.0), np.empty((0, 2), np.int64))
    found = pair_preferences([busy, quiet])
    weights = np.bincount(found.films, weights=found.weights)
    assert weights == pytest.approx([1000 * 60 / 1060, 20 * 60 / 80])
    assert len(found) <= 2 * MOST_PARTNERS * 1020


def test_the_same_words_give_the_same_pairs() -> None:
    film = FilmOpinions(np.random.default_rng(3).integers(0, 6, 200).astype(float), np.empty((0, 2), np.int64))
    one, other = pair_preferences([film]), pair_preferences([film])
    for name in ("better", "worse", "weights", "films"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_nothing_said_gives_no_pairs_and_no_gains() -> None:
    assert len(pair_preferences([])) == 0 and len(gains([])) == 0
    assert len(pair_preferences([opinions()])) == len(pair_preferences([opinions(NAN, 4)])) == 0


def test_a_still_that_was_only_compared_gains_by_the_share_it_won() -> None:
    film = opinions(NAN, NAN, 4, NAN, compared=((0, 1), (0, 2), (1, 0)))
    np.testing.assert_allclose(gains([film]), [5 * 2 / 3, 2.5, 4, NAN])


def test_the_share_of_pairs_in_order_counts_ties_as_half() -> None:
    pairs = pair_preferences([opinions(4, 0, 0)])
    assert pair_auc(np.array([3.0, 2.0, 1.0]), pairs) == 1
    assert pair_auc(np.array([1.0, 1.0, 2.0]), pairs) == 0.25
    assert np.isnan(pair_auc(np.zeros(3), pair_preferences([])))


def test_ndcg_is_one_for_the_best_order_and_known_for_another() -> None:
    assert ndcg(np.array([3.0, 2.0, 1.0]), np.array([5.0, 4.0, 0.0])) == pytest.approx(1)
    by_hand = (0 + 5 / np.log2(3)) / 5
    assert ndcg(np.array([2.0, 1.0]), np.array([0.0, 5.0])) == pytest.approx(by_hand)
    assert ndcg(np.array([1.0, 1.0]), np.array([0.0, 5.0])) == pytest.approx((1 + by_hand) / 2)
    assert ndcg(np.arange(20.0), np.append(np.zeros(19), NAN)) != ndcg(np.arange(20.0), np.arange(20.0))
    assert np.isnan(ndcg(np.zeros(3), np.full(3, 4.0))) and np.isnan(ndcg(np.zeros(0), np.zeros(0)))


def test_ndcg_weighs_films_alike_whatever_their_size() -> None:
    scores, gained = np.array([2.0, 1.0, 2.0, 1.0, 0.0]), np.array([5.0, 0.0, 0.0, 0.0, 5.0])
    films = np.array([0, 0, 1, 1, 1])
    assert mean_ndcg(scores, gained, films) == pytest.approx((1 + 0.5) / 2)


def test_one_shot_in_five_is_held_back_and_stays_so() -> None:
    keys = [shot_key(film=f"film {film}", start_s=30.0 * shot) for film in range(20) for shot in range(100)]
    held = is_held_back(keys)
    assert held.mean() == pytest.approx(HELD_BACK_SHARE, abs=0.03)
    assert np.array_equal(is_held_back(keys[:50]), held[:50])
    assert shot_key(film="a", start_s=12.0) == shot_key(film="a", start_s=12.1)
    assert is_held_back([]).shape == (0,)
