"""Speed of the scan for pixel errors against bare decoding in the same run, and what its proposals miss.

`manage.py bench pixel [--data DIR] [--json]`
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.bench.accuracy import run_sections

SECTIONS = ("speed", "cascade")


def main(arguments: Sequence[str]) -> None:
    """Print every section's figures."""
    run_sections("pixel", SECTIONS, arguments, description=__doc__)
