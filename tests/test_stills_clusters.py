"""Clusters and diversity of stills, on tables whose kinds of stills are known by construction."""

from dataclasses import replace

import numpy as np
import pytest

from curation.stills.clusters import cluster_stills, describe_cluster, has_what_is_typical, read_clusters
from curation.stills.diversity import find_likest, measure_diversity, rate_unlikeness
from curation.stills.elements import Element, list_elements
from curation.stills.table import VECTOR_NAMES, StillTable
from tests.still_tables import make_table


def scenes_of(table: StillTable) -> np.ndarray:
    return table.shots


def agreement(numbers: np.ndarray, scenes: np.ndarray) -> float:
    """Share of the pairs of stills that are together in both or apart in both (Rand 1971)."""
    together = numbers[:, None] == numbers[None]
    true = scenes[:, None] == scenes[None]
    return float((together == true)[np.triu_indices(len(numbers), 1)].mean())


@pytest.mark.parametrize("scenes", [3, 7, 15])
def test_kinds_of_stills_are_found_without_being_told_how_many(scenes: int) -> None:
    table = make_table(600, scenes=scenes, seed=scenes)
    numbers = cluster_stills(table)
    assert numbers.max() == scenes
    assert agreement(numbers, scenes_of(table)) == 1


def test_many_stills_are_clustered_as_few_are() -> None:
    table = make_table(5000, scenes=9, seed=1)
    assert agreement(cluster_stills(table)[::10], scenes_of(table)[::10]) == 1


def test_same_table_always_gives_same_clusters_in_whatever_order_its_vectors_are_named() -> None:
    table = make_table(300, scenes=6, seed=2)
    turned = replace(table, vectors=dict(table.vectors))
    assert np.array_equal(cluster_stills(table), cluster_stills(turned))


def test_numbers_go_by_the_part_of_the_film() -> None:
    table = make_table(400, scenes=5, seed=3)
    table = replace(table, film_frames=1 + 10 * scenes_of(table))
    clusters = read_clusters(table, cluster_stills(table))
    assert [cluster.number for cluster in clusters] == list(range(1, len(clusters) + 1))
    shares = [cluster.film_share for cluster in clusters]
    assert shares == sorted(shares, reverse=True)
    assert sum(cluster.film_frames for cluster in clusters) == table.film_frames.sum()


def test_representative_comes_first_and_is_among_the_best_of_the_middle() -> None:
    table = make_table(200, scenes=4, seed=4)
    quality = np.zeros(len(table), dtype=np.float32)
    best = np.flatnonzero(scenes_of(table) == 2)
    quality[best] = np.linspace(0.2, 1, len(best))
    table = replace(table, parts=dict.fromkeys(table.parts, quality))
    for cluster in read_clusters(table, cluster_stills(table)):
        others = quality[cluster.members[1:]]
        assert np.all(np.diff(others) <= 0)
        assert len(set(cluster.members.tolist())) == len(cluster.members)


def test_a_vector_that_weighs_all_decides_alone() -> None:
    table = make_table(120, scenes=6, seed=5)
    light = np.zeros((120, 2), np.float32)
    light[60:] = 1
    table = replace(table, vectors={**table.vectors, "light": light})
    numbers = cluster_stills(table, weights={"light": 1.0})
    assert len(set(numbers[:60])) == len(set(numbers[60:])) == 1 and numbers.max() == 2


@pytest.mark.parametrize("count", [0, 1, 2])
def test_hardly_any_stills_are_one_cluster_or_none(count: int) -> None:
    table = make_table(3, seed=6).take(np.arange(count))
    numbers = cluster_stills(table)
    assert numbers.tolist() == [1] * count
    assert len(read_clusters(table, numbers)) == min(count, 1)


def test_identical_stills_and_weights_of_nothing_are_one_cluster() -> None:
    table = make_table(40, seed=7)
    same = table.take(np.zeros(40, dtype=np.int64))
    assert set(cluster_stills(same)) == {1}
    assert set(cluster_stills(table, weights=dict.fromkeys(VECTOR_NAMES, 0.0))) == {1}


def test_weights_that_are_no_weights_are_refused() -> None:
    with pytest.raises(ValueError, match="weight"):
        cluster_stills(make_table(10), weights={"light": -1.0})
    with pytest.raises(ValueError, match="weight"):
        cluster_stills(make_table(10), weights={"light": float("nan")})


def test_words_say_what_a_cluster_has_and_the_others_have_not() -> None:
    known = np.ones(8, dtype=bool)
    first = np.arange(8) < 4

    def element(vector: str, label: str, has: np.ndarray) -> Element:
        return Element(vector, f"{vector}:{label}", label, "", "", has, known)

    elements = [
        element("characters", "Anna", first), element("scale", "close-ups", known), element("light", "dark", first),
        element("palette", "grey", known), element("palette", "blue", first),
    ]  # fmt: skip
    assert describe_cluster(np.arange(4), elements) == "close-ups of Anna, dark, blue"
    assert describe_cluster(np.arange(4, 8), elements) == "close-ups"


def test_still_that_lacks_what_its_cluster_is_named_after_is_told_from_those_that_have_it() -> None:
    anna = np.array([True, True, True, False, False])
    known = np.array([True, True, True, True, False])
    elements = [Element("characters", "characters:7", "Anna", "", "", anna, known)]
    members = np.arange(5)
    assert describe_cluster(members, elements) == "stills of Anna"
    assert [has_what_is_typical(row, members, elements) for row in range(5)] == [True, True, True, False, True]


def test_elements_of_a_table_without_anything_known_are_had_by_nobody() -> None:
    table = replace(make_table(6), known={name: np.zeros(6, dtype=bool) for name in VECTOR_NAMES})
    elements = list_elements(table, names={})
    assert not any(element.has.any() for element in elements if element.vector != "place")


def test_list_of_kinds_is_more_varied_than_one_kind_and_worth_as_many_stills() -> None:
    table = make_table(400, scenes=8, seed=8)
    one_each = np.array([np.flatnonzero(scenes_of(table) == scene)[0] for scene in range(8)])
    one_kind = np.flatnonzero(scenes_of(table) == 3)[:8]
    varied, alike = measure_diversity(table, one_each), measure_diversity(table, one_kind)
    assert varied.index > 3 * alike.index and varied.effective > alike.effective
    assert 1 <= alike.effective < 1.6 and varied.effective <= 8
    assert set(varied.by_vector) == set(VECTOR_NAMES)


def test_opposites_are_worth_as_many_stills_as_they_are() -> None:
    table = make_table(3, seed=9)
    far = {name: np.zeros((3, 3), np.float32) for name in VECTOR_NAMES}
    for values in far.values():
        np.fill_diagonal(values, 2.0)
    found = measure_diversity(replace(table, vectors=far), np.arange(3))
    assert found.effective == pytest.approx(3, abs=0.01) and found.index == 1


def test_diversity_of_few_is_defined() -> None:
    table = make_table(5, seed=10)
    none, one = measure_diversity(table, np.array([], dtype=np.int64)), measure_diversity(table, np.array([2]))
    assert none.effective == 0 and np.isnan(none.index)
    assert one.effective == 1 and np.isnan(one.index)
    assert np.isnan(rate_unlikeness(table.take([0]), np.array([0]))).all()
    assert np.isnan(rate_unlikeness(table, np.array([0]), others=np.array([], dtype=np.int64))).all()


def test_a_still_of_a_rare_kind_is_more_unlike_the_others() -> None:
    table = make_table(200, scenes=4, seed=11)
    odd = replace(table, vectors={name: values.copy() for name, values in table.vectors.items()})
    for values in odd.vectors.values():
        values[17] += 1
    index = rate_unlikeness(odd, np.arange(200))
    assert index.argmax() == 17 and index.min() >= 0 and index.max() <= 1


def test_likest_stills_are_those_nearest_by_the_slow_way_too() -> None:
    from curation.stills.table import combine_vectors

    table = make_table(80, seed=12)
    vectors = combine_vectors(table).astype(np.float64)
    slow = sorted((float(np.linalg.norm(vectors[row] - vectors[5])), row) for row in range(80) if row != 5)[:4]
    found = find_likest(table, 5, count=4)
    assert [row for row, _ in found] == [row for _, row in slow]
    assert np.allclose([distance for _, distance in found], [distance for distance, _ in slow], atol=1e-6)
