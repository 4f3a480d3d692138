"""Moments of a two-hour film: how long its shots take to be gathered and scored, kept and read, and to be learnt from.

`manage.py bench moments [--data DIR] [--only SECTION,…] [--json]`
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.bench.accuracy import run_sections

SECTIONS = ("scoring", "string_out")


def main(arguments: Sequence[str]) -> None:
    """Print every section's figures."""
    run_sections("moments", SECTIONS, arguments, description=__doc__)
