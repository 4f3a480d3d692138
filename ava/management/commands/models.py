"""`manage.py models`: what model files are installed, what they enable, and how to bring others in."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ava.weights.errors import WeightsError
from ava.weights.store import WeightsStore


class Command(BaseCommand):
    help = "List, fetch, add or verify model files."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        listing = actions.add_parser("list", help="what there is and what it enables")
        listing.add_argument("--json", action="store_true")
        fetch = actions.add_parser("fetch", help="download a file and verify it")
        fetch.add_argument("name")
        fetch.add_argument("--accept-licence", action="store_true", help="agree to a licence that restricts use")
        add = actions.add_parser("add", help="install a file you brought yourself")
        add.add_argument("name")
        add.add_argument("file", type=Path)
        verify = actions.add_parser("verify", help="compare the installed files with the catalogue")
        verify.add_argument("--json", action="store_true")

    def handle(self, *, action: str, **options: Any) -> None:
        store = WeightsStore(settings.AVA_WEIGHTS_DIR)
        try:
            getattr(self, f"_{action}")(store, **options)
        except WeightsError as error:
            raise CommandError(str(error)) from error

    def _list(self, store: WeightsStore, *, json: bool, **_: Any) -> None:
        rows = [
            {
                "name": entry.name,
                "installed": store.is_installed(entry.name),
                "enables": entry.enables,
                "licence": entry.licence.name,
                "bytes": entry.size_bytes,
                "sha256": entry.sha256,
            }
            for entry in store.catalogue.values()
        ]
        self._tell(rows, json=json, line="{name}: {state}. Enables {enables}. Licence: {licence}.")

    def _fetch(self, store: WeightsStore, *, name: str, accept_licence: bool, **_: Any) -> None:
        path = store.fetch(name, consent=accept_licence)
        self.stdout.write(f"{name} is installed as {path}.")

    def _add(self, store: WeightsStore, *, name: str, file: Path, **_: Any) -> None:
        store.add(file, name=name)
        self.stdout.write(f"{name} is installed.")

    def _verify(self, store: WeightsStore, *, json: bool, **_: Any) -> None:
        rows = [{"name": name, "state": store.verify(name)} for name in store.catalogue]
        self._tell(rows, json=json, line="{name}: {state}")
        if any(row["state"] == "corrupt" for row in rows):
            raise CommandError("A file differs from the catalogue; fetch it again with `manage.py models fetch NAME`.")

    def _tell(self, rows: list[dict[str, Any]], *, json: bool, line: str) -> None:
        if json:
            self.stdout.write(_as_json(rows))
            return
        for row in rows:
            state = row.get("state") or ("installed" if row["installed"] else "not installed")
            self.stdout.write(line.format(**{**row, "state": state}))


def _as_json(rows: list[dict[str, Any]]) -> str:
    return json.dumps(rows, indent=2)
