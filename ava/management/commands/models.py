"""`manage.py models`: what model files are installed, what they enable, and how to bring others in."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from ava.model_files import ModelFile, find_model_file, list_model_files, weights_store
from ava.weights.errors import WeightsError
from ava.weights.fetch_progress import FetchProgress
from ava.weights.store import WeightsStore


class Command(BaseCommand):
    help = "List, fetch, add, verify or remove model files."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        agree = {"action": "store_true", "help": "agree to a licence that restricts use"}
        actions.add_parser("list", help="what there is and what it enables")
        fetch = actions.add_parser("fetch", help="download files and verify them; what was cut off is gone on with")
        fetch.add_argument(
            "names", nargs="*", metavar="NAME", help="default: everything from packages that needs no consent"
        )
        fetch.add_argument("--accept-licence", **agree)
        add = actions.add_parser("add", help="install a file you brought yourself")
        add.add_argument("name", metavar="NAME")
        add.add_argument("file", type=Path, metavar="FILE")
        add.add_argument("--accept-licence", **agree)
        verify = actions.add_parser("verify", help="compare installed files with the catalogue (default: all)")
        verify.add_argument("names", nargs="*", metavar="NAME")
        remove = actions.add_parser("remove", help="delete an installed file and what has come of a fetch")
        remove.add_argument("names", nargs="+", metavar="NAME")
        for each in actions.choices.values():
            each.add_argument("--json", action="store_true", dest="as_json", help="print JSON on standard output")

    def handle(self, *, action: str, as_json: bool, **options: Any) -> None:
        store = weights_store()
        try:
            getattr(self, f"_{action}")(store, as_json=as_json, **options)
        except WeightsError as error:
            raise CommandError(str(error)) from error

    def _list(self, store: WeightsStore, *, as_json: bool, **_: Any) -> None:
        files = list_model_files()
        if as_json:
            self._print([_facts(file) for file in files])
            return
        for file in files:
            self.stdout.write(_line(file))

    def _fetch(
        self, store: WeightsStore, *, names: list[str], accept_licence: bool, as_json: bool, **_: Any
    ) -> None:
        wanted = names or list(store.fetched_unasked())
        for name in store.missing(wanted):  # before the first byte: whoever forgot to agree hears it at once
            store.require_fetchable(name, consent=accept_licence)
        with _Bar() as bar:
            failures = store.fetch_missing(wanted, bar, consent=accept_licence)
        failed = {failure.name for failure in failures}
        if not as_json:
            for name in wanted:
                if name not in failed:
                    self.stdout.write(f"{name} is installed as {store.path(name)}.")
        self._print_files(wanted, as_json=as_json)
        if failures:
            raise CommandError("\n".join(failure.reason for failure in failures))

    def _add(
        self, store: WeightsStore, *, name: str, file: Path, accept_licence: bool, as_json: bool, **_: Any
    ) -> None:
        entry = store.add(file, name=name, consent=accept_licence)
        if not as_json:
            self.stdout.write(f"{name} is installed.")
            if not entry.is_fingerprint_known:
                found = store.expected_fingerprint(name)
                self.stdout.write(f"Its maker publishes no fingerprint; from now on it is held to sha-256 {found}.")
        self._print_files([name], as_json=as_json)

    def _verify(self, store: WeightsStore, *, names: list[str], as_json: bool, **_: Any) -> None:
        rows = [{"name": name, "state": store.verify(name)} for name in names or store.catalogue]
        if as_json:
            self._print(rows)
        else:
            for row in rows:
                self.stdout.write(f"{row['name']}: {row['state']}")
        if any(row["state"] == "corrupt" for row in rows):
            raise CommandError(
                "A file differs from the catalogue, or from what was first installed; fetch it again with "
                "`manage.py models fetch NAME`, or remove it."
            )

    def _remove(self, store: WeightsStore, *, names: list[str], as_json: bool, **_: Any) -> None:
        for name in names:
            store.entry(name)
        for name in names:
            store.remove(name)
            if not as_json:
                self.stdout.write(f"{name} is removed.")
        self._print_files(names, as_json=as_json)

    def _print_files(self, names: list[str], *, as_json: bool) -> None:
        if as_json:
            self._print([_facts(find_model_file(name)) for name in names])

    def _print(self, rows: list[dict[str, Any]]) -> None:
        self.stdout.write(json.dumps(rows, indent=2, ensure_ascii=False))


class _Bar:
    """One progress bar a download on standard error, there from its first byte."""

    def __init__(self) -> None:
        self._bar: tqdm[Any] | None = None
        self._names: tuple[str, ...] = ()

    def __enter__(self) -> "_Bar":
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def __call__(self, progress: FetchProgress) -> None:
        if self._bar is None or self._names != progress.names:
            self.__exit__()
            self._names = progress.names
            self._bar = tqdm(
                desc=", ".join(progress.names), total=progress.total_bytes, initial=progress.done_bytes,
                unit="B", unit_scale=True, file=sys.stderr, mininterval=0.3,
            )  # fmt: skip
        self._bar.total = progress.total_bytes
        self._bar.update(progress.done_bytes - self._bar.n)


def _facts(file: ModelFile) -> dict[str, Any]:
    entry, licence = file.entry, file.entry.licence
    return {
        "name": file.name,
        "installed": file.is_installed,
        "state": file.status.state,
        "reason": file.status.reason,
        "enables": entry.enables,
        "licence": {
            "name": licence.name,
            "non_commercial": licence.non_commercial,
            "copyleft": licence.copyleft,
            "needs_consent": licence.needs_consent,
        },
        "bytes": entry.size_bytes,
        "sha256": file.sha256,
        "is_fingerprint_known": entry.is_fingerprint_known,
        "paper": entry.paper,
        "preprocessing": entry.preprocessing,
        "source_kind": entry.source_kind,
        "source": file.source_text,
    }


def _line(file: ModelFile) -> str:
    entry = file.entry
    marks = [
        mark
        for mark, applies in (
            ("NON-COMMERCIAL", entry.licence.non_commercial),
            ("COPYLEFT", entry.licence.copyleft),
            ("needs --accept-licence", entry.licence.needs_consent),
            ("fingerprint not published", not entry.is_fingerprint_known),
        )
        if applies
    ]
    size = "size not published" if entry.size_bytes is None else f"{entry.size_bytes / 1e6:,.1f} MB"
    state = "installed" if file.is_installed else file.status.state.replace("missing", "not installed")
    told = f" [{', '.join(marks)}]" if marks else ""
    reason = f" {file.status.reason}" if file.status.reason else ""
    return f"{file.name}: {state}, {size}. Enables {entry.enables}. Licence: {entry.licence.name}{told}.{reason}"
