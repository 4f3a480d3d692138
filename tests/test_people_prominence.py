"""Prominence: time on screen and how much it counts; main characters, secondary ones and extras."""

import warnings

import numpy as np
import pytest

from curation.people.portrait_choice import choose_portraits
from curation.people.prominence import find_gap, judge_importance, rate_prominence
from curation.people.spans import merge_spans
from curation.people.track_facts import TrackFacts

FPS = 25.0


def make_facts(rows: list[tuple], **columns) -> TrackFacts:
    """Rows of (character, start_s, end_s) or with a film as the fourth; columns as numbers for all or lists."""
    count = len(rows)
    defaults = {"height_unit": 0.3, "centrality_unit": 0.7, "sharpness_unit": 0.6, "dialogue_unit": np.nan} | columns
    return TrackFacts(
        character=np.array([row[0] for row in rows], dtype=np.int64),
        film=np.array([row[3] if len(row) > 3 else 1 for row in rows], dtype=np.int64),
        shot=np.arange(count, dtype=np.int64),
        scene=np.full(count, -1, dtype=np.int64),
        start_frame=np.array([round(row[1] * FPS) for row in rows], dtype=np.int64),
        end_frame=np.array([round(row[2] * FPS) for row in rows], dtype=np.int64),
        **{name: np.broadcast_to(value, count).astype(np.float32) for name, value in defaults.items()},
    )


def rate(rows: list[tuple], *, duration_s: float = 100.0, **columns):
    return rate_prominence(make_facts(rows, **columns), fps={1: FPS, 2: FPS, 3: 2 * FPS}, duration_s=duration_s)


def test_one_person_throughout_is_the_main_character() -> None:
    rated = rate([(7, start, start + 9) for start in range(0, 90, 10)])
    assert rated.character.tolist() == [7] and rated.prominence.tolist() == [1.0]
    assert rated.screen_time_s == pytest.approx([81]) and rated.importance == ("main",)


def test_two_leads_stand_out_from_three_hundred_extras() -> None:
    leads = [(1, 0, 900), (2, 500, 1200)]
    extras = [(10 + index, 10 * index, 10 * index + 3) for index in range(300)]
    rated = rate(leads + extras, duration_s=5400)
    assert rated.importance == ("main", "main", *["extra"] * 300)


def test_an_ensemble_of_equals_is_main_together() -> None:
    rng = np.random.default_rng(4)
    rated = rate([(person, 0, rng.uniform(240, 360)) for person in range(12)], duration_s=5400)
    assert set(rated.importance) == {"main"}


def test_a_supporting_cast_lies_between_leads_and_extras() -> None:
    seconds = [1500, 1200, 300, 220, 180, 12, 8, 5]
    rated = rate([(person, 0, length) for person, length in enumerate(seconds)], duration_s=6000)
    assert rated.importance == ("main",) * 2 + ("secondary",) * 3 + ("extra",) * 3


def test_a_face_for_two_seconds_leads_a_clip_but_no_feature_film() -> None:
    assert rate([(1, 0, 2)], duration_s=10).importance == ("main",)
    short = rate([(1, 0, 2)], duration_s=5400)
    assert short.importance == ("extra",) and 0 < short.prominence[0] < 0.02


def test_time_in_which_two_tracks_show_one_person_counts_once() -> None:
    rated = rate([(1, 0, 10), (1, 5, 15), (1, 5, 8), (2, 0, 15)])
    assert rated.screen_time_s == pytest.approx([15, 15])
    assert rated.prominence == pytest.approx([1, 1])


def test_screen_time_is_that_of_counting_frames_one_by_one() -> None:
    rng = np.random.default_rng(2)
    rows = [(int(rng.integers(5)), (begin := rng.uniform(0, 60)), begin + rng.uniform(0, 9), int(rng.integers(1, 3)))
            for _ in range(200)]  # fmt: skip
    facts = make_facts(rows)
    seen = {(who, film, frame) for who, film, start, end in zip(*(column.tolist() for column in (
        facts.character, facts.film, facts.start_frame, facts.end_frame)), strict=True) for frame in range(start, end)}
    rated = rate(rows)
    for who, time_s in zip(rated.character.tolist(), rated.screen_time_s, strict=True):
        assert time_s == pytest.approx(sum(key[0] == who for key in seen) / FPS)


def test_films_of_other_frame_rates_add_up_in_seconds() -> None:
    facts = make_facts([(1, 0, 10, 1), (1, 0, 10, 3)])
    rated = rate_prominence(facts, fps={1: FPS, 3: 2 * FPS}, duration_s=100)
    assert rated.screen_time_s == pytest.approx([15])


def test_a_large_sharp_face_in_the_middle_counts_more_than_one_in_the_background() -> None:
    rows = [(1, 0, 10), (2, 0, 10)]
    for part in ("height_unit", "centrality_unit", "sharpness_unit", "dialogue_unit"):
        first, second = rate(rows, **{part: [0.35, 0.1]}).prominence
        assert second < first == 1.0


def test_a_part_that_is_not_known_is_left_out_and_not_made_up() -> None:
    rated = rate([(1, 0, 10), (1, 20, 50), (2, 0, 40)], sharpness_unit=[np.nan, 0.5, np.nan])
    assert rated.parts["sharpness"].tolist() == pytest.approx([0.5, np.nan], nan_ok=True)
    assert np.isnan(rated.parts["dialogue"]).all()
    assert rated.prominence[1] > 0
    for name, values in rated.parts.items():
        assert all(np.isnan(value) or 0 <= value <= 1 for value in values), name


def test_a_guest_of_one_episode_is_secondary_in_the_series_and_main_in_it() -> None:
    lead = [(1, 0, 600, film) for film in (1, 2)]
    series = [*lead, (1, 700, 1300, 2), (2, 0, 500, 1)]
    assert rate(series, duration_s=4800).importance == ("main", "secondary")
    assert rate([row for row in series if row[3] == 1], duration_s=2400).importance == ("main", "main")


def test_importance_does_not_depend_on_the_order_of_people() -> None:
    values = np.array([1.0, 0.8, 0.3, 0.28, 0.05, 0.004, 0.003])
    order = np.random.default_rng(1).permutation(len(values))
    judged = judge_importance(values)
    assert judge_importance(values[order]) == tuple(judged[index] for index in order)
    assert judged[0] == "main" and judged[-1] == "extra"


def test_the_line_goes_through_the_widest_gap() -> None:
    assert 0.2 < find_gap(np.array([1, 0.5, 0.45, 0.2, 0.18]), between=(0.15, 0.6)) < 0.45
    assert find_gap(np.array([]), between=(0.1, 0.4)) == pytest.approx(0.2)


def test_nothing_and_nonsense_give_defined_values_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nobody = rate([])
        assert nobody.character.size == 0 and nobody.importance == ()
        empty = rate([(1, 5, 5), (2, 8, 4)], duration_s=0)
        assert empty.prominence.tolist() == [0, 0] and empty.importance == ("extra", "extra")
        odd = rate([(1, 0, 10)], height_unit=np.nan, centrality_unit=np.nan, sharpness_unit=np.nan)
        assert odd.prominence.tolist() == [0.0]
        huge = rate([(1, 0, 10), (2, 0, 4e8)], height_unit=[1e30, 0.3], centrality_unit=[-5, 0.5])
        assert np.isfinite(huge.prominence).all() and huge.prominence.max() == 1


def test_merged_spans_are_those_of_marking_every_frame() -> None:
    rng = np.random.default_rng(8)
    owner, start = rng.integers(-2, 4, 300), rng.integers(0, 400, 300)
    end = start + rng.integers(-2, 9, 300)
    merged = merge_spans(owner, start_frame=start, end_frame=end)
    for who in np.unique(owner):
        marked = np.zeros(500, dtype=bool)
        for first, last in zip(start[owner == who], end[owner == who], strict=True):
            marked[first:last] = True
        edges = np.flatnonzero(np.diff(np.concatenate([[0], marked.astype(int), [0]]))).reshape(-1, 2)
        mine = merged.owner == who
        assert np.stack([merged.start_frame[mine], merged.end_frame[mine]], axis=1).tolist() == edges.tolist()


def test_portraits_come_from_all_over_the_film_and_the_best_is_first() -> None:
    owner = np.array([1] * 60 + [2] * 3)
    order = np.arange(63)
    score = np.concatenate([np.linspace(0, 1, 60), [0.2, 0.9, 0.5]])
    chosen = choose_portraits(owner, order=order, score=score, most=6)
    assert chosen.tolist() == [59, 49, 39, 29, 19, 9, 61, 62, 60]
    nothing = np.array([], dtype=np.int64)
    assert choose_portraits(nothing, order=nothing, score=np.array([]), most=6).size == 0
