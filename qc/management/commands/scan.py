"""`manage.py scan FILM`: hot and stuck pixels of a film, without a database, a queue or a server."""

import json
import os
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from ava.file_names import printable
from ava.media.probe import UnusableVideo, VideoInfo, probe
from qc.pixel.film_scan import FilmFindings, scan_film
from qc.pixel.film_told import tell_as_text, tell_film
from qc.pixel.flag_strips import write_strips
from qc.pixel.model_file import SHIPPED, UnfitModel, read_model

if TYPE_CHECKING:
    from qc.pixel.model_file import PixelModelFile


class Command(BaseCommand):
    help = "Look for hot and stuck pixels in every frame of a film file, and say where and when they show."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("film", type=Path)
        parser.add_argument(
            "--out", type=Path, help="folder to write flags.json and a magnified PNG of every flag into"
        )
        parser.add_argument("--model", type=Path, help="a model file in place of the one that comes with AVA")
        parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
        parser.add_argument("--json", action="store_true", help="print JSON on standard output")

    def handle(self, *, film: Path, out: Path | None, model: Path | None, processes: int, json: bool, **_: Any) -> None:
        if not film.is_file():
            raise CommandError(printable(f"There is no file {film}; check the path."))
        model = model or SHIPPED
        try:
            read, info = read_model(model), probe(film)
            _make(out)
            began = time.monotonic()
            found = _scan(film, info=info, model=model, processes=max(1, processes))
            told = tell_film(found, info=info, film=film.name, model=_tell_model(read, model))
            told["timing"] = {"total_s": round(time.monotonic() - began, 3), "scan_s": round(found.scan_s, 3)}
            if out is not None:
                _write(told, found, film=film, info=info, out=out)
        except (UnusableVideo, UnfitModel) as error:
            raise CommandError(printable(str(error))) from error
        self.stdout.write(printable(_as_json(told) if json else tell_as_text(told)))


def _scan(film: Path, *, info: VideoInfo, model: Path, processes: int) -> FilmFindings:
    with tqdm(total=info.frame_count, desc="scan", file=sys.stderr, unit=" frames", mininterval=0.3) as bar:
        return scan_film(
            film,
            info=info,
            model=model,
            processes=processes,
            on_progress=lambda frames: bar.update(frames - bar.n) and None,
        )


def _tell_model(read: "PixelModelFile", path: Path) -> dict[str, Any]:
    return {"file": path.name, "sha256": read.sha256, "threshold": read.threshold}


def _make(out: Path | None) -> None:
    """Make the folder before the work, so that a bad one costs no time."""
    try:
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(printable(f"{out} cannot be made: {error.strerror}. Choose another folder.")) from error


def _write(told: dict[str, Any], found: FilmFindings, *, film: Path, info: VideoInfo, out: Path) -> None:
    try:
        write_strips(found, path=film, info=info, folder=out / "patches")
        # Readers never meet half a result: it gets its name when it is complete.
        partial = out / "flags.json.partial"
        partial.write_text(printable(_as_json(told)), encoding="utf-8")
        partial.replace(out / "flags.json")
    except OSError as error:
        raise CommandError(printable(f"{out} cannot be written to: {error.strerror}.")) from error


def _as_json(told: dict[str, Any]) -> str:
    return json.dumps(told, indent=1, ensure_ascii=False)
