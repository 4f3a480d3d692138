"""Search's speed over catalogues of 100,000 and 1,000,000 shots, its index beside exact search, and its encoders.

`manage.py bench search [--only SECTION,…] [--json]`; the section "million" takes an hour and 10 GB of disk.
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.bench.accuracy import run_sections

SECTIONS = ("speed", "encoders", "million")


def main(arguments: Sequence[str]) -> None:
    """Print every section's figures."""
    run_sections("search", SECTIONS, arguments, description=__doc__)
