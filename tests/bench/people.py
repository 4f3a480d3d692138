"""How well people are recognised: pairs of faces, clusters, expressions; and how soon a correction shows.

`manage.py bench people [--data DIR] [--only SECTION,…] [--json]`
"""

from __future__ import annotations

import argparse
import importlib
import json
from collections.abc import Sequence
from pathlib import Path

from tests.bench.accuracy import print_figures
from tests.bench.figures import Figure
from tests.conftest import SHARED_DATA

SECTIONS = ("verification", "clusters", "expression", "actions")


def main(arguments: Sequence[str]) -> None:
    """Print every section's figures."""
    parser = argparse.ArgumentParser(prog="manage.py bench people", description=__doc__)
    parser.add_argument("--data", type=Path, default=SHARED_DATA, help="real footage and pictures")
    parser.add_argument("--only", default=",".join(SECTIONS), help=f"of {','.join(SECTIONS)}")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    data = options.data if options.data.is_dir() else None
    if data is None and not options.json:
        print(f"{options.data} is not there: rendered truth only.")
    figures: list[Figure] = []
    for section in options.only.split(","):
        found = importlib.import_module(f"tests.bench.people_{section}").measure(data)
        figures += found
        if not options.json:
            print_figures(found)
    if options.json:
        print(json.dumps([figure._asdict() for figure in figures], indent=1))
