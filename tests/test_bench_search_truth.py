"""The frozen list of what is looked for, and how lists of shots are judged by it."""

import json
import math

import pytest

from search.embed.fusion import Scored
from tests.bench.search_truth import (
    QUERIES_FILE,
    FilmSpan,
    Fusion,
    Looked,
    fused_quality,
    is_right,
    judge,
    read_labels,
    read_queries,
    reciprocal_rank,
)

FILMS = {each["film"] for row in json.loads(QUERIES_FILE.read_text())["queries"] for each in row["right"]}


def test_the_frozen_list_has_thirty_different_queries_or_more_of_every_kind_in_both_halves() -> None:
    looked = read_queries(FILMS)
    assert len({query.text for query in looked}) == len(looked) >= 30
    kinds = {query.kind for query in looked}
    assert kinds == {"facts", "lettering", "dialogue", "meaning", "unknowable"}
    for tunes in (True, False):
        assert {query.kind for query in looked if query.tunes is tunes} == kinds


def test_spans_of_queries_and_labels_have_frames() -> None:
    spans = [span for query in read_queries(FILMS) for span in query.right]
    spans += [span for span, _ in read_labels(FILMS)]
    assert all(0 <= span.start_frame < span.end_frame for span in spans)


def test_a_query_stays_in_its_half_whichever_films_are_there() -> None:
    halves = {query.text: query.tunes for query in read_queries(FILMS)}
    alone = read_queries({"demo"})
    assert alone and all(halves[query.text] is query.tunes for query in alone)
    assert {span.film for query in alone for span in query.right} == {"demo"}


@pytest.mark.parametrize(
    ("shot", "expected"),
    [
        (FilmSpan("a", 10, 20), True),
        (FilmSpan("a", 15, 25), True),
        (FilmSpan("a", 16, 26), False),
        (FilmSpan("a", 0, 1000), True),
        (FilmSpan("b", 10, 20), False),
    ],
)
def test_a_shot_is_right_that_shares_half_of_the_shorter_one_in_the_same_film(shot: FilmSpan, expected: bool) -> None:
    assert is_right(shot, [FilmSpan("a", 10, 20)]) is expected


def test_ranks_are_counted_to_the_first_right_shot_and_averaged() -> None:
    right = [FilmSpan("a", 10, 20)]
    shots = [FilmSpan("a", 30, 40), FilmSpan("a", 10, 20), FilmSpan("a", 10, 20)]
    assert reciprocal_rank(shots, right) == 0.5
    assert reciprocal_rank(shots[:1], right) == 0
    assert judge([1, 1 / 5, 1 / 6, 0]) == pytest.approx((0.25, 0.5, (1 + 1 / 5 + 1 / 6) / 4))
    assert all(math.isnan(value) for value in judge([]))


def test_a_source_that_weighs_more_decides_the_fusion() -> None:
    good, bad = FilmSpan("a", 10, 20), FilmSpan("a", 30, 40)
    looked = [Looked("words", "facts", (good,), tunes=True)]
    lists = [{"first": [Scored(bad, 1.0), Scored(good, 0.5)], "second": [Scored(good, 1.0), Scored(bad, 0.5)]}]
    assert fused_quality(looked, lists, fusion=Fusion(60.0, {"second": 2.0}, 0.0)).hit_1 == 1
    assert fused_quality(looked, lists, fusion=Fusion(60.0, {"first": 2.0}, 0.0)).hit_1 == 0
