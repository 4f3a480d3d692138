"""The order of stills: quality against variety, the fast way against a slow and obvious one."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from curation.stills.candidates import Candidate
from curation.stills.greedy import SPREAD_SHARE, VARIETY_SHARE, Contestants, rank_greedily
from curation.stills.likeness import NEAR_IDENTICAL
from curation.stills.order import MOST_VARIETY, Order, order_stills, weigh_parts
from curation.stills.parts import FRAME_PARTS, ORDER_PARTS, PART_WEIGHTS
from curation.stills.purposes import BALANCED, PURPOSES, fit_weighting
from curation.stills.rank import rank_stills
from curation.stills.separation import separate_alike
from curation.stills.table import StillTable
from tests.still_tables import make_table
from tests.test_stills_signals import film, shots_of


def field_of(count: int, *, seed: int = 0, spread_of_looks: float = 0.4) -> Contestants:
    rng = np.random.default_rng(seed)
    pictures = rng.integers(0, max(count // 3, 1), count)
    looks = rng.random((count, 4))[pictures] * spread_of_looks + rng.normal(0, 0.002, (count, 4))
    return Contestants(
        worth=rng.random(count).astype(np.float32) * 0.7,
        stake=rng.uniform(0.1, 0.4, count).astype(np.float32),
        points=rng.random((count, 5)).astype(np.float32),
        looks=looks.astype(np.float32),
        frames=np.sort(rng.choice(count * 5, count, replace=False)),
        shots=np.sort(rng.integers(0, count // 4 + 1, count)),
        alike=0.1,
        reach_frames=count / 3,
    )


def gains_beside(field: Contestants, above: list[int]) -> np.ndarray:
    """What every still gains beside those above, written down as it is defined."""
    if not above:
        return np.asarray(field.worth + field.stake)
    distance = np.linalg.norm(field.points[:, None].astype(float) - field.points[above], axis=2).min(axis=1)
    share = np.clip((distance - field.alike) / (1 - field.alike), 0, 1)
    of_shot = (field.shots[:, None] == field.shots[above]).sum(axis=1)
    variety = share**2 * (3 - 2 * share) / (1 + of_shot)
    spread = np.clip(np.abs(field.frames[:, None] - field.frames[above]).min(axis=1) / field.reach_frames, 0, 1)
    return np.asarray(field.worth + field.stake * (VARIETY_SHARE * variety + SPREAD_SHARE * spread))


@pytest.mark.parametrize("pool", [1, 7, 1000])
@pytest.mark.parametrize("seed", [1, 2])
def test_every_place_goes_to_the_still_that_gains_most_beside_those_above(seed: int, pool: int) -> None:
    field = field_of(150, seed=seed)
    ranked = rank_greedily(field, pool=pool)
    assert sorted(ranked.rows) == list(range(150))
    taken: list[int] = []
    for row in ranked.rows.tolist():
        gains = gains_beside(field, taken)
        left = np.setdiff1d(np.arange(150), taken)
        if taken:
            apart = np.linalg.norm(field.looks[left] - field.looks[taken[-1]], axis=1) >= NEAR_IDENTICAL
            left = left[apart] if apart.any() else left
        assert row in left
        assert gains[row] == pytest.approx(ranked.gains[row], abs=1e-5)
        assert gains[row] >= gains[left].max() - 1e-5
        taken.append(row)


def test_the_size_of_the_pool_changes_nothing() -> None:
    field = field_of(400, seed=5)
    whole = rank_greedily(field, pool=1000)
    for pool in (1, 20, 399):
        np.testing.assert_array_equal(rank_greedily(field, pool=pool).rows, whole.rows)


def test_behind_the_head_stills_of_one_shot_do_not_crowd_and_alike_ones_are_parted() -> None:
    field = field_of(600, seed=3)
    ranked = rank_greedily(field, head=100)
    np.testing.assert_array_equal(ranked.rows[:100], rank_greedily(field, head=600).rows[:100])
    assert sorted(ranked.rows) == list(range(600))
    assert not any_alike_in_succession(field.looks, ranked.rows)
    best = np.median([len(set(field.shots[ranked.rows[start : start + 50]])) for start in range(100, 500, 50)])
    by_worth = np.argsort(-field.worth)
    plain = np.median([len(set(field.shots[by_worth[start : start + 50]])) for start in range(100, 500, 50)])
    assert best > plain


def any_alike_in_succession(looks: np.ndarray, rows: np.ndarray) -> bool:
    return any(np.linalg.norm(looks[a] - looks[b]) < NEAR_IDENTICAL for a, b in pairwise(rows.tolist()))


def test_alike_stills_are_parted_as_long_as_others_are_left() -> None:
    looks = np.array([[0.0]] * 5 + [[1.0]] * 3 + [[2.0]], dtype=np.float32)
    parted = separate_alike(np.arange(9), looks=looks)
    pictures = looks[parted, 0].tolist()
    assert pictures == [0, 1, 0, 1, 0, 1, 0, 2, 0]
    assert separate_alike(np.arange(5), looks=looks).tolist() == [0, 1, 2, 3, 4], "nothing else is there"
    assert separate_alike(np.array([4, 5]), looks=looks, after=0).tolist() == [5, 4]
    assert separate_alike(np.empty(0, np.int64), looks=looks).tolist() == []


# --- tables ------------------------------------------------------------------------------------------------------


def usable(table: StillTable) -> StillTable:
    """The table with parts of half and more, so that none is unusable."""
    return replace(table, parts={name: 0.5 + values / 2 for name, values in table.parts.items()})


@pytest.fixture(scope="module")
def table() -> StillTable:
    return usable(make_table(300, scenes=60))


def mean_difference(table: StillTable, order: Order, *, first: int = 20) -> float:
    points = np.concatenate(list(table.vectors.values()), axis=1)[order.order[:first]]
    return float(np.linalg.norm(points[:, None] - points, axis=2).mean())


def test_scores_never_rise_and_are_the_weighted_parts_of_their_explanation(table: StillTable) -> None:
    ordered = order_stills(table, BALANCED)
    assert sorted(ordered.order) == list(range(300))
    scores = ordered.scores[ordered.order]
    assert np.all(np.diff(scores) <= 0) and scores.dtype == np.float32
    assert set(ordered.explanation) == {*FRAME_PARTS, *ORDER_PARTS}
    said = sum(PART_WEIGHTS[name] * values for name, values in ordered.explanation.items())
    np.testing.assert_allclose(ordered.scores, np.minimum(said, ordered.scores + 1e-5), atol=1e-5)
    assert (np.abs(said - ordered.scores) < 1e-5).mean() > 0.5, "most are not put behind a likeness"


def test_the_slider_goes_from_quality_alone_to_difference(table: StillTable) -> None:
    by_quality = order_stills(table, replace(BALANCED, variety=0.0))
    assert not any_alike_in_succession(table.looks, by_quality.order[:200])
    best = np.sort(by_quality.quality)[-20:].mean()
    assert by_quality.quality[by_quality.order[:20]].mean() > 0.98 * best
    orders = [order_stills(table, replace(BALANCED, variety=variety)) for variety in (0.0, 0.5, 1.0)]
    differences = [mean_difference(table, each) for each in orders]
    qualities = [float(each.quality[each.order[:20]].mean()) for each in orders]
    assert differences[0] < differences[1] < differences[2]
    assert qualities[0] > qualities[1] > qualities[2]


def test_a_weight_moves_those_up_that_have_the_part(table: StillTable) -> None:
    plain = order_stills(table, replace(BALANCED, variety=0.0))
    heavy = order_stills(table, replace(BALANCED, variety=0.0, weights={**BALANCED.weights, "colour": 5.0}))
    first = slice(0, 30)
    colour = table.parts["colour"]
    assert colour[heavy.order[first]].mean() > colour[plain.order[first]].mean() + 0.1


def test_maturity_multiplies_a_score_and_is_told(table: StillTable) -> None:
    keep = np.ones(300)
    best = int(order_stills(table, BALANCED).order[0])
    keep[best] = 0.1
    held = order_stills(table, BALANCED, maturity_keep=keep)
    assert held.order[-1] == best
    assert held.scores[best] == pytest.approx(0.1, abs=0.1)
    assert held.explanation["maturity"][best] == pytest.approx(0.1)


def test_what_was_learnt_counts_half_where_it_is_known(table: StillTable) -> None:
    learned = np.where(np.arange(300) % 2, 1.0, np.nan).astype(np.float32)
    plain, ordered = order_stills(table, BALANCED), order_stills(table, BALANCED, learned=learned)
    np.testing.assert_allclose(ordered.quality[1::2], 0.5 * plain.quality[1::2] + 0.5, atol=1e-6)
    np.testing.assert_array_equal(ordered.quality[::2], plain.quality[::2])
    assert "learned" in ordered.explanation and "learned" not in plain.explanation


def test_unusable_stills_come_last_whatever_they_differ_in(table: StillTable) -> None:
    soundness = table.parts["soundness"].copy()
    soundness[[7, 90]] = 0.01
    broken = replace(table, parts={**table.parts, "soundness": soundness})
    ordered = order_stills(broken, replace(BALANCED, variety=1.0))
    assert set(ordered.order[-2:]) == {7, 90}
    assert ordered.scores[[7, 90]].max() < 0.02


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_stills_are_ordered_without_a_warning(count: int) -> None:
    few = usable(make_table(count))
    assert sorted(order_stills(few, BALANCED).order) == list(range(count))


@pytest.mark.filterwarnings("error")
def test_odd_numbers_are_ordered_without_a_warning(table: StillTable) -> None:
    odd = table.take(np.zeros(50, dtype=np.int64))
    nothing = np.full(50, np.nan, dtype=np.float32)
    unknown = replace(odd, parts=dict.fromkeys(odd.parts, nothing), looks=np.full_like(odd.looks, np.nan))
    assert order_stills(odd, BALANCED).order.tolist() == list(range(50)), "identical stills keep their order"
    ordered = order_stills(unknown, BALANCED, maturity_keep=nothing, learned=nothing)
    assert np.isfinite(ordered.scores).all() and sorted(ordered.order) == list(range(50))
    for weights in ({}, {"colour": 0.0}, {"unheard-of": 3.0}, {"colour": 1e300}):
        assert np.isfinite(order_stills(table, replace(BALANCED, weights=weights)).scores).all()
    with pytest.raises(ValueError, match="0 or more"):
        order_stills(table, replace(BALANCED, vector_weights={"light": -1.0}))


def test_parts_are_weighed_by_their_share_and_what_is_not_known_is_neutral() -> None:
    parts = {"sharpness": np.array([1.0, np.nan]), "colour": np.array([0.0, 1.0])}
    assert weigh_parts(parts, {"sharpness": 3.0, "colour": 1.0}).tolist() == [0.75, 0.625]
    assert weigh_parts(parts, {}).tolist() == [0.5, 0.5]


def test_an_analysis_puts_what_is_known_to_be_delicate_behind_and_says_so() -> None:
    signals = film(96, looks=[frame // 24 for frame in range(96)])
    candidates = [Candidate(24 * shot + 12, shot, 0.9) for shot in range(4)]
    first = rank_stills(candidates, signals, shots=shots_of(*[24] * 4))[0].frame_index
    signals["nudity.probability"] = np.full(96, np.nan, dtype=np.float32)
    signals["nudity.probability"][first] = 0.5
    for rating, least, most in (("all", 0.0, 0.1), ("18+", 0.9, 1.0)):
        ranked = rank_stills(candidates, signals, shots=shots_of(*[24] * 4), rating=rating)
        told = {still.frame_index: still.explanation["maturity"] for still in ranked}
        assert least <= told.pop(first) <= most and set(told.values()) == {1.0}
        assert (ranked[-1].frame_index == first) == (rating == "all")


def test_every_purpose_weighs_known_parts_and_the_usual_weights_are_the_balanced_ones() -> None:
    for purpose in PURPOSES.values():
        assert set(purpose.weighting.weights) == set(FRAME_PARTS) and 0 <= purpose.weighting.variety <= 1
        assert purpose.label and purpose.why.endswith(".")
    whole = sum(BALANCED.weights.values())
    for name in FRAME_PARTS:
        share = BALANCED.weights[name] / whole * (1 - MOST_VARIETY * BALANCED.variety)
        assert share == pytest.approx(PART_WEIGHTS[name])


def test_what_a_title_is_changes_weights_a_little_and_says_so() -> None:
    fitted, why = fit_weighting(BALANCED, content_format="animation", genre="Horror, comedy")
    assert fitted.weights["expression"] == pytest.approx(BALANCED.weights["expression"] * 0.6 * 1.2)
    assert fitted.weights["exposure"] < BALANCED.weights["exposure"] and len(why) == 3
    assert fit_weighting(BALANCED, content_format="live-action", genre="Western")[1] == []
