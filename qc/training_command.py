"""`manage.py train pixel`: the pixel network from films of a folder, or from rendered clips, into a model file."""

import time
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ava.train.checkpoint import UnfitCheckpoint
from ava.train.loop import Diverged, StepReport, TrainSettings
from ava.trainings import TrainingTarget, Unfit
from qc.defects.defect import RgbFrames
from qc.pixel.dataset import Mix
from qc.pixel.footage import NoFootage, film_clips, rendered_clips
from qc.pixel.model_file import PixelModelFile, UnfitModel, read_model
from qc.pixel.moving_stills import still_clips

Say = Callable[[str], None]
RENDERED_CLIPS = 60
_TOLD_EVERY_S = 5.0


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--footage", type=Path, action="append", default=[], metavar="DIR",
                        help="a folder of clean films or of photographs; may be given again")  # fmt: skip
    parser.add_argument("--clips-a-film", type=int, default=24)
    parser.add_argument("--steps", type=int, help="default: 3400, or 400 with --from")
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
    from qc.pixel.releasing import finish_version
    from qc.pixel.training import train_pixel

    settings = _settings(options)
    parent = read_model(options["parent"]) if options["parent"] else None
    checkpoint = options["resume"].read_bytes() if options["resume"] else None
    mix = _mix(options)
    clips = _clips(options, side_px=mix.side_px, say=say)
    network = read_model(options["parent"]).network if parent else _new_network(options, seed=settings.seed)
    assert isinstance(network, PixelNetwork)
    kept_at, began = _checkpoint_file(options["out"]), time.monotonic()
    train_pixel(
        network,
        clips=clips,
        settings=settings,
        mix=mix,
        lookalikes=find_lookalikes(),
        checkpoint=checkpoint,
        on_step=_Teller(settings.steps, say),
        checkpoint_every=options["checkpoint_every"],
        keep=lambda packed: _replace(kept_at, packed),
        device=_device(options["device"]),
    )
    say("Choosing the threshold and measuring on the held-out set …")
    recipe = _recipe(options, settings=settings, parent=parent) | {"mix": asdict(mix)}
    finished = finish_version(network.cpu(), parent=parent, clips=clips, recipe=recipe)
    _replace(options["out"], finished.packed)
    kept_at.unlink(missing_ok=True)
    return {
        "file": str(options["out"]),
        "sha256": finished.sha256,
        "bytes": len(finished.packed),
        "threshold": finished.threshold,
        "seconds": round(time.monotonic() - began, 1),
        "measures": finished.measures,
    }


def _settings(options: dict[str, Any]) -> TrainSettings:
    from qc.pixel.training import FINE_TUNING, FROM_NOTHING

    usual = FINE_TUNING if options["parent"] else FROM_NOTHING
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

    usual = Mix() if options["parent"] else MIX_FROM_NOTHING
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


def _clips(options: dict[str, Any], *, side_px: int, say: Say) -> list[RgbFrames]:
    seed, count = options["seed"], options["clips_a_film"]
    clips = rendered_clips(seed=seed, count=RENDERED_CLIPS)
    for folder in options["footage"]:
        cut = still_clips(folder, seed=seed)
        if not cut:
            cut = film_clips(folder, seed=seed, clips_a_film=count, on_film=lambda name: say(f"Cut clips from {name}"))
        say(f"{len(cut)} clips of {folder.name}")
        clips += cut
    fitting = [clip for clip in clips if min(clip.shape[1:3]) >= side_px]
    if not fitting:
        raise Unfit(f"No clip is {side_px} pixels high and wide; choose a smaller --side-px.")
    return fitting


def _recipe(options: dict[str, Any], *, settings: TrainSettings, parent: PixelModelFile | None) -> dict[str, Any]:
    """Enough to make the file again; folders by their names, since a path says nothing elsewhere."""
    return {
        "made_by": "manage.py train pixel",
        "settings": asdict(settings),
        "footage": [folder.name for folder in options["footage"]],
        "clips_a_film": options["clips_a_film"],
        "rendered_clips": RENDERED_CLIPS,
        "parent_sha256": parent.sha256 if parent else "",
    }


def _device(wanted: str) -> str:
    import torch

    if wanted == "cuda" and not torch.cuda.is_available():
        raise Unfit("There is no GPU that torch can use here; choose --device cpu.")
    return "cuda" if wanted != "cpu" and torch.cuda.is_available() else "cpu"


def _checkpoint_file(out: Path) -> Path:
    return out.with_name(f"{out.name}.checkpoint")


def _replace(path: Path, packed: bytes) -> None:
    """Readers never meet half a file."""
    partial = path.with_name(f"{path.name}.partial")
    partial.write_bytes(packed)
    partial.replace(path)


class _Teller:
    """Says every few seconds how far a training is."""

    def __init__(self, steps: int, say: Say) -> None:
        self._steps, self._say = steps, say
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
