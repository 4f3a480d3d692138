"""A ranking model finds a known taste again, says so in words, and is called better only where it is."""

import json
from dataclasses import replace

import numpy as np
import pytest

from curation.learning.duels import choose_duel
from curation.learning.effects import feature_effects
from curation.learning.features import FEATURES, describe_stills, expand_features, expanded_names
from curation.learning.preferences import FilmOpinions, Preferences, pair_preferences
from curation.learning.ranking_model import (
    UnfitModel,
    fit_ranking,
    pack_model,
    score_stills,
    unpack_model,
    worth_of_stills,
)
from curation.learning.validation import TooFewPreferences, train_and_validate
from curation.stills.parts import PART_WEIGHTS
from curation.stills.table import StillTable
from tests.still_tables import make_table
from tests.tastes import at_random, likes, make_examples, worths

TASTE = likes(closeness=1.5, sharpness=1.0, brightness=-1.5)


@pytest.fixture(scope="module")
def tables() -> list[StillTable]:
    return [make_table(200, scenes=30, seed=seed) for seed in range(3)]


def test_a_known_taste_is_learnt_is_better_and_holds_on_a_film_never_seen(tables: list[StillTable]) -> None:
    model, validation = train_and_validate(make_examples(tables, TASTE, judged=80), part_weights=PART_WEIGHTS)
    assert validation.is_better and "Better" in validation.verdict and validation.divided_by == "shots"
    assert np.mean([fold.auc for fold in validation.model]) > np.mean([fold.auc for fold in validation.weights]) + 0.1
    assert validation.held_back_model.auc > validation.held_back_weights.auc
    unseen = make_table(300, scenes=30, seed=99)
    scores = score_stills(model, describe_stills(unseen))
    assert scores.dtype == np.float32 and 0 <= scores.min() < scores.max() <= 1
    assert np.corrcoef(scores, worths(unseen, TASTE))[0, 1] > 0.8


def test_comparisons_alone_are_enough(tables: list[StillTable]) -> None:
    _, validation = train_and_validate(make_examples(tables, TASTE, compared=120), part_weights=PART_WEIGHTS)
    assert validation.is_better


def test_chance_is_not_better_and_the_verdict_says_what_would_be(tables: list[StillTable]) -> None:
    for seed in range(2):
        examples = make_examples(tables, at_random, judged=60, seed=seed)
        _, validation = train_and_validate(examples, part_weights=PART_WEIGHTS)
        assert not validation.is_better and validation.verdict.startswith("Not better")


def test_a_taste_that_is_the_weights_leaves_the_weights(tables: list[StillTable]) -> None:
    by_weights = likes(
        **{name: weight * 30 for name, weight in PART_WEIGHTS.items() if name not in ("variety", "spread")}
    )
    _, validation = train_and_validate(make_examples(tables, by_weights, judged=60), part_weights=PART_WEIGHTS)
    assert not validation.is_better


def test_films_are_not_divided_where_there_are_enough() -> None:
    many = [make_table(60, seed=seed) for seed in range(6)]
    _, validation = train_and_validate(make_examples(many, TASTE, judged=40), part_weights=PART_WEIGHTS)
    assert validation.divided_by == "films" and validation.is_better


def test_what_is_held_back_changes_nothing_of_the_model(tables: list[StillTable]) -> None:
    examples = make_examples(tables, TASTE, judged=80)
    other = examples.preferences
    swapped = examples.held_back[other.better] & examples.held_back[other.worse]
    turned = replace(
        other, better=np.where(swapped, other.worse, other.better), worse=np.where(swapped, other.better, other.worse)
    )
    one, honest = train_and_validate(examples, part_weights=PART_WEIGHTS)
    another, fooled = train_and_validate(replace(examples, preferences=turned), part_weights=PART_WEIGHTS)
    assert one.slopes == another.slopes and honest.model == fooled.model
    assert fooled.held_back_model.auc == pytest.approx(1 - honest.held_back_model.auc)
    assert not fooled.is_better and "held back for good" in fooled.verdict


def test_too_little_is_refused_with_what_is_needed(tables: list[StillTable]) -> None:
    for examples in (make_examples(tables[:1], TASTE, judged=20), make_examples(tables, TASTE)):
        with pytest.raises(TooFewPreferences, match="40 are needed"):
            train_and_validate(examples, part_weights=PART_WEIGHTS)
    one_shot = make_table(200, scenes=4)
    with pytest.raises(TooFewPreferences, match="shots; 10 are needed"):
        train_and_validate(make_examples([one_shot], TASTE, judged=150), part_weights=PART_WEIGHTS)


def test_the_order_in_which_things_were_said_does_not_matter(tables: list[StillTable]) -> None:
    examples = make_examples(tables, TASTE, judged=60)
    shuffled = np.random.default_rng(1).permutation(len(examples.preferences))
    said = examples.preferences
    other = Preferences(said.better[shuffled], said.worse[shuffled], said.weights[shuffled], said.films[shuffled])
    one = fit_ranking(examples.features, examples.preferences, part_weights=PART_WEIGHTS)
    another = fit_ranking(examples.features, other, part_weights=PART_WEIGHTS)
    np.testing.assert_allclose(one.slopes, another.slopes, atol=1e-4)
    assert one == fit_ranking(examples.features, examples.preferences, part_weights=PART_WEIGHTS)


def test_a_model_survives_json_and_one_of_other_features_is_refused(tables: list[StillTable]) -> None:
    examples = make_examples(tables, TASTE, judged=60)
    model = fit_ranking(examples.features, examples.preferences, part_weights=PART_WEIGHTS)
    packed = json.loads(json.dumps(pack_model(model), allow_nan=False))
    again = unpack_model(packed)
    np.testing.assert_array_equal(score_stills(again, examples.features), score_stills(model, examples.features))
    for change in (
        {"features_version": 0}, {"names": ["a"]}, {"slopes": [1.0]}, {"means": None}, {"references": []},
        {"slopes": ["x"] * len(model.slopes)}, {"part_weights": 3}, {"means": [float("nan")] * len(model.means)},
    ):  # fmt: skip
        with pytest.raises(UnfitModel, match="train it again"):
            unpack_model(packed | change)
    with pytest.raises(UnfitModel):
        unpack_model({})


def test_unknown_constant_and_missing_features_do_no_harm(tables: list[StillTable]) -> None:
    examples = make_examples(tables[:1], TASTE, judged=100)
    features = examples.features.copy()
    features[:, 0], features[:, 3] = np.nan, 0.7
    features[::3, 5] = np.nan
    model = fit_ranking(features, examples.preferences, part_weights=PART_WEIGHTS)
    assert np.isfinite(worth_of_stills(model, features)).all()
    all_unknown = np.full((4, len(FEATURES)), np.nan, dtype=np.float32)
    assert np.ptp(score_stills(model, all_unknown)) == 0
    assert score_stills(model, features[:0]).shape == (0,)
    nothing = fit_ranking(features, pair_preferences([]), part_weights={})
    assert not np.any(nothing.slopes) and np.all(score_stills(nothing, features) == 0.5)
    alike = np.full((6, len(FEATURES)), 0.4, dtype=np.float32)
    film = FilmOpinions(np.array([4.0, 4, 4, 0, 0, 0]), np.empty((0, 2), np.int64))
    assert not np.any(fit_ranking(alike, pair_preferences([film]), part_weights=PART_WEIGHTS).slopes)


def test_what_was_learnt_is_said_in_words_with_the_strongest_first(tables: list[StillTable]) -> None:
    examples = make_examples(tables, likes(sharpness=2.0, brightness=-2.0), judged=150, noise=0.3)
    model = fit_ranking(examples.features, examples.preferences, part_weights=PART_WEIGHTS)
    effects = feature_effects(model, examples.features)
    assert {effect.words for effect in effects[:2]} == {"likes sharp subjects", "likes dark pictures"}
    said = {effect.name: effect for effect in effects}
    assert said["sharpness"].effect > 0.1 and said["brightness"].effect < -0.1
    assert list(said["sharpness"].curve) == sorted(said["sharpness"].curve)
    assert feature_effects(model, examples.features[:0]) == []


def test_a_liking_for_the_middle_is_found_as_such(tables: list[StillTable]) -> None:
    def middle(features: np.ndarray) -> np.ndarray:
        colour = features[:, [feature.name for feature in FEATURES].index("colour")]
        return -20 * np.square(colour - 0.5)

    examples = make_examples(tables, middle, judged=200, noise=0.2)
    model = fit_ranking(examples.features, examples.preferences, part_weights=PART_WEIGHTS)
    colour = next(effect for effect in feature_effects(model, examples.features) if effect.name == "colour")
    assert colour.is_bent and colour.effect > 0.05 and colour.words.startswith("likes the middle between")


def test_every_feature_has_its_column_and_its_words(tables: list[StillTable]) -> None:
    rows = describe_stills(tables[0])
    assert rows.shape == (200, len(FEATURES)) and rows.dtype == np.float32
    assert len(set(expanded_names())) == expand_features(rows, part_weights=PART_WEIGHTS).shape[1]
    assert all(feature.label and feature.more and feature.less for feature in FEATURES)
    bare = make_table(5)
    without = StillTable(**{**{name: getattr(bare, name) for name in bare.__slots__}, "parts": {}})
    assert np.isnan(describe_stills(without)[:, 0]).all()
    assert describe_stills(bare.take([])).shape == (0, len(FEATURES))


def test_the_next_duel_is_unsure_differs_and_was_never_put() -> None:
    table = make_table(120, scenes=20, seed=5)
    scores = np.random.default_rng(2).random(120)
    usable = np.ones(120, dtype=bool)
    usable[:10] = False
    asked: set[tuple[int, int]] = set()
    row = {int(frame): number for number, frame in enumerate(table.frames)}
    apart = []
    for _ in range(60):
        duel = choose_duel(table, scores, asked=asked, usable=usable)
        assert duel is not None and duel not in asked and duel == choose_duel(table, scores, asked=asked, usable=usable)
        assert table.shots[row[duel.left]] != table.shots[row[duel.right]] and row[duel.left] >= 10
        apart.append(abs(scores[row[duel.left]] - scores[row[duel.right]]))
        asked.add((duel.left, duel.right))
    assert np.mean(apart) < 0.1
    assert len({frame for duel in asked for frame in duel}) > 40


def test_no_duel_is_left_of_one_still_of_copies_or_when_all_were_put() -> None:
    table = make_table(12, scenes=3, seed=1)
    scores, usable = np.linspace(0, 1, 12), np.ones(12, dtype=bool)
    assert choose_duel(table.take([0]), scores[:1], asked=set(), usable=usable[:1]) is None
    assert choose_duel(table.take([]), scores[:0], asked=set(), usable=usable[:0]) is None
    copies = table.take([0, 0, 0])
    assert choose_duel(copies, scores[:3], asked=set(), usable=usable[:3]) is None
    asked: set[tuple[int, int]] = set()
    while (duel := choose_duel(table, scores, asked=asked, usable=usable)) is not None:
        asked.add((duel.left, duel.right))
    assert 0 < len(asked) <= 66
    assert choose_duel(table, np.full(12, np.nan), asked=set(), usable=usable) is None
