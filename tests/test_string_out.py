"""Varied orders, the best seconds of shots, and string-outs of exactly the wanted length: truth by construction."""

import itertools
from fractions import Fraction

import numpy as np
import pytest

from ava.sound.film_sound import FilmSound, silent_film
from curation.moments.frame_interest import frame_interest
from curation.moments.shot_windows import CutFilm, cut_film, find_windows
from curation.moments.string_out import best_span, propose_string_out, wanted_numbers
from curation.moments.variety import MOST_WEIGHED, ShotKin, likeness_to, rank_varied

FPS = Fraction(25)


def kin_of(shots: int, **known: object) -> ShotKin:
    """Shots of which only their places are known, but for what is given."""
    nothing = {
        "place_unit": np.linspace(0, 1, shots, dtype=np.float32), "cast": np.zeros((shots, 2), dtype=bool),
        "scale": np.full(shots, -1), "vectors": None,
    }  # fmt: skip
    return ShotKin(**(nothing | known))


def make_film(edges: list[int], *, interest: object = 0.0, spoken: object = (), transitions: object = ()) -> CutFilm:
    frames = edges[-1]
    return cut_film(
        shots=list(itertools.pairwise(edges)), transitions=transitions, positions=np.arange(frames + 1),
        interest=np.broadcast_to(np.asarray(interest, dtype=np.float64), frames), spoken=spoken,
    )  # fmt: skip


# --- variety ---------------------------------------------------------------------------------------------------------


def test_without_variety_the_order_is_that_of_the_scores_and_equals_come_as_in_the_film() -> None:
    order = rank_varied(np.array([0.2, 0.9, 0.5, 0.9], dtype=np.float32), kin=kin_of(4), variety_unit=0)
    assert order.tolist() == [1, 3, 2, 0]
    many = np.arange(MOST_WEIGHED + 60, dtype=np.float32)
    assert rank_varied(many, kin=kin_of(len(many)), variety_unit=0).tolist() == list(range(len(many)))[::-1]


@pytest.mark.parametrize("known", [
    {"place_unit": np.array([0.5, 0.501, 0.9], dtype=np.float32)},
    {"cast": np.array([[1, 0], [1, 0], [0, 1]], dtype=bool)},
    {"scale": np.array([2, 2, 5])},
    {"vectors": np.array([[1, 0], [1, 0], [0, 1]], dtype=np.float32)},
])  # fmt: skip
def test_what_shows_the_same_people_place_scale_or_picture_comes_later(known: dict) -> None:
    kin, score = kin_of(3, **known), np.array([0.9, 0.8, 0.7], dtype=np.float32)
    assert rank_varied(score, kin=kin, variety_unit=0.5).tolist() == [0, 2, 1]
    assert rank_varied(score, kin=kin, variety_unit=0.5, chosen=[0]).tolist() == [2, 1]
    assert rank_varied(score, kin=kin, variety_unit=0.02).tolist() == [0, 1, 2], "a little variety swaps nothing"
    assert likeness_to(kin, 0)[1] > likeness_to(kin, 0)[2]


def test_the_first_fast_choices_are_those_of_a_slow_search_through_all_pairs() -> None:
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(40, 6))
    vectors[7] = 0
    kin = kin_of(
        40, cast=rng.random((40, 3)) < 0.3, scale=rng.integers(-1, 4, 40),
        vectors=(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)).astype(np.float32),
    )  # fmt: skip
    score = rng.random(40).astype(np.float32)
    left, chosen = set(range(40)), []
    while left:
        worth = {
            shot: round(0.6 * float(score[shot]) - 0.4 * max((float(likeness_to(kin, each)[shot]) for each in chosen),
                                                            default=0.0), 5)
            for shot in left
        }  # fmt: skip
        best = max(left, key=lambda shot: (worth[shot], -shot))
        chosen.append(best)
        left.remove(best)
    assert rank_varied(score, kin=kin, variety_unit=0.4).tolist() == chosen


@pytest.mark.parametrize("shots", [0, 1])
@pytest.mark.parametrize("variety", [0.0, 1.0, float("nan"), 9.0])
def test_no_shot_and_one_shot_have_an_order(shots: int, variety: float) -> None:
    score = np.full(shots, np.nan, dtype=np.float32)
    assert rank_varied(score, kin=kin_of(shots), variety_unit=variety).tolist() == list(range(shots))
    assert rank_varied(score, kin=kin_of(shots), variety_unit=1, allowed=np.zeros(shots, dtype=bool)).tolist() == []


# --- the best seconds of a shot --------------------------------------------------------------------------------------


def test_the_part_with_the_most_interest_is_shown_for_every_length_as_a_slow_search_finds_it() -> None:
    rng = np.random.default_rng(4)
    happens = rng.random(60)
    film = make_film([0, 60], interest=happens, spoken=[(13, 20), (41, 44)])
    found = find_windows(film, shot=0, least=10, most=30)
    assert found is not None and found.is_clean and found.lengths.tolist() == list(range(10, 31))
    barred = set(range(14, 20)) | {42, 43}
    for length, start, end in zip(found.lengths, found.starts, found.ends, strict=True):
        possible = [at for at in range(61 - length) if not {at, at + length} & barred]
        best = max(possible, key=lambda at: happens[at : at + length].mean())
        assert (start, end) == (best, best + length)


def test_transitions_are_left_out_at_both_ends_of_a_shot_and_a_shot_of_nothing_else_is_none() -> None:
    film = make_film([0, 50, 100, 110], transitions=[(40, 62), (95, 112)])
    assert film.shots.tolist() == [[0, 40], [62, 95], [110, 110]]
    assert find_windows(film, shot=2, least=5, most=20) is None
    whole = find_windows(film, shot=1, least=40, most=80)
    assert whole is not None and (whole.lengths.tolist(), whole.starts.tolist(), whole.ends.tolist()) == (
        [33], [62], [95],
    )  # fmt: skip


def test_a_line_that_fills_a_shot_is_cut_into_only_there_and_such_shots_come_last() -> None:
    film = make_film([0, 100, 200], spoken=[(90, 240)])
    talks = find_windows(film, shot=1, least=38, most=100)
    assert talks is not None and not talks.is_clean
    (span,) = propose_string_out(film, order=[1, 0], wanted=50, rate=FPS)
    assert span[1] <= 90
    spans = propose_string_out(film, order=[1, 0], wanted=150, rate=FPS)
    assert len(spans) == 2 and sum(end - start for start, end in spans) == 150


def test_frames_of_variable_length_give_the_lengths_that_they_have() -> None:
    positions = np.concatenate([[0], np.cumsum(np.tile([1, 3], 50))])
    film = cut_film(shots=[(0, 100)], transitions=[], positions=positions, interest=np.ones(100), spoken=[])
    found = find_windows(film, shot=0, least=10, most=20)
    assert found is not None
    assert [film.length(int(start), int(end)) for start, end in zip(found.starts, found.ends, strict=True)] == (
        found.lengths.tolist()
    )
    assert 10 not in found.lengths and {11, 12, 13, 15, 16} <= set(found.lengths.tolist())


# --- string-outs -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [Fraction(24000, 1001), FPS, Fraction(60)])
@pytest.mark.parametrize("seconds", [5, 7.25, 30, 90])
def test_string_outs_are_as_long_as_wanted_to_the_frame_and_cross_no_cut_and_no_line(
    rate: Fraction, seconds: float
) -> None:
    rng = np.random.default_rng(round(seconds))
    edges = [0, *(np.cumsum(rng.uniform(0.3, 9, 300)) * float(rate)).astype(int).tolist()]
    spoken = [(start, start + int(rate * 2)) for start in range(0, edges[-1], int(rate * 5))]
    film = make_film(edges, interest=rng.random(edges[-1]), spoken=spoken)
    order = rng.permutation(300).tolist()
    wanted = wanted_numbers(seconds, rate=rate)
    for by_story in (True, False):
        spans = propose_string_out(film, order=order, wanted=wanted, rate=rate, picked=[5], by_story=by_story)
        assert sum(end - start for start, end in spans) == wanted
        shots = [int(np.searchsorted(edges, start, side="right")) - 1 for start, _ in spans]
        assert len(set(shots)) == len(shots) and 5 in shots
        assert all(
            edges[shot] <= start and end <= edges[shot + 1] for shot, (start, end) in zip(shots, spans, strict=True)
        )
        assert all(end - start <= 4 * rate + 1 for start, end in spans)
        others = [span for shot, span in zip(shots, spans, strict=True) if shot != 5]
        assert not any(film.splits_speech[[start, end]].any() for start, end in others)
        assert shots == sorted(shots) or not by_story


def test_the_best_come_first_and_picked_ones_before_them() -> None:
    film = make_film(list(range(0, 1001, 100)))
    spans = propose_string_out(film, order=[7, 2, 5], wanted=200, rate=FPS, picked=[9], by_story=False)
    assert [start // 100 for start, _ in spans] == [9, 7, 2, 5]
    spans = propose_string_out(film, order=[7, 2, 5], wanted=200, rate=FPS, picked=[9])
    assert [start // 100 for start, _ in spans] == [2, 5, 7, 9]


def test_what_is_picked_stays_although_it_is_longer_than_wanted_and_then_as_short_as_may_be() -> None:
    film = make_film(list(range(0, 1001, 100)))
    spans = propose_string_out(film, order=[9], wanted=50, rate=FPS, picked=[0, 1, 2])
    assert [end - start for start, end in spans] == [38, 38, 38]
    assert propose_string_out(film, order=[9, 8], wanted=-20, rate=FPS) == []
    assert propose_string_out(film, order=[9, 8], wanted=0, rate=FPS) == []


def test_lengths_that_are_shown_already_change_no_more_than_is_needed() -> None:
    film = make_film(list(range(0, 1001, 100)))
    shown = {0: 60, 1: 80, 2: 40}
    spans = propose_string_out(film, order=[9], wanted=190, rate=FPS, picked=[0, 1, 2], shown=shown)
    lengths = [end - start for start, end in spans]
    assert sum(lengths) == 190 and all(0 <= new - shown[shot] <= 6 for shot, new in enumerate(lengths))


def test_a_film_of_nothing_or_too_little_gives_what_there_is() -> None:
    assert propose_string_out(make_film([0, 3]), order=[0], wanted=1500, rate=FPS) == [(0, 3)]
    assert propose_string_out(make_film([0, 3], transitions=[(0, 3)]), order=[0], wanted=1500, rate=FPS) == []
    assert propose_string_out(make_film([0, 3]), order=[], wanted=1500, rate=FPS) == []
    assert best_span(make_film([0, 3], transitions=[(0, 3)]), order=[0], rate=FPS) is None
    tiny = make_film(list(range(0, 401, 4)))
    assert sum(end - start for start, end in propose_string_out(tiny, order=range(100), wanted=390, rate=FPS)) >= 388


# --- what happens in a frame -----------------------------------------------------------------------------------------


def sounding(hops: int, *, loud: slice) -> FilmSound:
    quiet = silent_film(hops, notes=())
    loudness = np.full(hops, -40, dtype=np.float32)
    loudness[loud] = -10
    return quiet._replace(is_heard=True, loudness_lufs=loudness)


def test_the_loud_and_the_lively_seconds_are_shown_and_the_cut_itself_is_not_motion() -> None:
    times_s = np.arange(251) / 25
    motion = np.zeros(250, dtype=np.float32)
    motion[[0, 100]] = 9
    motion[150:180] = 1
    lively = frame_interest(times_s=times_s, first_frames=np.array([0, 100]), motion=motion)
    assert lively[160] == 1 and lively[0] == lively[100] == 0
    loud = frame_interest(times_s=times_s, first_frames=np.array([0]), sound=sounding(100, loud=slice(20, 30)))
    assert loud[60] > 0 and loud[10] == loud[240] == 0
    film = make_film([0, 250], interest=loud)
    found = find_windows(film, shot=0, least=25, most=25)
    assert found is not None and (found.starts[0], found.ends[0]) == (50, 75)


def test_where_nothing_is_known_nothing_happens() -> None:
    times_s, first = np.arange(11) / 25, np.array([0])
    unknown = np.full(10, np.nan, dtype=np.float32)
    for known in ({}, {"motion": unknown}, {"motion": unknown, "sound": silent_film(1, notes=())}):
        assert frame_interest(times_s=times_s, first_frames=first, **known).tolist() == [0] * 10
