"""Who meets whom, against counting every frame, shot and scene of every pair."""

import time
import warnings
from itertools import combinations

import numpy as np
import pytest

from curation.people.interactions import bond_strengths, measure_interactions
from curation.people.track_facts import TrackFacts

FPS = {1: 25.0, 2: 50.0}


def make_facts(rows: list[tuple[int, int, int, int, int, int]]) -> TrackFacts:
    """Rows of (character, film, shot, scene, start_frame, end_frame)."""
    whole = np.array(rows, dtype=np.int64).reshape(-1, 6).T
    unknown = np.full(len(rows), 0.5, dtype=np.float32)
    return TrackFacts(*whole, *[unknown] * 4)


def count_slowly(facts: TrackFacts) -> dict[tuple[int, int], tuple[float, int, int]]:
    """Every pair by sets of frames, shots and scenes."""
    rows = list(zip(*(column.tolist() for column in facts[:6]), strict=True))
    frames, shots, scenes = ({who: set() for who in facts.character.tolist()} for _ in range(3))
    for who, film, shot, scene, start, end in rows:
        if end > start:
            frames[who] |= {(film, frame) for frame in range(start, end)}
            shots[who].add((film, shot))
            scenes[who] |= {(film, scene)} if scene >= 0 else set()
    found = {}
    for first, second in combinations(sorted(frames), 2):
        together_s = sum(1 / FPS[film] for film, _ in frames[first] & frames[second])
        counts = (len(shots[first] & shots[second]), len(scenes[first] & scenes[second]))
        if any(counts):
            found[first, second] = (together_s, *counts)
    return found


def as_dictionary(facts: TrackFacts) -> dict[tuple[int, int], tuple[float, int, int]]:
    found = measure_interactions(facts, fps=FPS)
    return {
        (first, second): (together_s, shots, scenes)
        for first, second, together_s, shots, scenes in zip(*(column.tolist() for column in found), strict=True)
    }


def make_crowd(seed: int, *, tracks: int, people: int) -> TrackFacts:
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(tracks):
        film, shot = int(rng.integers(1, 3)), int(rng.integers(0, 40))
        start = shot * 30 + int(rng.integers(0, 30))
        end = min(start + int(rng.integers(0, 30)), shot * 30 + 30)
        scene = -1 if shot > 35 else shot // 4
        rows.append((10 * int(rng.integers(people)), film, shot, scene, start, end))
    return make_facts(rows)


@pytest.mark.parametrize("seed", range(5))
def test_one_pass_equals_counting_pair_by_pair(seed) -> None:
    facts = make_crowd(seed, tracks=150, people=9)
    expected = count_slowly(facts)
    found = as_dictionary(facts)
    assert found.keys() == expected.keys() and len(expected) > 10
    for pair, values in expected.items():
        assert found[pair] == pytest.approx(values)


def test_frame_shot_and_scene_are_kept_apart() -> None:
    facts = make_facts([
        (1, 1, 0, 0, 0, 50), (2, 1, 0, 0, 25, 75),  # together for a second
        (3, 1, 0, 0, 80, 90),  # same shot, later
        (4, 1, 1, 0, 100, 150),  # same scene
        (5, 1, 2, 1, 150, 200), (6, 2, 2, 1, 150, 200),  # the same numbers in another film
    ])  # fmt: skip
    found = as_dictionary(facts)
    assert found[1, 2] == (1.0, 1, 1) and found[1, 3] == (0.0, 1, 1) and found[1, 4] == (0.0, 0, 1)
    assert set(found) == {(1, 2), (1, 3), (1, 4), (2, 3), (2, 4), (3, 4)}


def test_one_person_split_into_two_tracks_meets_another_once() -> None:
    facts = make_facts([(1, 1, 0, 0, 0, 40), (1, 1, 0, 0, 20, 60), (2, 1, 0, 0, 0, 100)])
    assert as_dictionary(facts) == {(1, 2): (60 / 25, 1, 1)}


def test_unknown_scenes_are_no_common_scene() -> None:
    facts = make_facts([(1, 1, 0, -1, 0, 40), (2, 1, 5, -1, 200, 240)])
    assert as_dictionary(facts) == {}


def test_the_order_of_tracks_changes_nothing() -> None:
    facts = make_crowd(3, tracks=200, people=7)
    order = np.random.default_rng(0).permutation(200)
    mixed = TrackFacts(*(column[order] for column in facts))
    for one, other in zip(measure_interactions(facts, fps=FPS), measure_interactions(mixed, fps=FPS), strict=True):
        assert np.array_equal(one, other)


def test_nobody_and_one_person_meet_nobody() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert as_dictionary(make_facts([])) == {}
        assert as_dictionary(make_facts([(1, 1, 0, 0, 0, 50)])) == {}
        assert as_dictionary(make_facts([(1, 1, 0, 0, 5, 5), (2, 1, 0, 0, 5, 5)])) == {}
        nobody = measure_interactions(make_facts([]), fps=FPS)
        assert bond_strengths(nobody, characters=np.empty(0, dtype=np.int64)).shape == (0, 0)


def test_bonds_are_symmetric_shares_in_the_order_asked_for() -> None:
    facts = make_facts([(1, 1, 0, 0, 0, 50), (2, 1, 0, 0, 0, 50), (3, 1, 0, 0, 40, 50)])
    strengths = bond_strengths(measure_interactions(facts, fps=FPS), characters=np.array([3, 1, 2]))
    assert np.array_equal(strengths, strengths.T) and (np.diag(strengths) == 0).all()
    assert strengths[1, 2] == pytest.approx(1) and strengths[0, 1] == pytest.approx((10 / 50 + 1 + 1) / 3)


def test_a_whole_season_is_one_pass_without_a_loop_over_pairs() -> None:
    """Forty thousand tracks have 800 million pairs: a loop over them takes minutes, a pass well under seconds."""
    facts = make_crowd(1, tracks=40_000, people=300)
    began = time.process_time()
    measure_interactions(facts, fps=FPS)
    assert time.process_time() - began < 5
