"""What is known of shots, how the prior ranks them, and the reasons that are told."""

import numpy as np
import pytest

from curation.moments.prior import WEIGHTS, prior_weights, score_by_prior
from curation.moments.ranking_validation import baseline_scores, measure
from curation.moments.scores import MomentScores, reasons
from curation.moments.shot_features import FEATURE_AT, FEATURES, FilmShots, film_places, film_ranks, table_of


def film_of(columns: dict[str, list[float]], *, shots: int) -> FilmShots:
    """A film of shots of two seconds of which only these features are known."""
    edges = np.arange(shots + 1)
    spans = np.stack([edges[:-1], edges[1:]], axis=1)
    return FilmShots(spans * 48, spans * 2.0, table_of(columns, shots=shots))


def test_features_that_exist_have_names_and_words_of_their_own():
    assert len({feature.name for feature in FEATURES}) == len(FEATURES) == len(FEATURE_AT)
    assert all(feature.label and feature.high and feature.low and feature.high != feature.low for feature in FEATURES)


def test_ranks_run_from_the_least_to_the_most_and_equal_values_share_theirs():
    ranks = film_ranks(np.array([[5.0, 1.0], [7.0, 1.0], [5.0, 3.0], [np.nan, np.inf]]))
    np.testing.assert_allclose(ranks[:, 0], [0.25, 1, 0.25, np.nan])
    np.testing.assert_allclose(ranks[:, 1], [0.25, 0.25, 1, np.nan])


def test_a_feature_that_is_the_same_throughout_or_known_of_one_shot_says_nothing():
    assert film_places(np.array([[3.0, np.nan], [3.0, 8.0]])).tolist() == [[0, 0], [0, 0]]
    assert film_ranks(np.zeros((0, 4))).shape == (0, 4)


def test_columns_keep_what_is_measured_and_drop_what_is_no_number():
    values = table_of({"length_s": [1.5, float("inf"), 1e300], "people": [1, 2, 3]}, shots=3)
    assert values.dtype == np.float32
    np.testing.assert_array_equal(values[:, FEATURE_AT["length_s"]], np.float32([1.5, np.nan, np.nan]))
    assert np.isnan(values[:, FEATURE_AT["warmth"]]).all()
    with pytest.raises(ValueError, match="length_s has 2 values for 3 shots"):
        table_of({"length_s": [1, 2]}, shots=3)
    with pytest.raises(KeyError):
        table_of({"fame": [1, 2, 3]}, shots=3)


@pytest.mark.parametrize("weight", WEIGHTS, ids=lambda weight: weight.feature)
def test_the_prior_ranks_by_each_weight_alone_in_its_direction(weight):
    scores = score_by_prior(film_of({weight.feature: [3.0, 1.0, 2.0]}, shots=3)).score_unit
    expected = [1.0, 0.0, 0.5] if weight.weight > 0 else [0.0, 1.0, 0.5]
    assert scores.tolist() == expected


def test_every_weight_names_a_feature_once_and_says_why():
    assert len({weight.feature for weight in WEIGHTS}) == len(WEIGHTS)
    assert all(weight.feature in FEATURE_AT and weight.why.endswith(".") for weight in WEIGHTS)
    assert all(0 < abs(weight.weight) <= 1 for weight in WEIGHTS)
    assert np.abs(prior_weights()).sum() == pytest.approx(1, abs=1e-5)


def test_what_was_not_measured_drops_out_and_does_not_count_against_a_shot():
    heard = film_of({"relative_lu": [-20, -5, 0], "motion_unit_s": [0.1, 0.2, 0.3]}, shots=3)
    part = film_of({"relative_lu": [-20, np.nan, 0], "motion_unit_s": [0.1, 0.2, 0.3]}, shots=3)
    assert score_by_prior(part).contributions[1, FEATURE_AT["relative_lu"]] == 0
    assert score_by_prior(part).score_unit.tolist() == score_by_prior(heard).score_unit.tolist()


@pytest.mark.parametrize("shots", [0, 1, 2, 40])
def test_films_of_which_nothing_is_known_have_defined_scores_and_no_reasons(shots):
    scores = score_by_prior(film_of({}, shots=shots))
    assert scores.score_unit.tolist() == [0.5] * shots
    assert scores.contributions.shape == (shots, len(FEATURES))
    assert all(reasons(scores, film_of({}, shots=shots), index) == [] for index in range(shots))


def test_scores_do_not_depend_on_units_and_are_ranks_within_the_film():
    rng = np.random.default_rng(3)
    loudness, motion = rng.normal(size=(2, 50))
    shots = film_of({"relative_lu": loudness, "motion_unit_s": motion}, shots=50)
    other = film_of({"relative_lu": 100 + 9 * loudness, "motion_unit_s": np.exp(motion)}, shots=50)
    scores = score_by_prior(shots)
    assert scores.by == "prior"
    assert scores.score_unit.tolist() == score_by_prior(other).score_unit.tolist()
    assert scores.score_unit.min() == 0
    assert scores.score_unit.max() == 1


def test_reasons_name_what_weighs_most_with_its_share_of_the_shots():
    count = 101
    shots = film_of({"relative_lu": range(count), "brightness_unit": range(count, 0, -1)}, shots=count)
    assert reasons(score_by_prior(shots), shots, 100) == [
        "Loud, more so than 99 % of the shots", "Against it: dark, more so than 99 % of the shots"
    ]  # fmt: skip
    assert reasons(score_by_prior(shots), shots, 75)[0] == "Loud, more so than 75 % of the shots"
    assert reasons(score_by_prior(shots), shots, 100, most=1) == ["Loud, more so than 99 % of the shots"]
    assert reasons(score_by_prior(shots), shots, 100, most=0) == []


def test_reasons_do_not_claim_a_share_where_most_shots_are_equal():
    shots = film_of({"people": [0] * 7 + [2, 3, 4]}, shots=10)
    assert reasons(score_by_prior(shots), shots, 0) == ["Against it: few people or none"]


def test_reasons_tell_of_the_picture_where_a_network_looked_at_it_and_know_no_other_shots():
    shots = film_of({}, shots=3)
    of_picture = np.array([0.5, 0.0, -0.5], dtype=np.float32)
    scores = MomentScores(np.zeros(3, np.float32), np.zeros((3, len(FEATURES)), np.float32), "v1", of_picture)
    told = [reasons(scores, shots, index) for index in range(3)]
    assert told == [
        ["Looking like shots that trailers use"], [], ["Against it: looking unlike shots that trailers use"]
    ]  # fmt: skip
    for index in (-1, 3):
        with pytest.raises(IndexError):
            reasons(scores, shots, index)


def test_an_order_is_measured_by_what_its_best_shots_have_in_the_trailer():
    used = np.zeros(40, np.float32)
    used[:4] = 1
    best = measure(np.linspace(1, 0, 40), used)
    assert best == (0.4, 1.0, 1.0)
    assert measure(np.linspace(0, 1, 40), used) == (0.0, 0.0, 0.0)
    assert measure(np.full(40, 0.5), used) == (0.1, 0.1, 0.5)


def test_ties_at_the_last_place_count_as_much_as_chance_gives():
    found = measure(np.array([1.0, 0.5, 0.5, 0.0]), np.array([1.0, 1.0, 0.0, 0.0]))
    assert found.top_used_unit == pytest.approx(0.75)


@pytest.mark.parametrize(("used", "told"), [([], (0, 0, 0.5)), ([0, 0], (0, 0, 0.5)), ([1, 1], (1, 1, 0.5))])
def test_films_of_which_nothing_or_all_is_used_have_defined_measures(used, told):
    assert measure(np.arange(len(used)), np.array(used, dtype=np.float32)) == told


def test_baselines_are_by_loudness_motion_and_the_prior_beside_chance():
    shots = film_of({"relative_lu": [1, 2, 3], "motion_unit_s": [3, 2, 1]}, shots=3)
    scores = baseline_scores(shots)
    assert scores["loudness"].tolist() == [0, 0.5, 1]
    assert scores["motion"].tolist() == [1, 0.5, 0]
    assert scores["random"].tolist() == [0.5, 0.5, 0.5]
    assert scores["prior"].tolist() == score_by_prior(shots).score_unit.tolist()
