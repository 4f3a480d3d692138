"""How well people are recognised: pairs of faces, clusters, expressions; and how soon a correction shows.

`manage.py bench people [--data DIR] [--only SECTION,…] [--json]`
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.bench.accuracy import run_sections

SECTIONS = ("verification", "clusters", "expression", "actions")


def main(arguments: Sequence[str]) -> None:
    """Print every section's figures."""
    run_sections("people", SECTIONS, arguments, description=__doc__)
