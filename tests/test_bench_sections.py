"""Every section of the benchmarks can be asked for: the figures themselves take too long for tests."""

import importlib
import inspect

import pytest

BENCHES = ("accuracy", "curation", "people", "pixel", "search")


@pytest.mark.parametrize("bench", BENCHES)
def test_each_section_has_a_file_that_measures_with_and_without_footage(bench: str) -> None:
    for section in importlib.import_module(f"tests.bench.{bench}").SECTIONS:
        measure = importlib.import_module(f"tests.bench.{bench}_{section}").measure
        inspect.signature(measure).bind(None)
