"""`manage.py train moments`: the ranker of moments from this installation's films, or from a file of films."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from ava.media.whole_file import write_whole
from ava.train.checkpoint import UnfitCheckpoint
from ava.train.loop import Diverged
from ava.trainings import TrainingTarget, Unfit
from curation.moments.films_file import KeptFilms, UnfitFilms, pack_films, unpack_films
from curation.moments.ranking_training import RankerSettings, TooFewFilms
from curation.moments.ranking_validation import PRIOR
from curation.moments.version_training import (
    OWN,
    Keeper,
    LeftOut,
    Step,
    UnfitFigures,
    read_left_out,
    settings_of,
    stretches_of,
    tell_for_recipe,
    tell_measures,
    train_version,
)

Say = Callable[[str], None]
LEAST_TITLES = 4
_TOLD_EVERY_S = 5.0


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--films", type=Path, metavar="FILE", help="films that --save-films has written, here or "
                        "elsewhere (default: the films of this installation, which has to be running)")  # fmt: skip
    parser.add_argument("--save-films", type=Path, metavar="FILE", help="write what there is to learn from, and end")
    parser.add_argument("--steps", type=int, help="of each training: once without each title, then with all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--learning-rate", type=float)
    parser.add_argument("--out", type=Path, default=Path("moments.safetensors"))
    parser.add_argument("--resume", type=Path, metavar="CHECKPOINT", help="go on with a training that was stopped")
    parser.add_argument("--checkpoint-every", type=int, default=50, help="steps; they go to OUT.checkpoint")


def run(options: dict[str, Any], say: Say) -> dict[str, Any]:
    """Train, measure on titles left out, and write the file. Raises Unfit with a sentence."""
    import torch

    torch.set_num_threads(1)
    try:
        return _run(options, say)
    except (UnfitFilms, TooFewFilms, UnfitCheckpoint, Diverged) as error:
        raise Unfit(str(error)) from error
    except KeyboardInterrupt as error:
        raise Unfit(f"Stopped; go on with --resume {_checkpoint_file(options['out'])}.") from error
    except OSError as error:
        raise Unfit(f"{error.filename or options['out']}: {error.strerror or error}.") from error


MOMENTS = TrainingTarget("moments", "Train the network that ranks a film's shots as moments.", add_arguments, run)


def _run(options: dict[str, Any], say: Say) -> dict[str, Any]:
    from curation.moments.ranker_file import write_ranker

    kept, settings, began = _films(options["films"]), _settings(options), time.monotonic()
    counts = _counts(kept)
    if options["save_films"]:
        packed = pack_films(kept.films, space=kept.space)
        write_whole(options["save_films"], packed)
        return {"file": str(options["save_films"]), "bytes": len(packed)} | counts
    if counts["titles"] < LEAST_TITLES:
        raise Unfit(f"{LEAST_TITLES} titles with a matched trailer are needed; there are {counts['titles']}.")
    say(f"{counts['films']:,} films of {counts['titles']:,} titles, {counts['used']:,} of {counts['shots']:,} shots in "
        "their trailers")  # fmt: skip
    left = _read_left(options["resume"])
    names = [tuple(sorted({each.name for each in stretch})) for stretch in left.stretches]
    if names != [tuple(sorted(stretch)) for stretch in stretches_of(kept.films)[: len(names)]]:
        raise UnfitCheckpoint(f"{options['resume'].name} is of a training on other films; begin anew.")
    teller = _Teller(steps=settings.train.steps, stretches=len(stretches_of(kept.films)), left=left, say=say)
    path = _checkpoint_file(options["out"])
    trained = train_version(
        kept.films,
        settings=settings,
        keeper=Keeper(
            teller.step, lambda packed: teller.keep(path, packed), teller.left_out, options["checkpoint_every"]
        ),
        left_out=[each for stretch in left.stretches for each in stretch],
        begin=len(left.stretches),
        checkpoint=left.checkpoint,
    )
    assert trained is not None
    ranker, left_out = trained
    measures = tell_measures(left_out)
    recipe = {
        "made_by": "manage.py train moments", "space": kept.space, "seed": options["seed"],
        "steps": settings.train.steps, "counts": counts, "left_out": tell_for_recipe(left_out),
    }  # fmt: skip
    packed = write_ranker(ranker, recipe=recipe)
    write_whole(options["out"], packed)
    path.unlink(missing_ok=True)
    told = {name: measures[name] for name in ("titles", "top_ten", "top_used", "is_fit", "verdict")}
    return {"file": str(options["out"]), "bytes": len(packed), "seconds": round(time.monotonic() - began, 1)} | told


def _films(path: Path | None) -> KeptFilms:
    if path is not None:
        return unpack_films(path.read_bytes(), name=path.name)
    from django.core.exceptions import ImproperlyConfigured
    from django.db import OperationalError

    from curation import shot_embeddings
    from curation.moment_pairs import find_films, load_films

    try:
        space = shot_embeddings.serving_space()
        return KeptFilms(tuple(load_films(find_films().films, space=space)), space)
    except (OperationalError, ImproperlyConfigured) as error:
        raise Unfit("This installation does not run; start it, or give --films FILE.") from error


def _counts(kept: KeptFilms) -> dict[str, int]:
    return {
        "titles": len({film.name for film in kept.films}), "films": len(kept.films),
        "shots": sum(len(film.used_unit) for film in kept.films),
        "used": sum(int((film.used_unit > 0).sum()) for film in kept.films),
    }  # fmt: skip


def _settings(options: dict[str, Any]) -> RankerSettings:
    try:
        if not 0 <= options["seed"] < 2**31:
            raise ValueError("A seed is a whole number from 0 to 2,147,483,647.")
        return settings_of(steps=options["steps"], seed=options["seed"], learning_rate=options["learning_rate"])
    except ValueError as error:
        raise Unfit(str(error)) from error


def _checkpoint_file(out: Path) -> Path:
    return out.with_name(f"{out.name}.checkpoint")


class _Left(NamedTuple):
    """What a stopped training left: the stretches that are over, and where the one after them stands."""

    stretches: list[list[LeftOut]]
    checkpoint: bytes | None


def _read_left(path: Path | None) -> _Left:
    """One line of JSON, then torch's own checkpoint."""
    if path is None:
        return _Left([], None)
    told, _, checkpoint = path.read_bytes().partition(b"\n")
    try:
        stretches = [read_left_out(each) for each in json.loads(told)]
    except (ValueError, TypeError, UnfitFigures) as error:
        raise UnfitCheckpoint(
            f"{path.name} is no checkpoint of this training, or it is damaged; begin anew."
        ) from error
    return _Left(stretches, checkpoint or None)


class _Teller:
    """Says every few seconds how far a training is, and keeps what is needed to go on."""

    def __init__(self, *, steps: int, stretches: int, left: _Left, say: Say) -> None:
        self._steps, self._stretches, self._say = steps, stretches, say
        self._over = list(left.stretches)
        self._told = time.monotonic()

    def step(self, step: Step) -> bool:
        if time.monotonic() - self._told > _TOLD_EVERY_S:
            self._told = time.monotonic()
            done, of = step.number, self._steps * self._stretches
            self._say(
                f"Step {done:,} of {of:,}, training {step.stretch + 1} of {self._stretches}: loss {step.loss:.3f}"
            )
        return True

    def keep(self, path: Path, packed: bytes) -> None:
        told = json.dumps([[each._asdict() for each in stretch] for stretch in self._over])
        write_whole(path, told.encode() + b"\n" + packed)

    def left_out(self, stretch: int, found: list[LeftOut]) -> None:
        self._over.append(found)
        shares = ", ".join(f"{each.name} {each.top_ten[OWN]:.0%} (prior {each.top_ten[PRIOR]:.0%})" for each in found)
        self._say(f"Left out {stretch + 1}: of the best ten are in the trailer: {shares}")
