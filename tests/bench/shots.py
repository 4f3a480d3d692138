"""How well shots are found in hand-checked films: a table a film, by signals alone and with the network's
help."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import Signals
from ava.annotate.film import annotate_film
from ava.media.probe import probe
from ava.media.video_info import VideoInfo
from ava.shots.boundaries import find_shots
from ava.shots.look import look_into
from ava.shots.scoring import Score, Truth, add_scores, score_shots
from ava.shots.shot_list import ShotList
from ava.shots.transnet import TransNet

ONE_SHOT_FILMS = ("chaplin.mp4", "friday.mp4", "flower.mp4", "car-detection.mp4")
TOLERANCES = (0, 2)


class Checked(NamedTuple):
    """A film and its truth."""

    path: Path
    truth: Truth


def main(arguments: Sequence[str]) -> None:
    """Print what was found and what was not in every hand-checked film of a folder, and the sums."""
    parser = argparse.ArgumentParser(prog="manage.py bench shots", description=__doc__)
    parser.add_argument("folder", type=Path, help="films with a .gt.json beside each")
    parser.add_argument(
        "--weights", type=Path, help="TransNet V2's weights; without them signals decide alone"
    )
    options = parser.parse_args(arguments)
    compare_films(options.folder, weights_path=options.weights, write=print)


def compare_films(
    folder: Path, *, weights_path: Path | None, write: Callable[[str], None]
) -> dict[str, Score]:
    """Find the shots of every hand-checked film of a folder and write a line for each.

    Returns the summed scores at each tolerance, keyed ``"signals 0"`` and so on; with ``weights_path`` also
    those with TransNet's help.
    """
    network = TransNet(weights_path) if weights_path else None
    scores: dict[str, list[Score]] = {}
    for film in read_truths(folder):
        info = probe(film.path)
        signals = annotate_film(film.path, info=info, processes=os.cpu_count() or 1).signals
        for way, found, looked in _ways(film, info=info, signals=signals, network=network):
            counts = [score_shots(found, film.truth, cut_tolerance=tolerance) for tolerance in TOLERANCES]
            for tolerance, score in zip(TOLERANCES, counts, strict=True):
                scores.setdefault(f"{way} {tolerance}", []).append(score)
            share = f", looked at {looked / info.frame_count:.0%}" if network else ""
            write(f"{film.path.name:32s} {way:8s} {_describe(counts)}{share}")
    totals = {way: add_scores(counts) for way, counts in scores.items()}
    for way, score in totals.items():
        write(
            f"{way} frames tolerance: cuts {score.cuts_found}/{score.cuts}, gradual {score.graduals_found}/"
            f"{score.graduals}, wrong {score.wrong}, precision {score.precision:.3f}, recall {score.recall:.3f}, "
            f"F1 {score.f1:.3f}"
        )
    return totals


def read_truths(folder: Path) -> list[Checked]:
    """The films of a folder that have a truth beside them, and those known to be one shot."""
    films = []
    for path in sorted(folder.iterdir()):
        truth_path = path.with_suffix(".gt.json")
        if path.name in ONE_SHOT_FILMS:
            films.append(Checked(path, Truth(cuts=())))
        elif path.suffix in (".mp4", ".mkv", ".webm") and truth_path.exists():
            films.append(Checked(path, read_truth(truth_path)))
    return films


def read_truth(path: Path) -> Truth:
    """Transitions of a truth file: hard cuts, gradual spans, ambiguous spans."""
    content = json.loads(path.read_text())
    cuts = content.get("hard_cuts", content.get("hard_cuts_first_frame_of_new_shot", []))
    spans = [
        tuple((each["span"][0], each["span"][1]) for each in content.get(name, []))
        for name in ("gradual", "ambiguous")
    ]
    return Truth(tuple(cuts), *spans)


def _ways(
    film: Checked, *, info: VideoInfo, signals: Signals, network: TransNet | None
) -> list[tuple[str, ShotList, int]]:
    found = [("signals", find_shots(signals, fps=info.fps), 0)]
    if network is not None:
        decode = look_into(film.path, info=info)
        looked = []

        def look(start_frame: int, end_frame: int) -> NDArray[np.uint8]:
            looked.append(end_frame - start_frame)
            return decode(start_frame, end_frame)

        shots = find_shots(signals, fps=info.fps, look=look, network=network)
        found.append(("network", shots, sum(looked)))
    return found


def _describe(scores: list[Score]) -> str:
    exact, near = scores
    return (
        f"cuts {exact.cuts_found}/{near.cuts_found} of {exact.cuts}, gradual {near.graduals_found} of "
        f"{near.graduals}, wrong {near.wrong}, F1 {exact.f1:.3f}/{near.f1:.3f}"
    )
