"""`manage.py train contrastive`: two towers on pairs of shots and texts, into a file, with recall before and after."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ava.csv_table import UnusableTable
from ava.media.whole_file import write_whole
from ava.train.checkpoint import UnfitCheckpoint
from ava.train.loop import Diverged, StepReport, TrainSettings
from ava.trainings import TrainingTarget, Unfit
from search.embed.encoder import UnusableEncoder

Say = Callable[[str], None]
SMALL = "small"
SENTENCES = "sentence-minilm"
VARIANTS = ("frozen", "temporal", "full")
RENDERED = 1500
MOST_WORKERS = 256
_TOLD_EVERY_S = 5.0


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--pairs", type=Path, metavar="CSV", help="video,start,end,text[,description]: films lie "
                        "beside the file; frames or timecodes, the end not included")  # fmt: skip
    parser.add_argument("--rendered", type=int, nargs="?", const=RENDERED, metavar="COUNT",
                        help=f"shots that AVA renders and describes itself ({RENDERED})")  # fmt: skip
    parser.add_argument("--encoder", help=f"an installed encoder by name; “{SMALL}”: two small towers from nothing, "
                        f"which is what --rendered and films without an encoder take (default for CSVs with "
                        f"descriptions: {SENTENCES})")  # fmt: skip
    parser.add_argument("--variant", choices=VARIANTS, help="frozen: heads over mean-pooled frames; temporal: with a "
                        "head over the frames' order; full: every weight")  # fmt: skip
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--learning-rate", type=float)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--split", choices=["film", "shot"], help="what is held out whole (default: films, if enough)")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--ray", action="store_true", help="on Ray Train; RAY_ADDRESS names a cluster")
    parser.add_argument("--out", type=Path, default=Path("towers.safetensors"))
    parser.add_argument("--resume", type=Path, metavar="CHECKPOINT", help="go on with a training that was stopped")
    parser.add_argument("--checkpoint-every", type=int, default=100, help="steps; they go to OUT.checkpoint")


def run(options: dict[str, Any], say: Say) -> dict[str, Any]:
    """Train, measure on what is held out before and after, and write the file. Raises Unfit with a sentence."""
    from search.train.openclip_towers import NotTrainable
    from search.train.ray_driver import RayUnavailable

    checkpoint = _checkpoint_file(options["out"])
    try:
        return _run(options, say)
    except (UnusableTable, UnusableEncoder, UnfitCheckpoint, Diverged, NotTrainable, RayUnavailable) as error:
        raise Unfit(str(error)) from error
    except KeyboardInterrupt as error:
        raise Unfit(f"Stopped; go on with --resume {checkpoint}.") from error
    except OSError as error:
        raise Unfit(f"{error.filename or options['out']}: {error.strerror or error}.") from error
    except ValueError as error:
        raise Unfit(str(error)) from error


CONTRASTIVE = TrainingTarget("contrastive", "Train two towers on pairs of shots and texts.", add_arguments, run)


def _run(options: dict[str, Any], say: Say) -> dict[str, Any]:
    import torch

    from search.train.task import prepare_task
    from search.train.training import measure_towers

    _check(options)
    torch.set_num_threads(1)
    began = time.monotonic()
    task = prepare_task(
        csv=options["pairs"], rendered=options["rendered"], encoder=_encoder(options),
        variant=options["variant"], split=options["split"], seed=options["seed"],
        load=_load, say=say,
    )  # fmt: skip
    learnt, held_out = task.split.learnt, task.split.held_out
    left_out, others = len(task.split.left_out), task.split.in_the_way(task.arrays.links)
    said = f", {left_out:,} more have a text that is learnt and do not count" if left_out else ""
    say(f"{len(learnt):,} pairs are learnt, {len(held_out):,} are held out, by whole {task.split_by}s{said}")
    before = measure_towers(task.towers, arrays=task.arrays, pairs=held_out, others=others)
    say(f"Before: {before.tell()}")
    _train(task, options, say=say)
    after = measure_towers(task.towers, arrays=task.arrays, pairs=held_out, others=others)
    say(f"After: {after.tell()}")
    measures = {"before": before.as_json(), "after": after.as_json(), "split_by": task.split_by,
                "learnt": len(learnt), "held_out": len(held_out)}  # fmt: skip
    recipe = {"made_by": "manage.py train contrastive", "command": _tell_command(options), "measures": measures}
    packed = task.pack(recipe | task.recipe)
    write_whole(options["out"], packed)
    _checkpoint_file(options["out"]).unlink(missing_ok=True)
    return {"file": str(options["out"]), "bytes": len(packed), "seconds": round(time.monotonic() - began, 1)} | measures


def _train(task: Any, options: dict[str, Any], *, say: Say) -> None:
    from search.train.ray_driver import train_on_ray
    from search.train.training import ContrastiveSettings, train_towers

    settings = ContrastiveSettings(
        TrainSettings(
            steps=options["steps"],
            learning_rate=options["learning_rate"] or task.learning_rate,
            warm_up_steps=min(20, options["steps"] // 10),
            seed=options["seed"],
        ),
        batch=options["batch"],
    )
    kept_at = _checkpoint_file(options["out"])
    checkpoint = options["resume"].read_bytes() if options["resume"] else None
    given: dict[str, Any] = {"arrays": task.arrays, "learnt": task.split.learnt, "settings": settings,
                             "checkpoint": checkpoint, "checkpoint_every": options["checkpoint_every"]}  # fmt: skip
    if options["ray"]:
        say(f"Training on Ray with {options['workers']} workers …")
        train_on_ray(task.towers, workers=options["workers"], kept_at=kept_at, **given)
        return
    train_towers(
        task.towers, on_step=_Teller(options["steps"], say), keep=lambda packed: write_whole(kept_at, packed), **given
    )


def _check(options: dict[str, Any]) -> None:
    if (options["pairs"] is None) == (options["rendered"] is None):
        raise Unfit("Give either --pairs CSV or --rendered.")
    if not 1 <= options["workers"] <= MOST_WORKERS:
        raise Unfit(f"There are 1 to {MOST_WORKERS} workers, not {options['workers']}.")
    if options["workers"] > 1 and not options["ray"]:
        raise Unfit("Several workers train on Ray: give --ray, too.")
    if not 0 <= options["seed"] < 2**31:
        raise Unfit("A seed is a whole number from 0 to 2,147,483,647.")


def _encoder(options: dict[str, Any]) -> str | None:
    """The encoder asked for; None: what suits the pairs."""
    return options["encoder"] or (SMALL if options["rendered"] is not None else None)


def _load(name: str) -> Any:
    """An installed encoder, without a database."""
    from search.installed_encoders import find_installed, list_installed

    installed = find_installed(name)
    if installed is None:
        known = ", ".join(sorted(each.name for each in list_installed()))
        raise UnusableEncoder(f"No encoder is called {name[:60]!r} here; there are {known}, and {SMALL}.")
    installed.require()
    return installed.load()


def _tell_command(options: dict[str, Any]) -> str:
    names = ("rendered", "encoder", "variant", "steps", "batch", "learning_rate", "seed", "split", "workers")
    told = [f"--{name.replace('_', '-')} {options[name]}" for name in names if options.get(name) is not None]
    told += [f"--pairs {options['pairs'].name}"] if options["pairs"] else []
    return " ".join(["manage.py train contrastive", *told, *(["--ray"] if options["ray"] else [])])


def _checkpoint_file(out: Path) -> Path:
    return out.with_name(f"{out.name}.checkpoint")


class _Teller:
    """Says every few seconds how far a training is."""

    def __init__(self, steps: int, say: Say) -> None:
        self._steps, self._say = steps, say
        self._told = time.monotonic()

    def __call__(self, report: StepReport) -> bool:
        now = time.monotonic()
        if now - self._told > _TOLD_EVERY_S or report.step == self._steps:
            self._told = now
            self._say(f"Step {report.step:,} of {self._steps:,}: loss {report.loss:.3f}")
        return True
