"""Candidates and ranks from made-up signals, where every number is known."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from ava.annotate.signature import Signature
from ava.shots.shot_list import Shot, ShotList, Transition
from curation.stills.candidates import LEAST_SUITABILITY, Candidate, choose_candidates, suitability
from curation.stills.film import MissingSignal
from curation.stills.likeness import NEAR_IDENTICAL, Looks
from curation.stills.parts import FRAME_PARTS, PART_WEIGHTS
from curation.stills.propose import propose_stills
from curation.stills.rank import rank_stills

FPS = Fraction(24)
GOOD = {
    "exposure.brightness": 0.4,
    "exposure.contrast": 0.2,
    "exposure.clipped_low": 0.02,
    "exposure.clipped_high": 0.01,
    "motion.flow_magnitude": 0.001,
    "sharpness.subject_sharpness": 0.93,
    "sharpness.motion_blur": 0.03,
    "palette.colourfulness": 0.5,
    "lettering.area": 0.0,
    "lettering.middle_area": 0.0,
    "lettering.plain": 0.08,
}

Signals = dict[str, NDArray[np.float32]]


def film(count: int, *, looks: list[int] | None = None) -> Signals:
    """Signals of a film whose frames are all good; ``looks`` gives each frame a picture, equal numbers the same."""
    signals = {name: np.full(count, value, np.float32) for name, value in GOOD.items()}
    scenes = np.random.default_rng(5).uniform(0.1, 0.9, (max(looks or [0]) + 1, len(Signature.columns)))
    for column, name in enumerate(Signature.columns):
        signals[f"signature.{name}"] = scenes[np.array(looks or [0] * count), column].astype(np.float32)
    return signals


def one_shot(count: int, *transitions: Transition) -> ShotList:
    return ShotList((Shot(0, 0, count, "start"),), transitions)


def shots_of(*lengths: int) -> ShotList:
    edges = np.cumsum([0, *lengths])
    return ShotList(
        tuple(Shot(i, int(a), int(b), "cut" if i else "start") for i, (a, b) in enumerate(pairwise(edges))), ()
    )


def test_every_frame_has_a_suitability_between_0_and_1_and_good_ones_are_near_1() -> None:
    values = suitability(film(100), shots=one_shot(100))
    assert values.shape == (100,) and values.dtype == np.float32
    assert values.min() > 0.5 and values[50] > 0.85 and values.max() <= 1


@pytest.mark.parametrize(
    ("signal", "bad"),
    [
        ("exposure.brightness", 0.0),
        ("exposure.contrast", 0.005),
        ("exposure.clipped_high", 0.95),
        ("sharpness.subject_sharpness", 0.4),
        ("sharpness.motion_blur", 0.8),
        ("lettering.plain", 0.98),
    ],
)
def test_black_flat_white_blurred_smeared_and_bare_frames_fall_far_below_good_ones(signal: str, bad: float) -> None:
    signals = film(100)
    signals[signal][40:60] = bad
    values = suitability(signals, shots=one_shot(100))
    assert values[42:58].max() < 0.35 * values[[20, 80]].min()


def test_frames_in_transitions_are_excluded_and_those_beside_them_lowered() -> None:
    values = suitability(film(100), shots=one_shot(100, Transition("dissolve", 40, 52)))
    assert values[40:52].max() < 0.05
    assert values[[39, 52]].max() < 0.5 < values[[30, 60]].min()


def test_fade_that_nobody_found_is_excluded_by_its_dimness() -> None:
    signals = film(120)
    level = np.interp(np.arange(120), [0, 95, 119], [1, 1, 0]).astype(np.float32)
    for name in ("exposure.brightness", "exposure.contrast"):
        signals[name] *= level
    values = suitability(signals, shots=one_shot(120))
    assert values[112:].max() < 0.1 and values[106] < values[90]


def test_frames_near_a_cut_are_slightly_lower() -> None:
    values = suitability(film(96), shots=shots_of(48, 48))
    assert 0.7 * values[24] < values[48] < 0.95 * values[24]
    assert values[47] == pytest.approx(values[48], rel=0.05)


def test_title_card_and_credits_are_excluded_and_subtitles_lowered() -> None:
    sampled = np.arange(240) % 6 == 0
    plain, subtitled, titled, credits = (film(240) for _ in range(4))
    for signals, area, middle, ground in (
        (plain, 0, 0, 0.08),
        (subtitled, 0.01, 0, 0.08),
        (titled, 0.05, 0.05, 0.08),
        (credits, 0.02, 0.012, 0.86),
    ):
        signals["lettering.area"][:] = np.where(sampled, area, np.nan)
        signals["lettering.middle_area"][:] = np.where(sampled, middle, np.nan)
        signals["lettering.plain"][:] = ground
    free, under, title, roll = (
        float(suitability(signals, shots=one_shot(240))[120]) for signals in (plain, subtitled, titled, credits)
    )
    assert roll < 0.02 and title < LEAST_SUITABILITY < under < 0.97 * free


def test_letters_seen_only_once_are_not_believed() -> None:
    signals = film(240)
    for name in ("lettering.area", "lettering.middle_area"):
        signals[name][:] = np.where(np.arange(240) % 6 == 0, 0.0, np.nan)
        signals[name][120] = 0.05
    assert suitability(signals, shots=one_shot(240))[120] > 0.8
    for name in ("lettering.area", "lettering.middle_area"):
        signals[name][126] = 0.05
    assert suitability(signals, shots=one_shot(240))[120] < LEAST_SUITABILITY


def test_sharper_and_calmer_instants_of_a_shot_are_preferred() -> None:
    signals = film(100)
    signals["sharpness.subject_sharpness"][:] = 0.86
    signals["sharpness.subject_sharpness"][50] = 0.93
    values = suitability(signals, shots=one_shot(100))
    assert int(values.argmax()) == 50
    signals = film(100)
    signals["motion.flow_magnitude"][:] = 0.004
    signals["motion.flow_magnitude"][60:63] = 0.0004
    assert int(suitability(signals, shots=one_shot(100)).argmax()) in (60, 61)


def test_soft_old_film_still_has_good_frames_but_fewer_points_than_a_sharp_one() -> None:
    sharp, soft = film(100), film(100)
    soft["sharpness.subject_sharpness"][:] = 0.66
    soft["sharpness.subject_sharpness"][40:60] = 0.35
    values = suitability(soft, shots=one_shot(100))
    assert 0.4 < values[20] < suitability(sharp, shots=one_shot(100))[20]
    assert values[50] < 0.3 * values[20]


def test_unmeasured_frames_have_0_and_are_no_candidates() -> None:
    signals = film(100)
    for values in signals.values():
        values[50:] = np.nan
    shots = one_shot(100)
    assert suitability(signals, shots=shots)[50:].max() == 0
    assert all(candidate.frame_index < 50 for candidate in choose_candidates(signals, shots=shots, fps=FPS))


def test_missing_signal_is_named() -> None:
    signals = film(50)
    del signals["palette.colourfulness"]
    with pytest.raises(MissingSignal, match=r"palette\.colourfulness"):
        suitability(signals, shots=one_shot(50))


def test_black_and_white_film_is_not_blamed_for_its_colour() -> None:
    grey, faded = film(100), film(100)
    grey["palette.colourfulness"][:] = 0.0
    faded["palette.colourfulness"][:70] = 0.02
    assert suitability(grey, shots=one_shot(100))[50] > suitability(faded, shots=one_shot(100))[50]


def test_candidates_of_a_shot_are_spaced_and_different() -> None:
    looks = [frame // 24 for frame in range(240)]
    signals = film(240, looks=looks)
    chosen = choose_candidates(signals, shots=one_shot(240), fps=FPS)
    assert 3 <= len(chosen) <= 6
    frames = [candidate.frame_index for candidate in chosen]
    assert all(after - before >= round(0.7 * 24) for before, after in pairwise(frames))
    assert len({looks[frame] for frame in frames}) == len(frames)


def test_still_shot_gives_one_candidate_however_long() -> None:
    assert len(choose_candidates(film(2400), shots=one_shot(2400), fps=FPS)) == 1


def test_longer_shots_give_more_candidates() -> None:
    counts = [
        len(choose_candidates(film(n, looks=[i // 60 for i in range(n)]), shots=one_shot(n), fps=FPS))
        for n in (40, 500)
    ]
    assert counts[0] < counts[1]


def test_shot_without_a_usable_frame_gives_no_candidate() -> None:
    signals = film(144, looks=[i // 48 for i in range(144)])
    signals["exposure.brightness"][48:96] = signals["exposure.contrast"][48:96] = 0.0
    chosen = choose_candidates(signals, shots=shots_of(48, 48, 48), fps=FPS)
    assert {candidate.shot_index for candidate in chosen} == {0, 2}


def test_frames_to_keep_are_candidates_whatever_they_look_like() -> None:
    signals = film(100)
    signals["exposure.contrast"][70:] = 0.0
    stills = propose_stills(signals, shots=one_shot(100), fps=FPS, keep=[90, 10])
    assert {still.frame_index for still in stills} >= {90, 10}
    assert stills[-1].frame_index == 90 and stills[-1].score < LEAST_SUITABILITY
    assert [still.rank for still in stills] == list(range(1, len(stills) + 1))


def test_score_is_the_weighted_sum_of_the_parts_shown() -> None:
    signals = film(240, looks=[i // 24 for i in range(240)])
    signals["palette.colourfulness"] = np.linspace(0, 0.6, 240, dtype=np.float32)
    stills = propose_stills(signals, shots=shots_of(80, 80, 80), fps=FPS)
    assert sum(PART_WEIGHTS.values()) == pytest.approx(1)
    for still in stills:
        assert set(still.explanation) == set(PART_WEIGHTS)
        assert all(0 <= value <= 1 for value in still.explanation.values())
        assert still.score == pytest.approx(sum(PART_WEIGHTS[k] * v for k, v in still.explanation.items()))
    assert all(a.score >= b.score for a, b in pairwise(stills))


def test_better_frames_rank_above_worse_ones_of_like_novelty() -> None:
    signals = film(96, looks=[i // 48 for i in range(96)])
    signals["exposure.brightness"][48:] = 0.12
    signals["exposure.contrast"][48:] = 0.08
    stills = propose_stills(signals, shots=shots_of(48, 48), fps=FPS)
    assert [still.shot_index for still in stills] == [0, 1]


def test_near_identical_stills_never_follow_one_another_while_others_are_left() -> None:
    """Shots A B A B …: the pictures come back again and again, as in a dialogue."""
    looks = [(frame // 24) % 3 for frame in range(24 * 12)]
    signals = film(len(looks), looks=looks)
    candidates = [Candidate(24 * shot + 12, shot, 0.9) for shot in range(12)]
    stills = rank_stills(candidates, signals, shots=shots_of(*[24] * 12), fps=FPS)
    pictures = [looks[still.frame_index] for still in stills]
    assert set(pictures[:3]) == {0, 1, 2}
    assert all(before != after for before, after in pairwise(pictures))
    assert all(a.score >= b.score for a, b in pairwise(stills))


def test_one_shot_does_not_flood_the_top() -> None:
    """The first shot is the best and always different, the other five are a little worse."""
    looks = list(range(6)) * 8 + [6 + shot for shot in range(5) for _ in range(24)]
    signals = film(len(looks), looks=looks)
    signals["palette.colourfulness"][48:] = 0.4
    candidates = [Candidate(8 * i, 0, 0.9) for i in range(6)] + [Candidate(60 + 24 * s, s + 1, 0.85) for s in range(5)]
    stills = rank_stills(candidates, signals, shots=shots_of(48, *[24] * 5), fps=FPS)
    assert [still.shot_index for still in stills[:6]].count(0) <= 2


def test_no_candidates_give_no_stills() -> None:
    assert rank_stills([], film(10), shots=one_shot(10), fps=FPS) == []
    assert propose_stills(film(10), shots=ShotList((), ()), fps=FPS) == []


def test_likeness_tells_the_same_from_the_different() -> None:
    rng = np.random.default_rng(2)
    signatures = np.stack([(first := rng.uniform(0, 1, 72)), first + rng.normal(0, 0.01, 72), rng.uniform(0, 1, 72)])
    looks = Looks(signatures / 8, np.square(signatures / 8).sum(axis=1))
    same, near, far = looks.distances(0)
    assert same < 1e-6 and near < NEAR_IDENTICAL < far
    assert far == pytest.approx(np.sqrt(np.square((signatures[2] - signatures[0]) / 8).sum()))


def test_every_frame_part_has_a_weight() -> None:
    assert set(FRAME_PARTS) < set(PART_WEIGHTS)
    assert set(PART_WEIGHTS) - set(FRAME_PARTS) == {"variety", "spread"}
