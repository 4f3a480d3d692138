"""The interaction graph's places: readable, the same every time, steady when somebody comes."""

import warnings

import numpy as np
import pytest

from curation.people.graph_drawing import HEIGHT_UNIT, WIDTH_UNIT, node_radii
from curation.people.graph_layout import graph_distances, place_nodes

DRAWING = np.array([WIDTH_UNIT, HEIGHT_UNIT])


def make_graph(people: int, *, seed: int = 0, groups: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Prominences that fall off as casts' do, and more to do with one's own group."""
    rng = np.random.default_rng(seed)
    size = np.sort(rng.uniform(0.7, 1, people) / np.arange(1, people + 1) ** 0.9)[::-1]
    group = rng.integers(0, max(1, min(groups, people // 3)), people)
    chance = np.outer(size, size) * np.where(group[:, None] == group[None], 8, 0.5) * 6
    upper = np.triu(rng.poisson(chance) * rng.uniform(0.5, 1, chance.shape), 1)
    return size / size[:1].sum() if people else size, upper + upper.T


def fresh(people: int) -> np.ndarray:
    return np.full((people, 2), np.nan)


def gaps_between(places: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Free space between every two discs, in drawing units."""
    at, radii = places * DRAWING, node_radii(size)
    gaps = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1)) - radii[:, None] - radii[None]
    np.fill_diagonal(gaps, np.inf)
    return gaps


@pytest.mark.parametrize("people", [1, 2, 3, 12, 60, 120])
def test_no_disc_covers_another_or_leaves_the_drawing(people) -> None:
    size, weights = make_graph(people)
    places = place_nodes(size, weights, former=fresh(people))
    assert gaps_between(places, size).min() > 8
    radii = node_radii(size)[:, None] / DRAWING
    assert (places - radii > 0).all() and (places + radii < 1).all()


def test_three_hundred_people_find_room_as_far_as_there_is_any() -> None:
    size, weights = make_graph(300)
    gaps = gaps_between(place_nodes(size, weights, former=fresh(300)), size)
    assert np.count_nonzero(gaps < -4) == 0


def test_the_same_graph_is_drawn_the_same_every_time() -> None:
    size, weights = make_graph(40)
    once, again = (place_nodes(size, weights, former=fresh(40)) for _ in range(2))
    assert np.array_equal(once, again)


def test_main_characters_lie_further_inside_than_extras() -> None:
    for seed in range(5):
        size, weights = make_graph(60, seed=seed)
        away = np.hypot(*(place_nodes(size, weights, former=fresh(60)) - 0.5).T)
        assert away[:4].mean() < 0.7 * away[-30:].mean()


def test_neighbours_lie_nearer_to_one_another_than_strangers() -> None:
    size, weights = make_graph(60, groups=3)
    places = place_nodes(size, weights, former=fresh(60))
    apart = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    upper = np.triu(np.ones_like(apart, dtype=bool), 1)
    strong = weights > np.quantile(weights[weights > 0], 0.75)
    assert apart[upper & strong].mean() < 0.75 * apart[upper & (weights == 0)].mean()


def test_those_who_have_a_place_keep_it_and_newcomers_find_room_beside_them() -> None:
    size, weights = make_graph(60)
    first = place_nodes(size[:45], weights[:45, :45], former=fresh(45))
    former = np.concatenate([first, fresh(15)])
    second = place_nodes(size, weights, former=former)
    assert np.array_equal(second[:45], first)
    assert gaps_between(second, size)[45:].min() > 0
    assert np.array_equal(place_nodes(size, weights, former=second), second)


def test_a_newcomer_comes_to_lie_near_those_it_meets() -> None:
    size, weights = make_graph(20)
    old = place_nodes(size, weights, former=fresh(20))
    friend = int(np.argmax(np.hypot(*(old - 0.5).T)))
    bonds = np.zeros((21, 21))
    bonds[:20, :20] = weights
    bonds[20, friend] = bonds[friend, 20] = weights.max()
    new = place_nodes(np.append(size, 0.05), bonds, former=np.concatenate([old, fresh(1)]))[20]
    apart = np.hypot(*((old - new) * DRAWING).T)
    assert np.argsort(apart).tolist().index(friend) < 5


def test_odd_graphs_have_defined_places_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert place_nodes(np.empty(0), np.empty((0, 0)), former=fresh(0)).shape == (0, 2)
        for size in (np.zeros(5), np.ones(5), np.array([np.nan, 1, 0.5, 0.5, 0.1])):
            for weights in (np.zeros((5, 5)), np.ones((5, 5)), np.full((5, 5), 1e300)):
                places = place_nodes(size, weights, former=fresh(5))
                assert np.isfinite(places).all() and (places >= 0).all() and (places <= 1).all()
        stacked = place_nodes(np.ones(3), np.zeros((3, 3)), former=np.full((3, 2), 0.5))
        assert (stacked == 0.5).all()


def test_strong_bonds_are_short_and_strangers_far() -> None:
    weights = np.zeros((4, 4))
    weights[0, 1] = weights[1, 0] = 4
    weights[1, 2] = weights[2, 1] = 1
    ways = graph_distances(weights)
    assert ways[0, 1] < ways[1, 2] < ways[0, 2] < ways[0, 3]
    assert (np.diag(ways) == 0).all()
