"""`manage.py train pixel`: the pixel network from films of a folder, or from rendered clips, into a model file."""

from __future__ import annotations

import platform
import time
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import cv2
import numpy as np

from ava.train.checkpoint import UnfitCheckpoint
from ava.train.loop import Diverged, StepReport, TrainSettings
from ava.trainings import TrainingTarget, Unfit
from qc.pixel.clean_clips import Footage
from qc.pixel.dataset import Mix
from qc.pixel.footage import NoFootage, Source, parse_source
from qc.pixel.held_out import HELD_OUT_VERSION, VALIDATION_SIDE_PX
from qc.pixel.model_file import PixelModelFile, UnfitModel, read_model

if TYPE_CHECKING:
    from qc.defects.defect import RgbFrames
    from qc.pixel.network import PixelNetwork
    from qc.pixel.rounds import Stage

Say = Callable[[str], None]
ROUNDS = 2
MOST_ROUNDS = 9
_TOLD_EVERY_S = 5.0


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--footage", action="append", default=[], metavar="DIR|FILM[:FIRST-END]",
                        help="a folder of clean films and photographs, or a film (and of it the frames FIRST to before "
                        "END); may be given again")  # fmt: skip
    parser.add_argument("--clips-a-film", type=int, default=24)
    parser.add_argument("--steps", type=int, help="of the first stage (default: 2600, or 400 with --from)")
    parser.add_argument("--rounds", type=int, help="further stages, which learn from false alarms of the one before, "
                        "each of 0.6 times the steps (default: 2, or 0 with --from)")  # fmt: skip
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--learning-rate", type=float)
    parser.add_argument("--windows", type=int, help="in a batch (default: 32, or 8 with --from)")
    parser.add_argument("--side-px", type=int, help="of a window (default: 48, or 64 with --from)")
    parser.add_argument("--channels", type=int, default=16, help="of the network; with --from its own")
    parser.add_argument("--out", type=Path, default=Path("pixel.npz"), help="the model file to write")
    parser.add_argument("--from", type=Path, dest="parent", metavar="FILE", help="a model file to go on from")
    parser.add_argument("--resume", type=Path, metavar="CHECKPOINT", help="go on with a training that was stopped")
    parser.add_argument("--checkpoint-every", type=int, default=200, help="steps; they go to OUT.checkpoint")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")


def run(options: dict[str, Any], say: Say) -> dict[str, Any]:
    """Train, choose the threshold, measure on the held-out set, and write the file. Raises Unfit with a sentence."""
    import torch

    torch.set_num_threads(1)
    try:
        return _run(options, say)
    except (NoFootage, UnfitModel, UnfitCheckpoint, Diverged) as error:
        raise Unfit(str(error)) from error
    except KeyboardInterrupt as error:
        raise Unfit(f"Stopped; go on with --resume {_checkpoint_file(options['out'])}.") from error
    except OSError as error:
        raise Unfit(f"{error.filename or options['out']}: {error.strerror or error}.") from error


PIXEL = TrainingTarget("pixel", "Train the network that finds hot pixels.", add_arguments, run)


def _run(options: dict[str, Any], say: Say) -> dict[str, Any]:
    from qc.defects.find import find_lookalikes
    from qc.pixel.network import PixelNetwork
    from qc.pixel.rounds import train_in_rounds

    settings, mix = _settings(options), _mix(options)
    parent = read_model(options["parent"]) if options["parent"] else None
    resumed = _Checkpoints(options["resume"]) if options["resume"] else None
    checkpoints, began = _Checkpoints(_checkpoint_file(options["out"])), time.monotonic()
    footage = Footage(_sources(options), seed=settings.seed, clips_a_film=options["clips_a_film"], say=say)
    clips = footage.gather(side_px=max(mix.side_px, VALIDATION_SIDE_PX))
    network = read_model(options["parent"]).network if parent else _new_network(options, seed=settings.seed)
    assert isinstance(network, PixelNetwork)
    stages = train_in_rounds(
        network,
        clips=clips.learnt,
        more_clips=footage.moved_again,
        settings=settings,
        mix=mix,
        rounds=_rounds(options),
        has_learnt=parent is not None,
        lookalikes=find_lookalikes(),
        checkpoint_of=resumed.read if resumed else lambda stage: None,
        keep=checkpoints.write,
        checkpoint_every=options["checkpoint_every"],
        begin=lambda stage: _Teller(stage, say),
        device=_device(options["device"]),
    )
    recipe = _recipe(options, stages=stages, parent=parent, data=footage.describe(clips))
    told = _finish(options, network.cpu(), parent=parent, clips=clips.kept_back, recipe=recipe, say=say)
    checkpoints.remove()
    return {**told, "seconds": round(time.monotonic() - began, 1)}


def _finish(
    options: dict[str, Any], network: PixelNetwork, *, parent: PixelModelFile | None, clips: Sequence[RgbFrames],
    recipe: dict[str, Any], say: Say,
) -> dict[str, Any]:  # fmt: skip
    """Choose the threshold, measure, write the file, and tell of it."""
    from qc.pixel.releasing import finish_version

    say("Choosing the threshold and measuring on the held-out set …")
    # After rounds the labels are no longer its parent's, nor is the threshold that suits them.
    kept = None if _rounds(options) else parent
    finished = finish_version(network, parent=kept, clips=clips, recipe=recipe)
    replace_file(options["out"], finished.packed)
    return {
        "file": str(options["out"]),
        "sha256": finished.sha256,
        "bytes": len(finished.packed),
        "threshold": finished.threshold,
        "measures": finished.measures,
    }


def _sources(options: dict[str, Any]) -> list[Source]:
    try:
        return [parse_source(str(each)) for each in options["footage"]]
    except ValueError as error:
        raise Unfit(str(error)) from error


def _rounds(options: dict[str, Any]) -> int:
    usual = 0 if options["parent"] else ROUNDS
    rounds = usual if options["rounds"] is None else options["rounds"]
    if not 0 <= rounds <= MOST_ROUNDS:
        raise Unfit(f"There are 0 to {MOST_ROUNDS} rounds, not {rounds}.")
    return int(rounds)


def _settings(options: dict[str, Any]) -> TrainSettings:
    from qc.pixel.training import FINE_TUNING, FROM_NOTHING

    usual = FROM_NOTHING if _rounds(options) or not options["parent"] else FINE_TUNING
    try:
        return replace(
            usual,
            steps=usual.steps if options["steps"] is None else options["steps"],
            learning_rate=options["learning_rate"] or usual.learning_rate,
            seed=options["seed"],
        )
    except ValueError as error:
        raise Unfit(str(error)) from error


def _mix(options: dict[str, Any]) -> Mix:
    from qc.pixel.training import MIX_FROM_NOTHING

    usual = MIX_FROM_NOTHING if _rounds(options) or not options["parent"] else Mix()
    return replace(usual, windows=options["windows"] or usual.windows, side_px=options["side_px"] or usual.side_px)


def _new_network(options: dict[str, Any], *, seed: int) -> Any:
    import torch

    from qc.pixel.network import PixelNetwork

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = PixelNetwork(channels=options["channels"])
    # Hardly any pixel is an error: so it begins (Lin et al. 2017, section 4.1), and the first steps are not lost on it.
    torch.nn.init.constant_(network.judge.bias, -4.0)
    return network


def _recipe(
    options: dict[str, Any], *, stages: Sequence[Stage], parent: PixelModelFile | None, data: dict[str, Any]
) -> dict[str, Any]:
    """Enough to make the file again; films and folders by their names, since a path says nothing elsewhere."""
    import torch

    return {
        "made_by": "manage.py train pixel",
        "command": _tell_command(options),
        "settings": asdict(stages[0].settings),
        "stages": [
            {"settings": asdict(stage.settings), "mix": asdict(stage.mix), "mined": len(stage.examples)}
            for stage in stages
        ],
        "data": data,
        "channels": options["channels"],
        "parent_sha256": parent.sha256 if parent else "",
        "parent_recipe": parent.recipe if parent else {},
        "versions": {"python": platform.python_version(), "torch": torch.__version__, "numpy": np.__version__,
                     "opencv": cv2.__version__, "av": av.__version__, "held_out": HELD_OUT_VERSION},
    }  # fmt: skip


def _tell_command(options: dict[str, Any]) -> str:
    names = ("steps", "rounds", "seed", "learning_rate", "windows", "side_px", "channels", "clips_a_film")
    told = [f"--{name.replace('_', '-')} {options[name]}" for name in names if options.get(name) is not None]
    told += [f"--footage {source.tell()}" for source in _sources(options)]
    told += [f"--from {options['parent'].name}"] if options["parent"] else []
    return " ".join(["manage.py train pixel", *told])


def _device(wanted: str) -> str:
    import torch

    if wanted == "cuda" and not torch.cuda.is_available():
        raise Unfit("There is no GPU that torch can use here; choose --device cpu.")
    return "cuda" if wanted != "cpu" and torch.cuda.is_available() else "cpu"


def _checkpoint_file(out: Path) -> Path:
    return out.with_name(f"{out.name}.checkpoint")


class _Checkpoints:
    """Files of the stages of a training: FILE, FILE.2, FILE.3 …"""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, stage: int) -> bytes | None:
        """Of a stage from 0; None where it was not begun. Raises OSError where none was."""
        path, is_begun = self._of(stage), any(self._of(each).exists() for each in range(MOST_ROUNDS + 1))
        return path.read_bytes() if path.exists() or not is_begun else None

    def write(self, stage: int, packed: bytes) -> None:
        replace_file(self._of(stage), packed)

    def remove(self) -> None:
        for stage in range(MOST_ROUNDS + 1):
            self._of(stage).unlink(missing_ok=True)

    def _of(self, stage: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{stage + 1}") if stage else self._path


def replace_file(path: Path, packed: bytes) -> None:
    """Readers never meet half a file."""
    partial = path.with_name(f"{path.name}.partial")
    partial.write_bytes(packed)
    partial.replace(path)


class _Teller:
    """Says every few seconds how far a training is."""

    def __init__(self, stage: Stage, say: Say) -> None:
        self._steps, self._say = stage.settings.steps, say
        say(f"Stage {stage.number + 1}, with {len(stage.examples):,} false alarms of the ones before")
        self._began = self._told = time.monotonic()
        self._first: int | None = None

    def __call__(self, report: StepReport) -> bool:
        now = time.monotonic()
        self._first = self._first or report.step
        if now - self._told > _TOLD_EVERY_S or report.step == self._steps:
            self._told = now
            speed = (report.step - self._first + 1) / max(now - self._began, 1e-3)
            left_s = (self._steps - report.step) / max(speed, 1e-9)
            self._say(
                f"Step {report.step:,} of {self._steps:,}: loss {report.loss:.3f}, {speed:.1f} steps a second, "
                f"{left_s:.0f} s left"
            )
        return True
