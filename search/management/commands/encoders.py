"""`manage.py encoders`: which encoders search can use, and adding or removing a vision–language model."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ava.annotate.compute_device import DeviceUnavailable
from ava.weights.errors import WeightsError
from search.embed.encoder import UnusableEncoder
from search.encoder_adding import add_encoder, remove_encoder
from search.encoders import register_all, unavailable, why_unusable
from search.models import Encoder


class Command(BaseCommand):
    help = "List the encoders of search, add a vision–language model (ZIP or folder), or remove one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("list", help="every version, what serves, and what could be had")
        add = actions.add_parser("add", help="add an OpenCLIP model with its safetensors file, or two towers in ONNX")
        add.add_argument("source", type=Path, metavar="ZIP|FOLDER")
        add.add_argument("--name", required=True, help="what it is called from now on")
        remove = actions.add_parser("remove", help="delete the files of a model that was added")
        remove.add_argument("name", metavar="NAME")
        for each in actions.choices.values():
            each.add_argument("--json", action="store_true", dest="as_json", help="print JSON on standard output")

    def handle(self, *, action: str, as_json: bool, **options: Any) -> None:
        try:
            if action == "add":
                self._tell([add_encoder(options["source"], name=options["name"])], as_json=as_json)
            elif action == "remove":
                remove_encoder(options["name"])
                self._tell([], as_json=as_json)
            else:
                register_all()
                self._tell(list(Encoder.objects.defer("weights")), as_json=as_json, missing=True)
        except (UnusableEncoder, WeightsError, DeviceUnavailable) as error:
            raise CommandError(str(error)) from error

    def _tell(self, rows: list[Encoder], *, as_json: bool, missing: bool = False) -> None:
        told = [_facts(row) for row in rows]
        absent = [each._asdict() for each in unavailable()] if missing else []
        if as_json:
            self.stdout.write(json.dumps({"encoders": told, "unavailable": absent}, indent=1))
            return
        for row in told:
            state = row["why_unusable"] or ("serves searches" if row["is_serving"] else "not in use")
            self.stdout.write(f"{row['name']} {row['version']}: {row['dimension']} numbers, {row['kind']}; {state}")
        for each in absent:
            self.stdout.write(f"{each['name']}: {each['why']} {each['how']}")


def _facts(row: Encoder) -> dict[str, Any]:
    facts = {name: getattr(row, name) for name in ("name", "version", "kind", "dimension", "is_wanted", "is_serving")}
    return {**facts, "why_unusable": why_unusable(row)}
