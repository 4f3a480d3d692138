"""`manage.py analyze FILM --out DIR`: the whole analysis without a database, a queue or a server."""

import json
import os
import sys
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from ava.media.probe import UnusableVideo
from ava.media.subtitles import Cue, UnreadableSubtitles, read_subtitle_file
from curation.headless import STAGES, analyse_film
from curation.headless_results import write_results
from curation.moments.ranker_file import Ranker, UnfitRanker, read_ranker


class Command(BaseCommand):
    help = "Analyse a film file and write result.json, annotations.npz and stills/ into a folder."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("film", type=Path)
        parser.add_argument("--out", type=Path, required=True, help="folder to write into; made when it is missing")
        parser.add_argument("--stages", type=_stages, default=STAGES, help=f"of {','.join(STAGES)} (default: all)")
        parser.add_argument("--subtitles", type=Path, help="an SRT or WebVTT file; tells when there is dialogue")
        parser.add_argument("--ranker", type=Path, help="a trained ranker of moments, instead of the table of weights")
        parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
        parser.add_argument("--json", action="store_true", help="print the result on standard output, too")

    def handle(
        self,
        *,
        film: Path,
        out: Path,
        stages: tuple[str, ...],
        subtitles: Path | None,
        ranker: Path | None,
        processes: int,
        json: bool,
        **_: Any,
    ) -> None:
        if not film.is_file():
            raise CommandError(f"There is no file {film}; check the path.")
        cues, trained = _read_subtitles(subtitles), _read_ranker(ranker)
        try:
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CommandError(f"{out} cannot be made: {error.strerror}. Choose another folder.") from error
        bar = _Bar()
        try:
            analysis = analyse_film(
                film,
                stages=stages,
                weights=settings.AVA_WEIGHTS_DIR,
                processes=max(1, processes),
                on_progress=bar,
                subtitles=cues,
            )
            result = write_results(
                analysis, out, on_progress=bar, ranker=trained, ranker_name=ranker.stem if ranker else ""
            )
        except UnusableVideo as error:
            raise CommandError(str(error)) from error
        finally:
            bar.close()
        text = _as_json(result)
        # Readers never meet half a result: it gets its name when it is complete.
        partial = out / "result.json.partial"
        partial.write_text(text)
        partial.replace(out / "result.json")
        self.stdout.write(text if json else _summary(result, out))


def _read_subtitles(path: Path | None) -> tuple[Cue, ...]:
    try:
        return read_subtitle_file(path) if path else ()
    except UnreadableSubtitles as error:
        raise CommandError(str(error)) from error


def _read_ranker(path: Path | None) -> Ranker | None:
    if path is None:
        return None
    try:
        return read_ranker(path.read_bytes(), name=path.name).ranker
    except UnfitRanker as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}. Check the path.") from error


def _stages(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    unknown = [name for name in names if name not in STAGES]
    if unknown or not names:
        raise ArgumentTypeError(f"unknown stage {', '.join(unknown)!r}; this version has {', '.join(STAGES)}")
    return names


class _Bar:
    """One progress bar a stage, on standard error."""

    def __init__(self) -> None:
        self._stage, self._bar = "", None

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage != self._stage:
            self.close()
            self._stage = stage
            self._bar = tqdm(total=total, desc=stage, file=sys.stderr, unit=" frames", mininterval=0.3)
        assert self._bar is not None
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
        self._stage, self._bar = "", None


def _as_json(result: dict[str, Any]) -> str:
    return json.dumps(result, indent=1, ensure_ascii=False)


def _summary(result: dict[str, Any], out: Path) -> str:
    timing = result["timing"]
    lines = [
        f"{result['video']['frame_count']} frames, {len(result['shots'])} shots, {len(result['stills'])} stills "
        f"in {timing['total_s']:.1f} s; written to {out}"
    ]
    lines += [f"Unavailable: {each['what']}: {each['why']}" for each in result["unavailable"]]
    return "\n".join(lines)
