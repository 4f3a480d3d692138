"""Settings that come from the environment fail loudly, and say what would do."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from ava.environment import Environment


def environment(**variables: str) -> Environment:
    return Environment(home=Path(), variables=variables, services={})


def test_a_setting_that_is_one_of_some_words_is_the_first_of_them_where_nothing_is_said() -> None:
    among = ("auto", "exact", "hnsw")
    assert environment().choice("AVA_VECTOR_SEARCH", among=among) == "auto"
    assert environment(AVA_VECTOR_SEARCH="hnsw").choice("AVA_VECTOR_SEARCH", among=among) == "hnsw"
    with pytest.raises(ImproperlyConfigured, match="AVA_VECTOR_SEARCH must be auto, exact or hnsw, not 'HNSW'"):
        environment(AVA_VECTOR_SEARCH="HNSW").choice("AVA_VECTOR_SEARCH", among=among)


@pytest.mark.parametrize("value", ["0", "-1", "many", "1.5"])
def test_a_setting_that_counts_is_a_whole_number_above_zero(value: str) -> None:
    assert environment().integer("AVA_MOST", default=7) == 7
    with pytest.raises(ImproperlyConfigured, match="whole number above 0"):
        environment(AVA_MOST=value).integer("AVA_MOST", default=7)
