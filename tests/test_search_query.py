"""Reading what is looked for: every way of writing it means something, and what means nothing is told in a sentence."""

import pytest
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from search.query import LONGEST_TEXT, InvalidQuery, Like, Query, Region, read_query, write_query


def test_words_phrases_and_words_to_leave_out_are_told_apart() -> None:
    query = read_query({"q": 'red  car "merry christmas" -night -"too late" close-up'})
    assert query.text == "red car close-up"
    assert query.phrases == ("merry christmas",)
    assert query.negatives == ("night", "too late")
    assert query.remarks == ()


@pytest.mark.parametrize("written", ["“merry christmas”", "«merry christmas»", "„merry   christmas“"])
def test_quotation_marks_of_any_country_hold_a_phrase(written: str) -> None:
    assert read_query({"q": written}).phrases == ("merry christmas",)


def test_a_lone_quotation_mark_is_ignored_and_that_is_told() -> None:
    query = read_query({"q": 'the "red car'})
    assert (query.text, query.phrases) == ("the red car", ())
    assert query.remarks == ("A quotation mark had no partner and was ignored.",)


@pytest.mark.parametrize("written", ["", "   ", "\t\n"])
def test_nothing_asks_for_nothing(written: str) -> None:
    assert read_query({"q": written}) == Query()
    assert read_query({}).is_empty


@pytest.mark.parametrize("written", ["🎉🎉", "!!! ---", '""', '-""', "—"])
def test_what_holds_no_word_asks_for_nothing_and_says_so(written: str) -> None:
    query = read_query({"q": written})
    assert query.is_empty
    assert query.remarks == ("There is no word or number in what was typed, so nothing could be looked for.",)


def test_of_ten_thousand_characters_the_first_are_looked_for_and_that_is_told() -> None:
    query = read_query({"q": "explosion " * 1000})
    assert len(query.text) <= LONGEST_TEXT
    assert set(query.text.split()) == {"explosion"}
    assert query.remarks == ("Only the first 1,000 characters were looked for.",)


def test_ten_thousand_characters_without_a_space_are_read_too() -> None:
    assert len(read_query({"q": "x" * 10_000}).text) == LONGEST_TEXT


@pytest.mark.parametrize("written", ["世界和平", "взрыв машины", "انفجار", "สวัสดี", "'; DROP TABLE ava_video; --"])
def test_other_scripts_and_what_looks_like_sql_are_words(written: str) -> None:
    assert read_query({"q": written}).text


def test_only_words_to_leave_out_make_a_filter() -> None:
    query = read_query({"q": "-night"})
    assert not query.is_empty
    assert not query.is_ranked
    assert query.filters_shots


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"q": "a\0b"}, "holds characters that no text has"),
        ({"q": "\ud800"}, "holds characters that no text has"),
        ({"q": ["a", "b"]}, "only once"),
        ({"q": {"a": 1}}, "must be text or a number"),
        ({"q": True}, "must be text or a number"),
        ({"title": "x"}, "must be given by number"),
        ({"title": "9" * 19}, "must be given by number"),
        ({"title": "-1"}, "must be given by number"),
        ({"title": ["1"] * 201}, "more than 200 times"),
        ({"scale": "huge"}, "“scale” is one of: extreme_close_up"),
        ({"camera": "huge"}, "“camera” is one of: static"),
        ({"colour": "mauve"}, "“colour” is one of: black"),
        ({"min_s": "soon"}, "must be given in numbers"),
        ({"min_s": "nan"}, "must be given in numbers"),
        ({"max_s": "-1"}, "0 to 86,400"),
        ({"min_s": "5", "max_s": "4"}, "swap them"),
        ({"like": "shot:1"}, "“like” is"),
        ({"like": "shot:1:99999999999"}, "“like” is"),
        ({"like": "still:x"}, "“like” is"),
        ({"like": "upload:../../etc"}, "“like” is"),
        ({"like": "still:1", "region": "0,0,2,1"}, "“region” is"),
        ({"like": "still:1", "region": "0.5,0,0.5,1"}, "“region” is"),
        ({"like": "still:1", "region": "a,b,c,d"}, "must be given in numbers"),
        ({"region": "0,0,1,1"}, "A region needs the picture"),
    ],
)
def test_what_means_nothing_is_told_in_a_sentence(asked: dict, sentence: str) -> None:
    with pytest.raises(InvalidQuery, match=sentence.replace("(", r"\(")):
        read_query(asked)


def test_filters_are_read_from_addresses_and_from_json_alike() -> None:
    address = QueryDict(
        "q=car&title=3&title=5&scale=close-up&camera=pan&colour=gray&min_s=1.5&character=Ann&attribute=7"
    )
    told = {
        "q": "car", "title": [3, "5"], "scale": ["Close up"], "camera": "pan", "colour": ["grey"], "min_s": 1.5,
        "character": ["Ann"], "attribute": 7,
    }  # fmt: skip
    wanted = Query(
        text="car", titles=(3, 5), scale=("close_up",), camera=("pan",), colour=("grey",), shortest_s=1.5,
        characters=("Ann",), attributes=(7,),
    )  # fmt: skip
    assert read_query(address) == wanted
    assert read_query(told) == wanted


def test_examples_and_their_regions_are_read() -> None:
    assert read_query({"like": "shot:3:120"}).like == Like("shot", 3, 120)
    assert read_query({"like": "upload:ab12"}).like == Like("upload", token="ab12")
    query = read_query({"like": "still:9", "region": "0.1,0.2,0.5,1"})
    assert (query.like, query.region) == (Like("still", 9), Region(0.1, 0.2, 0.5, 1))


def test_a_sliver_that_would_be_written_back_as_nothing_is_no_region() -> None:
    with pytest.raises(InvalidQuery, match="left before right"):
        read_query({"like": "still:9", "region": "0.12345678,0,0.12345679,1"})
    query = read_query({"like": "still:9", "region": "0.123456,0,0.2,1"})
    assert read_query(QueryDict(write_query(query))) == query


def test_a_query_written_into_an_address_is_read_again_as_it_was() -> None:
    asked = {
        "q": 'red car "merry christmas" -night -"too late"', "title": [3], "scale": "long", "camera": "pan",
        "colour": ["red", "blue"], "min_s": 1, "max_s": 9.5, "dialogue": "good night", "attribute": [4],
        "character": ["Ann O'Neill"], "like": "still:9", "region": "0.125,0.25,0.5,1",
    }  # fmt: skip
    query = read_query(asked)
    assert read_query(QueryDict(write_query(query))) == query


@settings(max_examples=120, deadline=None)
@given(st.text(max_size=60) | st.text(alphabet='ab "-−', max_size=12))
def test_any_text_is_read_or_refused_with_a_sentence_and_written_back(text: str) -> None:
    try:
        query = read_query({"q": text})
    except InvalidQuery as error:
        assert str(error).endswith(".")
        return
    again = read_query(QueryDict(write_query(query)))
    assert (again.text, again.phrases, again.negatives) == (query.text, query.phrases, query.negatives)
