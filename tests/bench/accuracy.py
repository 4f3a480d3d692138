"""Accuracy of frame signals, choice and comparison against known truth: rendered, and labelled by eye on real footage.

`manage.py bench accuracy [--data DIR] [--only SECTION,…] [--json]`
"""

from __future__ import annotations

import argparse
import importlib
import json
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from tests.bench.figures import Figure
from tests.conftest import SHARED_DATA

SECTIONS = (
    "visual", "camera", "faces", "text", "stills", "similarity", "layout", "pixel", "contrastive", "search",
    "search_films", "trailer_match", "trailer_long", "official_stills", "moments",
)  # fmt: skip


def main(arguments: Sequence[str]) -> None:
    """Print every section's figures and tables."""
    run_sections("accuracy", SECTIONS, arguments, description=__doc__)


def run_sections(name: str, sections: Sequence[str], arguments: Sequence[str], *, description: str | None) -> None:
    """Print the figures, and the tables where there are any, of the modules `tests.bench.NAME_SECTION`."""
    parser = argparse.ArgumentParser(prog=f"manage.py bench {name}", description=description)
    parser.add_argument("--data", type=Path, default=SHARED_DATA, help="real footage and pictures")
    parser.add_argument("--only", default=",".join(sections), help=f"of {','.join(sections)}")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    data = options.data if options.data.is_dir() else None
    if data is None and not options.json:
        print(f"{options.data} is not there: rendered truth only.")
    figures: list[Figure] = []
    for section in options.only.split(","):
        module = importlib.import_module(f"tests.bench.{name}_{section}")
        found = module.measure(data)
        figures += found
        if not options.json:
            print_figures(found)
            if tables := getattr(module, "tables", None):
                print(tables(data), flush=True)
    if options.json:
        print(json.dumps([figure._asdict() for figure in figures], indent=1))


def print_figures(figures: Sequence[Figure]) -> None:
    for section, members in groupby(figures, key=lambda figure: figure.section):
        print(f"\n{section}")
        for figure in members:
            print(f"  {figure.what:58}{figure.value:10.3f} {figure.unit:12}{figure.truth}", flush=True)
