"""Speed of the curation board: ranking anew, grouping copies, first paint, learning; beside peers in the same run.

`manage.py bench curation [--data DIR] [--only SECTION,…] [--json]`
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.bench.accuracy import run_sections

SECTIONS = ("rerank", "grouping", "board", "learning")


def main(arguments: Sequence[str]) -> None:
    """Print every section's figures."""
    run_sections("curation", SECTIONS, arguments, description=__doc__)
