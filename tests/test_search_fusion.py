"""Fusing ranked lists, exact search among vectors, and the forms of words."""

import numpy as np
import pytest

from search.embed.exact import exact_top
from search.embed.fusion import Scored, fuse, shared_ranks
from search.embed.word_forms import find_marks, index_form, query_form, words_of_text


def ranked(*keys: str) -> list[Scored]:
    return [Scored(key, float(-place)) for place, key in enumerate(keys)]


def test_what_stands_high_in_two_lists_comes_before_what_heads_one() -> None:
    fused = fuse({"words": ranked("a", "b", "c"), "vectors": ranked("d", "b", "a")})
    assert [entry.key for entry in fused] == ["a", "b", "d", "c"]


def test_scores_are_those_of_the_formula_divided_by_the_most_there_can_be() -> None:
    fused = {entry.key: entry.score for entry in fuse({"one": ranked("a", "b"), "two": ranked("b")})}
    assert fused["b"] == pytest.approx((1 / 62 + 1 / 61) / (2 / 61))
    assert fused["a"] == pytest.approx((1 / 61) / (2 / 61))


def test_the_head_of_all_lists_scores_one() -> None:
    assert fuse({"one": ranked("a", "b"), "two": ranked("a")})[0] == Scored("a", pytest.approx(1.0))


def test_equal_scores_share_their_rank_so_that_their_order_decides_nothing() -> None:
    entries = [Scored("a", 1.0), Scored("b", 1.0), Scored("c", 0.5)]
    assert shared_ranks(entries) == {"a": 1.5, "b": 1.5, "c": 3.0}
    assert fuse({"one": entries}) == fuse({"one": [entries[1], entries[0], entries[2]]})


def test_a_key_counts_where_it_stands_first() -> None:
    assert shared_ranks([Scored("a", 3.0), Scored("b", 2.0), Scored("a", 1.0)]) == {"a": 1.0, "b": 2.0}


def test_weights_change_which_list_wins_and_a_weight_of_nothing_silences_one() -> None:
    lists = {"one": ranked("a"), "two": ranked("b")}
    assert fuse(lists, weights={"two": 2.0})[0].key == "b"
    assert [entry.score for entry in fuse(lists, weights={"one": 0.0, "two": 0.0})] == []


def test_a_poor_match_of_a_graded_source_does_not_pull_down_what_another_knows_well() -> None:
    lists = {"vectors": ranked("right", *"bcdefgh"), "words": [Scored("h", 1 / 3)]}
    assert fuse(lists)[0].key == "h"
    assert fuse(lists, graded={"words"})[0].key == "right"
    whole = lists | {"words": [Scored("h", 1.0)]}
    assert fuse(whole, graded={"words"})[0].key == "h"


def test_grades_beyond_a_share_are_cut_to_one() -> None:
    odd = {"words": [Scored("a", 7.0), Scored("b", 1.0), Scored("c", -1.0)]}
    assert [entry.score for entry in fuse(odd, graded={"words"})] == [1.0, pytest.approx(61 / 62), 0.0]


def test_the_order_in_which_sources_are_named_changes_nothing() -> None:
    lists = {name: ranked(*keys) for name, keys in {"x": "abc", "y": "cab", "z": "bca"}.items()}
    assert fuse(lists) == fuse(dict(reversed(lists.items())))


@pytest.mark.parametrize("lists", [{}, {"one": []}, {"one": [], "two": []}])
def test_nothing_gives_nothing(lists: dict) -> None:
    assert fuse(lists) == []


def test_exact_search_gives_the_nearest_by_angle_whatever_their_lengths() -> None:
    vectors = np.array([[1, 0], [0, 5], [3, 3], [-1, 0]], dtype=np.float32)
    found = exact_top(vectors, np.array([2.0, 0.0]), 3)
    assert [match.row for match in found] == [0, 2, 1]
    assert found[1].cosine == pytest.approx(np.sqrt(0.5))


def test_exact_search_leaves_out_what_has_no_direction() -> None:
    vectors = np.array([[0, 0], [np.nan, 1], [np.inf, 0], [1, 1]], dtype=np.float32)
    assert [match.row for match in exact_top(vectors, np.array([1.0, 0.0]), 9)] == [3]
    assert exact_top(vectors, np.zeros(2), 9) == []
    assert exact_top(np.empty((0, 2)), np.array([1.0, 0.0]), 9) == []


def test_exact_search_gives_equal_vectors_in_their_order() -> None:
    assert [match.row for match in exact_top(np.ones((4, 3)), np.ones(3), 2)] == [0, 1]


def test_vectors_of_another_dimension_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        exact_top(np.ones((4, 3)), np.ones(2), 2)


def test_scripts_without_spaces_are_kept_as_pairs_and_found_by_any_part() -> None:
    assert index_form("世界和平").split() == ["世界", "界和", "和平", "平"]
    assert query_form("界和").split() == ["界和"]
    assert query_form("平").split() == ["平"]


def test_case_and_width_of_letters_do_not_matter() -> None:
    assert words_of_text("STRASSE Straße Ａｂｃ") == ["strasse", "strasse", "abc"]


@pytest.mark.parametrize(
    ("text", "wanted", "marked"),
    [
        ("Explosions everywhere!", ["explosion"], ["Explosions"]),
        ("Merry Christmas, Tom. Merry? Christmas.", ["merry christmas"], ["Merry Christmas", "Merry? Christmas"]),
        ("He said: don’t go", ["don't"], ["don’t"]),
        ("再见，世界和平", ["世界"], ["世界"]),
        ("the red car, the red", ["red car", "red"], ["red car", "red"]),
        ("nothing here", ["else"], []),
        ("", ["else"], []),
        ("some text", ["", "🎉"], []),
    ],
)
def test_matched_words_are_marked_by_their_places(text: str, wanted: list[str], marked: list[str]) -> None:
    assert [text[start:end] for start, end in find_marks(text, wanted)] == marked
