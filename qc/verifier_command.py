"""`manage.py train pixel-verifier`: the second look at what the pixel network finds, taught with films of a folder."""

from __future__ import annotations

import hashlib
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ava.media.probe import UnusableVideo, probe
from ava.trainings import TrainingTarget, Unfit
from qc.defects.defect import RgbFrames
from qc.pixel.footage import PHOTOGRAPH_SUFFIXES, NoFootage, Source, parse_source, rendered_clips
from qc.pixel.model_file import SHIPPED, UnfitModel, read_model
from qc.pixel.moving_stills import still_clips

Say = Callable[[str], None]
_RENDERED_CLIPS = 240
_STILL_GROUPS = 4
"""Into so many sources the clips of photographs are divided: none of them is a film of its own."""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--footage", action="append", required=True, metavar="DIR|FILM[:FIRST-END]",
                        help="clean films and photographs, or of a film the frames FIRST to before END")  # fmt: skip
    parser.add_argument("--windows-a-film", type=int, default=160)
    parser.add_argument("--model", type=Path, default=SHIPPED, help="the network whose spots are looked at")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("verifier.npz"), help="the file to write")


def run(options: dict[str, Any], say: Say) -> dict[str, Any]:
    """Gather spots, teach the committee, and write the file. Raises Unfit with a sentence."""
    import torch

    from qc.pixel.verifier import write_verifier
    from qc.pixel.verifier_examples import gather_examples
    from qc.pixel.verifier_training import fit_verifier

    torch.set_num_threads(1)
    try:
        model, sources = read_model(options["model"]), [parse_source(text) for text in options["footage"]]
        films = _films(sources)
        examples = gather_examples(
            films, clips=_clips(sources, seed=options["seed"]), model=model, seed=options["seed"],
            windows_a_film=options["windows_a_film"], say=say,
        )  # fmt: skip
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


def _clips(sources: list[Source], *, seed: int) -> list[list[RgbFrames]]:
    """Rendered clips, and photographs that move."""
    moving = [clip for source in sources for clip in still_clips(source, seed=seed)]
    groups = [rendered_clips(seed=seed, count=_RENDERED_CLIPS)]
    return groups + [part for first in range(_STILL_GROUPS) if (part := moving[first::_STILL_GROUPS])]


def _films(sources: list[Source]) -> list[tuple[Path, int, int]]:
    """Every film of the sources with the span of it that counts; what is no film is left out."""
    films = []
    for source in sources:
        for path in source.files():
            if path.suffix.lower() in PHOTOGRAPH_SUFFIXES:
                continue
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
