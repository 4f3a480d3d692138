"""Attributes taught by example: how soon new guesses come, how many answers it takes, how well probabilities hold.

`manage.py bench attributes [--data DIR] [--only SECTION,…] [--json]`
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.bench.accuracy import run_sections

SECTIONS = ("speed", "answers")


def main(arguments: Sequence[str]) -> None:
    """Print every section's figures."""
    run_sections("attributes", SECTIONS, arguments, description=__doc__)
