"""`manage.py artwork TITLE PATH…`: bring pictures, folders of pictures and ZIP files into a title's artwork."""

import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError
from tqdm import tqdm

from ava.form_numbers import KEY_DIGITS, read_number
from ava.models import Title
from curation.artwork_import import Delivery, GivenFile, NoRoom, Outcome, bring_artwork

_SIGNS = {Outcome.ADDED: "added", Outcome.DUPLICATE: "there already", Outcome.REFUSED: "refused"}


class Command(BaseCommand):
    help = "Bring pictures, folders of them and ZIP files into the artwork of a title; what is refused is told."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("title", metavar="TITLE", help="The title's name or number.")
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="A picture, a folder or a ZIP file.")
        parser.add_argument("--json", action="store_true", dest="as_json", help="Print the outcome as JSON.")

    def handle(self, *, title: str, paths: list[Path], as_json: bool, **_: Any) -> None:
        for path in paths:
            if not path.exists():
                raise CommandError(f"There is no {path}; check the path.")
        files = [given for path in paths for given in _files_of(path)]
        if not files:
            raise CommandError("There are no files in these folders.")
        try:
            chosen = _title(title)
            shown = tqdm(files, desc="artwork", file=sys.stderr, unit=" files", disable=len(files) < 2)
            delivery = bring_artwork(chosen, shown, user=None)
        except NoRoom as error:
            raise CommandError(str(error)) from error
        except (OperationalError, ImproperlyConfigured) as error:
            raise CommandError("AVA's database does not answer; start AVA with: python3 manage.py up") from error
        self.stdout.write(_as_json(chosen, delivery) if as_json else _as_text(chosen, delivery))
        if delivery.pictures and not delivery.added and not delivery.of(Outcome.DUPLICATE):
            raise CommandError("Nothing could be used.")


def _files_of(path: Path) -> Iterator[GivenFile]:
    """A file alone, or everything in a folder with the path below it; links out of it are not followed."""
    if not path.is_dir():
        yield GivenFile(path.name, path)
        return
    for folder, folders, names in os.walk(path):
        folders.sort()
        for name in sorted(names):
            file = Path(folder, name)
            if not name.startswith(".") and file.is_file() and not file.is_symlink():
                yield GivenFile(str(file.relative_to(path)), file)


def _title(name: str) -> Title:
    titles = list(Title.objects.filter(name=name)[:2])
    if not titles:
        titles = list(Title.objects.filter(pk=read_number(name, digits=KEY_DIGITS)))
    if not titles:
        raise CommandError(f"There is no title named “{name}”; make it first, or give its number.")
    if len(titles) > 1:
        raise CommandError(f"Several titles are named “{name}”; give the number that its address ends with.")
    return titles[0]


def _as_json(title: Title, delivery: Delivery) -> str:
    pictures = [each._asdict() | {"outcome": each.outcome.value} for each in delivery.pictures]
    outcome = {"title": title.pk, "pictures": pictures, "leftovers": delivery.leftovers}
    return json.dumps(outcome, indent=1, ensure_ascii=False)


def _as_text(title: Title, delivery: Delivery) -> str:
    lines = [f"{each.name}: {_SIGNS[each.outcome]}. {each.sentence}".rstrip() for each in delivery.pictures]
    added = len(delivery.added)
    return "\n".join([*lines, f"{added} picture{'' if added == 1 else 's'} added to “{title}”."])
