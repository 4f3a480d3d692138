"""What is worth asking about a cast, how a character is split, and how grouping is scored."""

import numpy as np
import pytest

from ava.annotate.face_encoders import RESNET
from curation.people.cluster import cluster_vectors
from curation.people.doubts import find_doubts
from curation.people.metrics import bcubed, count_clicks, count_ratio, pairwise, purity
from curation.people.split import find_gap, propose_split
from tests.face_vectors import make_people
from tests.made_films import person_middle


def looks(middle: np.ndarray, *, count: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    spread = 0.3 * RESNET.even_distance / np.sqrt(2 * RESNET.dimensions)
    return middle + rng.normal(0, spread, (count, RESNET.dimensions))


def ask(vectors, character, **changes):
    count = len(vectors)
    options = {
        "weights": np.full(count, 3, np.float32), "confidence": np.full(count, np.nan, np.float32),
        "said": np.zeros(count, np.bool_), "encoder": RESNET, "prominence": {1: 0.6, 2: 0.4, 3: 0.1},
        "apart": set(), "refused": set(),
    }  # fmt: skip
    return find_doubts(np.asarray(vectors, np.float32), character=np.array(character, np.int64), **(options | changes))


def alike_pair() -> np.ndarray:
    """Two characters of four tracks that may well be one person, and a third who is somebody else."""
    aside = np.zeros(RESNET.dimensions)
    aside[0] = 0.85 * RESNET.even_distance
    middle = person_middle(1)
    return np.concatenate(
        [
            looks(middle, count=4, seed=1),
            looks(middle + aside, count=4, seed=2),
            looks(person_middle(5), count=4, seed=3),
        ]
    )


CAST = [1] * 4 + [2] * 4 + [3] * 4


def test_two_characters_who_look_alike_are_asked_about_and_strangers_are_not():
    doubts = [doubt for doubt in ask(alike_pair(), CAST) if doubt.kind == "characters"]
    assert [(doubt.first, doubt.second) for doubt in doubts] == [(1, 2)]
    assert 0.03 < doubts[0].probability < 0.99
    assert 0 < doubts[0].worth <= 0.4


def test_what_is_known_to_be_two_people_or_was_refused_or_said_is_not_asked():
    assert not [doubt for doubt in ask(alike_pair(), CAST, apart={(2, 1)}) if doubt.kind == "characters"]
    odd = np.concatenate([alike_pair(), alike_pair()[[0]] + 0.5 * (alike_pair()[[4]] - alike_pair()[[0]])])
    tracks = [doubt for doubt in ask(odd, [*CAST, -1]) if doubt.kind == "track" and doubt.first == 12]
    assert len(tracks) == 1
    pair = (12, tracks[0].second)
    assert pair not in {
        (each.first, each.second) for each in ask(odd, [*CAST, -1], refused={pair}) if each.kind == "track"
    }
    said = np.ones(13, np.bool_)
    assert not [doubt for doubt in ask(odd, [*CAST, -1], said=said) if doubt.kind == "track"]


def test_the_question_that_settles_most_comes_first():
    confidence = np.full(12, 0.99, np.float32)
    confidence[[0, 8]] = 0.5
    doubts = [
        doubt for doubt in ask(alike_pair(), CAST, confidence=confidence, apart={(1, 2)}) if doubt.kind == "track"
    ]
    first, last = [doubt for doubt in doubts if doubt.first in (0, 8)]
    assert (first.first, first.second, last.first, last.second) == (0, 1, 8, 3)
    assert first.probability == pytest.approx(0.5)
    assert first.worth == pytest.approx(0.6 / 4)
    worth = [doubt.worth for doubt in ask(alike_pair(), CAST)]
    assert worth == sorted(worth, reverse=True)


@pytest.mark.filterwarnings("error")
def test_empty_casts_nan_and_tracks_of_nobody_raise_no_question():
    nothing = np.empty((0, RESNET.dimensions))
    assert ask(nothing, []) == []
    assert ask(np.full((3, RESNET.dimensions), np.nan), [1, 1, 2]) == []
    assert ask(looks(person_middle(1), count=3, seed=4), [-1, -1, -1]) == []
    assert ask(looks(person_middle(1), count=1, seed=4), [1]) == []


def test_a_character_of_two_people_is_taken_apart_and_one_of_one_is_not():
    made = make_people([9, 5], seed=6)
    weights = np.ones(14, np.float32)
    split = propose_split(made.vectors, weights=weights, encoder=RESNET, apart=[])
    assert split is not None
    assert (split == (made.person == 1)).mean() > 0.9
    one = made.vectors[made.person == 0] * 0.2
    assert propose_split(one, weights=weights[:9], encoder=RESNET, apart=[]) is None


@pytest.mark.filterwarnings("error")
def test_tracks_without_a_vector_stay_and_nothing_is_no_split():
    made = make_people([6, 6], seed=7)
    vectors = made.vectors.copy()
    vectors[:2] = np.nan
    split = propose_split(vectors, weights=np.ones(12, np.float32), encoder=RESNET, apart=[(0, 1)])
    assert split is not None and not split[:2].any()
    assert propose_split(vectors[:2], weights=np.ones(2, np.float32), encoder=RESNET, apart=[]) is None
    assert propose_split(vectors[:0], weights=np.ones(0, np.float32), encoder=RESNET, apart=[]) is None


def test_scores_of_a_grouping_worked_out_by_hand():
    true = np.array([0, 0, 0, 1, 1, 2])
    found = np.array([5, 5, 7, 7, 9, 9])
    assert pairwise(found, true) == (pytest.approx(1 / 3), pytest.approx(1 / 4))
    assert bcubed(found, true).precision == pytest.approx((1 + 1 + 0.5 * 4) / 6)
    assert bcubed(found, true).recall == pytest.approx((2 / 3 * 2 + 1 / 3 + 0.5 * 2 + 1) / 6)
    assert purity(found, true) == pytest.approx(4 / 6)
    assert count_ratio(found, true) == 1
    assert bcubed(true, true) == pairwise(true, true) == (1, 1)
    none = np.empty(0, np.int64)
    assert (bcubed(none, none).f, purity(none, none), count_ratio(none, none)) == (1, 1, 1)


def test_clicks_count_one_action_for_each_merge_and_each_person_taken_out():
    time = np.ones(8)
    true = np.array([0, 0, 0, 0, 1, 1, 2, 2])
    assert count_clicks(true, true, screen_time=time) == 0
    in_two = np.array([0, 0, 3, 3, 1, 1, 2, 2])
    assert count_clicks(in_two, true, screen_time=time) == 1
    in_three = np.array([0, 4, 3, 3, 1, 1, 2, 2])
    assert count_clicks(in_three, true, screen_time=time) == 1
    lumped = np.array([0, 0, 0, 0, 0, 0, 2, 2])
    assert count_clicks(lumped, true, screen_time=time) == 1
    everybody = np.zeros(8, np.int64)
    assert count_clicks(everybody, true, screen_time=time) == 2
    astray = np.array([0, 0, 0, 1, 1, 1, 2, 2])
    assert count_clicks(astray, true, screen_time=time) == 1
    assert count_clicks(np.empty(0, np.int64), np.empty(0, np.int64), screen_time=np.empty(0)) == 0
    small = np.array([10, 11, 12, 13, 14, 15, 16, 17])
    assert count_clicks(small, np.arange(8), screen_time=time, top=3) == 0


def test_look_alikes_who_pass_for_one_person_are_parted_where_there_is_a_gap() -> None:
    rng = np.random.default_rng(5)
    middle, aside = rng.normal(0, 1, (2, RESNET.dimensions)) / np.sqrt(RESNET.dimensions)
    who = np.array([0, 1, 0, 0, 1, 1, 0, 0], dtype=np.int64)
    scatter = rng.normal(0, 0.12 / np.sqrt(RESNET.dimensions), (8, RESNET.dimensions))
    vectors = (middle + 0.42 * who[:, None] * aside / np.linalg.norm(aside) + scatter).astype(np.float32)
    weights = np.full(8, 2, np.float32)
    assert len(set(cluster_vectors(vectors, weights=weights, encoder=RESNET, apart=[]).tolist())) == 1
    split = propose_split(vectors, weights=weights, encoder=RESNET, apart=[])
    assert split is not None and split.tolist() == (who == 1).tolist()


@pytest.mark.parametrize("count", [1, 2, 4, 9, 60])
def test_nothing_is_parted_without_a_gap(count: int) -> None:
    for seed in range(20):
        vectors = np.random.default_rng([seed, count]).normal(0, 0.02, (count, RESNET.dimensions)).astype(np.float32)
        assert find_gap(vectors) is None
    assert find_gap(np.zeros((count, RESNET.dimensions), np.float32)) is None
