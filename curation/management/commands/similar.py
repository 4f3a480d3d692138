"""`manage.py similar IMAGE [IMAGE…]`: how alike image files are, and which of them are one picture."""

import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from curation.similarity.best_copy import best_copy
from curation.similarity.descriptor import PictureDescriptor
from curation.similarity.index import PARTS, SAME_PICTURE, Similarity
from curation.similarity.picture_files import describe_files, list_picture_files
from curation.similarity.picture_set import ComparedSet, compare_set

TOLD_PAIRS = 20
"""Without --json the likest pairs are printed, up to this many."""
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class Command(BaseCommand):
    help = "Say how alike image files are, and which of them are one picture, cropped, graded or titled."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE", help="a picture, or a folder of pictures")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print JSON on standard output")

    def handle(self, *, images: list[Path], as_json: bool, **_: Any) -> None:
        for name in ONE_THREAD:  # of each process: more of them would only wait for one another
            os.environ.setdefault(name, "1")
        processes = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        described = self._describe(images, processes=processes)
        paths, descriptors = [path for path, _ in described], dict(enumerate(each for _, each in described))
        with tqdm(desc="pairs", file=sys.stderr, disable=len(paths) < 20) as bar:
            compared = compare_set(descriptors, processes=processes, report=lambda done, of: _advance(bar, done, of))
        if as_json:
            self.stdout.write(json.dumps(_as_json(compared, paths), indent=1, ensure_ascii=False))
        else:
            self.stdout.write(_as_text(compared, paths, descriptors))

    def _describe(self, images: Sequence[Path], *, processes: int) -> list[tuple[Path, PictureDescriptor]]:
        """Every picture once; one that was named must be usable, of a folder's the unusable are told and left out."""
        named = [image for image in images if not image.is_dir()]
        found = [file for image in images if image.is_dir() for file in list_picture_files(image)]
        paths = list(dict.fromkeys([*named, *found]))
        with tqdm(desc="pictures", total=len(paths), file=sys.stderr, disable=len(paths) < 20) as bar:
            files = describe_files(paths, processes=processes, report=lambda done: _advance(bar, done, len(paths)))
        for file in files:
            if file.problem and file.path in named:
                raise CommandError(file.problem)
            if file.problem:
                self.stderr.write(f"{file.problem} It was left out.")
        usable = [(file.path, file.descriptor) for file in files if file.descriptor is not None]
        if not usable:
            raise CommandError("There is no picture to compare; name image files or folders that hold some.")
        return usable


def _advance(bar: "tqdm[Any]", done: int, of: int) -> None:
    bar.total = of
    bar.update(done - bar.n)


def _as_json(compared: ComparedSet, paths: Sequence[Path]) -> dict[str, Any]:
    return {
        "pairs": [
            {
                "a": str(paths[first]),
                "b": str(paths[second]),
                "index": round(similarity.index, 4),
                "parts": {name: round(getattr(similarity, name), 4) for name in PARTS},
            }
            for (first, second), similarity in compared.pairs.items()
        ],
        "groups": [[str(paths[each]) for each in group] for group in compared.groups],
    }


def _as_text(compared: ComparedSet, paths: Sequence[Path], descriptors: dict[int, PictureDescriptor]) -> str:
    likest = sorted(compared.pairs.items(), key=lambda entry: (-entry[1].index, entry[0]))[:TOLD_PAIRS]
    counted = f"{len(paths)} pictures, {len(compared.pairs)} pairs compared, {len(compared.groups)} groups"
    lines = [counted, *(_pair_line(paths[pair[0]], paths[pair[1]], similarity) for pair, similarity in likest)]
    for number, group in enumerate(compared.groups, start=1):
        best = group[best_copy([descriptors[each] for each in group])]
        lines.append(f"Group {number}, best copy {paths[best]}:")
        lines += [f"  {paths[each]}" for each in group]
    return "\n".join(lines)


def _pair_line(first: Path, second: Path, similarity: Similarity) -> str:
    parts = ", ".join(f"{name} {getattr(similarity, name):.2f}" for name in PARTS)
    verdict = "one picture" if similarity.index >= SAME_PICTURE else "different"
    return f"{similarity.index:.3f} {verdict}: {first} and {second} ({parts})"
