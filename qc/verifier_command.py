"""`manage.py train pixel-verifier`: the second look at what the pixel network finds, taught with films of a folder."""

from __future__ import annotations

import hashlib
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ava.media.probe import UnusableVideo, probe
from ava.trainings import TrainingTarget, Unfit
from qc.pixel.footage import NoFootage, parse_source
from qc.pixel.model_file import SHIPPED, UnfitModel, read_model

Say = Callable[[str], None]


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--footage", action="append", required=True, metavar="DIR|FILM[:FIRST-END]",
                        help="clean films, or of a film the frames FIRST to before END")  # fmt: skip
    parser.add_argument("--windows-a-film", type=int, default=160)
    parser.add_argument("--model", type=Path, default=SHIPPED, help="the network whose spots are looked at")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("verifier.npz"), help="the file to write")


def run(options: dict[str, Any], say: Say) -> dict[str, Any]:
    """Gather spots, teach the committee, and write the file. Raises Unfit with a sentence."""
    import torch

    from qc.pixel.verifier import write_verifier
    from qc.pixel.verifier_training import fit_verifier, gather_examples

    torch.set_num_threads(1)
    try:
        model = read_model(options["model"])
        films = _films(options["footage"])
        examples = gather_examples(
            films, model=model, seed=options["seed"], windows_a_film=options["windows_a_film"], say=say
        )
        recipe = {
            "command": "manage.py train pixel-verifier",
            "network": model.sha256,
            "seed": options["seed"],
            "windows_a_film": options["windows_a_film"],
            "footage": [f"{path.name}:{start}-{end} sha256 {_digest(path)}" for path, start, end in films],
            "spots": len(examples.truths),
            "errors": int(examples.truths.sum()),
        }
        verifier = fit_verifier(examples, seed=options["seed"], recipe=recipe)
    except (UnfitModel, NoFootage, ValueError) as error:
        raise Unfit(str(error)) from error
    write_verifier(verifier, options["out"])
    return {**recipe, "least": verifier.least, "scale": verifier.scale, "out": str(options["out"])}


def _films(sources: list[str]) -> list[tuple[Path, int, int]]:
    """Every film of the sources with the span of it that counts; what is no film is left out."""
    films = []
    for source in map(parse_source, sources):
        for path in source.files():
            try:
                count = probe(path).frame_count
            except UnusableVideo:
                continue
            films.append((path, source.start_frame, min(source.end_frame or count, count)))
    if not films:
        raise NoFootage("There is no film in the footage; give folders or files that can be decoded.")
    return films


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


PIXEL_VERIFIER = TrainingTarget(
    "pixel-verifier", "the second look at what the pixel network finds", add_arguments, run
)
