"""Vectors grouped into people: against a slow obvious way, on people made up, and with everything that may go wrong."""

import numpy as np
import pytest

from ava.annotate.face_encoders import FACENET, RESNET
from curation.people import joining, neighbours
from curation.people.cluster import cluster_vectors, number_by_appearance
from curation.people.evidence import (
    FALSE_MERGE_COST,
    SCATTER_OF_LOOKS,
    count_evidence,
    count_pictures,
    find_base_odds,
)
from curation.people.metrics import bcubed
from tests.face_vectors import make_people


def cluster(vectors, *, weights=None, apart=(), **options):
    weights = np.ones(len(vectors), np.float32) if weights is None else weights
    return cluster_vectors(vectors, weights=weights, encoder=RESNET, apart=list(apart), **options)


class SlowWay:
    """The same grouping by the book: every pair of faces compared anew for every joining."""

    def __init__(self, vectors, weights, apart) -> None:
        self.vectors, self.apart = vectors.astype(np.float64), {frozenset(pair) for pair in apart}
        self.mass = count_pictures(weights)
        lost = 1 - 1 / np.maximum(weights, 1)
        self.scatter = SCATTER_OF_LOOKS * RESNET.even_distance**2 * lost

    def distance(self, one, other):
        squares = [
            (
                self.mass[a] * self.mass[b],
                ((self.vectors[a] - self.vectors[b]) ** 2).sum() + self.scatter[a] + self.scatter[b],
            )
            for a in one for b in other
        ]  # fmt: skip
        return np.sqrt(sum(w * s for w, s in squares) / sum(w for w, _ in squares))

    def evidence(self, one, other):
        pictures = count_evidence(sum(self.mass[list(one)]), sum(self.mass[list(other)]))
        return float(RESNET.log_odds(self.distance(one, other))), float(pictures)

    def run(self):
        trees = [(frozenset([row]), None) for row in range(len(self.vectors))]
        while True:
            best = max(
                (
                    (odds * min(pictures, 1), odds * pictures, a, b)
                    for a in range(len(trees)) for b in range(a)
                    for odds, pictures in [self.evidence(trees[a][0], trees[b][0])]
                    if odds > 0 and not any(frozenset((x, y)) in self.apart for x in trees[a][0] for y in trees[b][0])
                ),
                default=None,
            )  # fmt: skip
            if best is None:
                break
            _, worth, a, b = best
            joined = (trees[a][0] | trees[b][0], (trees[a], trees[b], worth))
            trees = [tree for place, tree in enumerate(trees) if place not in (a, b)] + [joined]
        odds = 0.0
        while True:
            groups = [part for tree in trees for part in self.cut(tree, np.log(FALSE_MERGE_COST) - odds)[1]]
            labels = np.zeros(len(self.vectors), np.int64)
            for number, group in enumerate(groups):
                labels[list(group)] = number
            found = find_base_odds(labels)
            if found >= odds - 1e-9:
                return number_by_appearance(labels)
            odds = found

    def cut(self, tree, least):
        """Worth of the tree as a whole, and the best parts of it with their worth in sum."""
        rows, parts = tree
        if parts is None:
            return 0.0, [rows], 0.0
        one, other = self.cut(parts[0], least), self.cut(parts[1], least)
        whole = one[0] + other[0] + parts[2] - least
        if whole >= one[2] + other[2]:
            return whole, [rows], whole
        return whole, one[1] + other[1], one[2] + other[2]


@pytest.mark.parametrize("seed", range(6))
def test_fast_grouping_equals_comparing_every_pair_anew(seed):
    rng = np.random.default_rng(seed)
    made = make_people([9, 6, 4, 2, 1, 1, 1], seed=seed, within_unit=0.85)
    weights = rng.uniform(0.1, 5, len(made.person)).astype(np.float32)
    apart = [tuple(rng.choice(len(weights), 2, replace=False)) for _ in range(6)]
    slow = SlowWay(made.vectors, weights, apart).run()
    assert cluster(made.vectors, weights=weights, apart=apart).tolist() == slow.tolist()
    assert 1 < slow.max() < len(slow) - 1


def test_joining_in_bulk_by_nearest_neighbours_finds_what_comparing_all_finds(monkeypatch):
    made = make_people([40, 30, 20, 20, 10, 10, 5, 5] + [1] * 30, seed=4)
    every = cluster(made.vectors)
    for module in (joining, neighbours):
        monkeypatch.setattr(module, "MOST_COMPARED", 40)
    monkeypatch.setattr(neighbours, "NEAREST", 12)
    monkeypatch.setattr(neighbours, "BLOCK_BYTES", 4096)
    near = cluster(made.vectors)
    assert bcubed(near, every).f > 0.97
    assert bcubed(near, made.person).precision > 0.99


@pytest.mark.parametrize("counts", [[60], [20, 20, 20], [10] * 40])
def test_people_are_found_without_their_number_being_given(counts):
    made = make_people(counts, seed=2)
    scores = bcubed(cluster(made.vectors), made.person)
    assert scores.precision > 0.98
    assert scores.recall > 0.75


def test_300_extras_of_one_face_each_are_not_lumped_together():
    made = make_people([1] * 300, seed=3)
    assert cluster(made.vectors).max() + 1 >= 292


def test_one_person_throughout_beside_extras_stays_one():
    made = make_people([200] + [1] * 100, seed=5)
    labels = cluster(made.vectors)
    main = np.bincount(labels[made.person == 0]).max()
    assert main >= 190
    assert bcubed(labels, made.person).precision > 0.95


def test_two_that_were_seen_together_are_never_one_however_alike_they_are():
    twin = np.zeros((6, RESNET.dimensions), np.float32)
    labels = cluster(twin, apart=[(0, 1), (2, 3), (4, 5)])
    assert labels.max() == 1
    assert all(labels[one] != labels[other] for one, other in [(0, 1), (2, 3), (4, 5)])


def test_one_bad_profile_does_not_bridge_two_people():
    made = make_people([12, 12], seed=9)
    middle = (made.vectors[made.person == 0].mean(axis=0) + made.vectors[made.person == 1].mean(axis=0)) / 2
    vectors = np.concatenate([made.vectors, middle[None]])
    weights = np.append(np.ones(24, np.float32), np.float32(0.2))
    labels = cluster(vectors, weights=weights)[:-1]
    assert bcubed(labels, made.person).precision == 1


def test_poor_vectors_found_no_people_and_join_only_when_it_is_sure():
    made = make_people([10], seed=11)
    middle = made.vectors.mean(axis=0)
    aside = np.zeros_like(middle)
    aside[0] = 0.5 * RESNET.even_distance
    vectors = np.stack([*made.vectors, middle, middle + aside * 1.9, middle + aside * 1.9])
    weights = np.array([2.0] * 10 + [0.2, 0.2, 0.2], np.float32)
    labels = cluster(vectors, weights=weights)
    assert labels[10] == np.bincount(labels[:10]).argmax()
    assert labels[11] != labels[10]


def test_a_seed_holds_its_rows_together_and_away_from_others():
    made = make_people([8, 8], seed=12)
    seeds = np.full(16, -1)
    one, other = np.flatnonzero(made.person == 0), np.flatnonzero(made.person == 1)
    seeds[[one[0], other[0]]] = 7
    seeds[one[1]] = 3
    labels = cluster(made.vectors, seeds=seeds)
    assert labels[one[0]] == labels[other[0]] != labels[one[1]]


def test_labels_do_not_depend_on_the_order_of_rows():
    made = make_people([9, 7, 3, 1, 1], seed=13, within_unit=0.8)
    order = np.random.default_rng(1).permutation(len(made.person))
    apart = np.array([(0, 5), (2, 9), (11, 3)])
    place = np.argsort(order)
    labels = cluster(made.vectors, apart=apart)
    mixed = cluster(made.vectors[order], apart=place[apart])
    assert number_by_appearance(labels[order]).tolist() == mixed.tolist()


def test_rows_without_vector_weight_or_sense_stay_alone():
    vectors = np.zeros((6, RESNET.dimensions), np.float32)
    vectors[2], vectors[3] = np.nan, 1e30
    weights = np.array([1, 1, 1, 1, 0, np.nan], np.float32)
    assert cluster(vectors, weights=weights, apart=[(0, 2), (2, 5)]).tolist() == [0, 0, 1, 2, 3, 4]
    assert cluster(vectors[:0]).tolist() == []
    assert cluster(vectors[:1]).tolist() == [0]
    assert cluster(vectors[[2, 2]], seeds=np.array([4, 4])).tolist() == [0, 0]


def test_vectors_of_another_length_and_scale_are_grouped_by_their_own_encoder():
    made = make_people([12, 12, 12], seed=14, encoder=FACENET)
    labels = cluster_vectors(made.vectors, weights=np.ones(36, np.float32), encoder=FACENET, apart=[])
    assert bcubed(labels, made.person).precision == 1
    assert bcubed(labels, made.person).recall > 0.8


@pytest.mark.slow
def test_six_thousand_faces_of_one_person_and_of_many_are_grouped():
    for counts in ([6000], [30] * 200):
        made = make_people(counts, seed=15)
        scores = bcubed(cluster(made.vectors), made.person)
        assert scores.precision > 0.97
        assert scores.recall > 0.6
