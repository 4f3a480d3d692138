"""`manage.py export TITLE --format json|csv|edl|otio|…|zip`: a title's stills, its picks or a list, and artworks."""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from ava.decoder_process import DecoderError
from ava.form_numbers import read_number
from ava.handoff.edl_lines import UnfitForEdl
from ava.handoff.kinds import TIMELINE_KINDS
from ava.media.probe import UnusableVideo
from ava.models import Title, Video
from curation.export_archive import about_export, write_archive
from curation.export_artworks import BadArtworks, name_export, read_artworks
from curation.export_canvases import UnusableCanvas
from curation.export_records import describe_stills, in_order
from curation.export_request import (
    DOCUMENTS,
    FORMATS,
    MOST_STILLS,
    InvalidExport,
    check_wanted,
    count_wanted,
    picked_frames,
)
from curation.export_timelines import stills_list
from curation.exports.file_names import DEFAULT_PATTERN, safe_name
from curation.exports.tables import csv_text, json_text
from curation.models import PickList, Still
from curation.pick_list_frames import FrameKey, listed_frames
from curation.team_canvases import canvases_of

TABLES = ("json", "csv")
KINDS = (*TABLES, *TIMELINE_KINDS, "zip")


class Command(BaseCommand):
    help = "Export the stills of a title: every ranked one, its picks, or a list of it; and its artworks."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("title", help="The title's name or number.")
        parser.add_argument("--format", required=True, help=f"One of {', '.join(KINDS)}.")
        parser.add_argument("--list", help="Only the stills of the list of this name, in its order.")
        parser.add_argument("--picks", action="store_true", help="Only what stands picked.")
        parser.add_argument("--artworks", default="", help="Artworks in a ZIP, too: numbers with commas, or all.")
        parser.add_argument("--no-stills", action="store_true", help="Artworks only.")
        parser.add_argument("--out", type=Path, help="Where to write; a ZIP without it goes into this folder.")
        parser.add_argument("--pictures", default="png", help=f"Formats in a ZIP, with commas: {', '.join(FORMATS)}.")
        parser.add_argument(
            "--documents", default="contact_sheet,csv,json,xmp", help=f"Beside them: {', '.join(DOCUMENTS)}."
        )
        parser.add_argument("--canvases", default="", help="Keys of canvases in a ZIP, with commas, or all.")
        parser.add_argument("--no-full-size", action="store_true", help="On canvases only.")
        parser.add_argument("--pattern", default=DEFAULT_PATTERN, help="Of the names of a ZIP's files.")
        parser.add_argument("--json", action="store_true", help="Print what was done as JSON.")

    def handle(self, *, title: str, format: str, out: Path | None, **options: Any) -> None:
        if format not in KINDS:
            raise CommandError(f"There is no format “{format}”; choose one of {', '.join(KINDS)}.")
        try:
            found = _title(title)
            stills, name = _stills(found, list_name=options["list"], picks=options["picks"])
            if options["no_stills"]:
                stills, name = [], ""
            if format == "zip":
                self._write_zip(found, stills=stills, name=name, out=out, options=options)
            else:
                self._write_table(found, stills=stills, name=name, out=out, format=format, as_json=options["json"])
        except (InvalidExport, UnfitForEdl, UnusableCanvas, UnusableVideo, DecoderError) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"It cannot be written: {error}.") from error
        except (OperationalError, ImproperlyConfigured) as error:
            raise CommandError("AVA's database does not answer; start AVA with: python3 manage.py up") from error

    def _write_table(
        self, title: Title, *, stills: list[FrameKey], name: str, out: Path | None, format: str, as_json: bool
    ) -> None:
        films = describe_stills(title, stills=stills)
        records = in_order(films)
        if format in TIMELINE_KINDS:
            text = TIMELINE_KINDS[format].write(stills_list(title, films, name=name))
        elif format == "csv":
            text = csv_text(records)
        else:
            text = json_text(records, about=about_export(title, wanted={"name": name}))
        if out is None:
            self.stdout.write(text, ending="" if text.endswith("\n") else "\n")
            return
        out.write_text(text, encoding="utf-8-sig" if format == "csv" else "utf-8", newline="")
        self._tell(out, count=len(records), missing=[], as_json=as_json)

    def _write_zip(
        self, title: Title, *, stills: list[FrameKey], name: str, out: Path | None, options: dict[str, Any]
    ) -> None:
        artworks = _artworks(title, options["artworks"])
        if artworks:
            name = name_export(name or ("Stills" if stills else ""), has_artworks=True)
        wanted = check_wanted(
            title, stills=stills, artworks=artworks, name=name, pattern=options["pattern"],
            formats=_names(options["pictures"]), documents=_names(options["documents"]),
            canvases=_canvases(title, options["canvases"]), full_size=not options["no_full_size"],
        )  # fmt: skip
        out = out or Path(f"{safe_name(' '.join(filter(None, (str(title), name))), otherwise='stills')}.zip")
        partial = out.with_name(f".{out.name}.partial")
        try:
            with tempfile.TemporaryDirectory(dir=out.parent, prefix=".export-") as scratch:
                missing = write_archive(
                    partial, title=title, wanted=wanted, scratch=Path(scratch),
                    on_done=lambda count: self._show(count, count_wanted(wanted)),
                )  # fmt: skip
            partial.replace(out)
        finally:
            partial.unlink(missing_ok=True)
        count = count_wanted(wanted) - len(missing)
        what = "picture" if artworks else "still"
        self._tell(out, count=count, missing=missing, as_json=options["json"], what=what)

    def _show(self, count: int, total: int) -> None:
        if sys.stderr.isatty():
            self.stderr.write(f"{count} of {total}\033[K", ending="\n" if count == total else "\r")

    def _tell(self, out: Path, *, count: int, missing: list[str], as_json: bool, what: str = "still") -> None:
        if as_json:
            self.stdout.write(json.dumps({"file": str(out), f"{what}s": count, "missing": missing}))
            return
        self.stdout.write(f"Wrote {count} {what}{'' if count == 1 else 's'} to {out}.")
        for each in missing:
            self.stdout.write(f"{each} cannot be read and stayed out.")


def _title(text: str) -> Title:
    titles = list(Title.objects.filter(name=text))
    if not titles:
        titles = list(Title.objects.filter(pk=read_number(text)))
    if len(titles) == 1:
        return titles[0]
    if not titles:
        raise CommandError(f"There is no title “{text}”.")
    numbers = ", ".join(str(title.pk) for title in titles)
    raise CommandError(f"Several titles are named “{text}”; give the number of one: {numbers}.")


def _stills(title: Title, *, list_name: str | None, picks: bool) -> tuple[list[FrameKey], str]:
    if list_name is not None and picks:
        raise CommandError("Give --list or --picks, not both.")
    if list_name is not None:
        found = PickList.objects.filter(title=title, is_deleted=False, name__iexact=list_name).first()
        if found is None:
            names = ", ".join(PickList.objects.filter(title=title, is_deleted=False).values_list("name", flat=True))
            raise CommandError(f"There is no list “{list_name}”; the lists are: {names or 'none yet'}.")
        return listed_frames(found), found.name
    if picks:
        return picked_frames(title), "Picks"
    ranked = Still.objects.filter(video__in=Video.objects.filter(title=title)).order_by("rank", "id")
    return [FrameKey(*key) for key in ranked.values_list("video_id", "frame_index")[:MOST_STILLS]], ""


def _artworks(title: Title, text: str) -> list[int]:
    try:
        return read_artworks([text], title=title)
    except BadArtworks as error:
        raise CommandError(str(error)) from error


def _canvases(title: Title, text: str) -> list[str]:
    return [canvas.key for canvas in canvases_of(title)] if text.strip() == "all" else _names(text)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]
