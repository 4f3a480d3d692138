"""`manage.py train TARGET`: train one of AVA's own networks into a file, without a database."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ava.trainings import Unfit, targets


class Command(BaseCommand):
    help = "Train one of AVA's own networks and write it to a file; prints a summary as JSON."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        chosen = parser.add_subparsers(dest="target", required=True, metavar="TARGET")
        for target in targets():
            target.add_arguments(chosen.add_parser(target.name, help=target.help, description=target.help))

    def handle(self, *, target: str, **options: Any) -> None:
        trained = next(each for each in targets() if each.name == target)
        try:
            summary = trained.run(options, self._say)
        except Unfit as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(summary, indent=1, ensure_ascii=False))

    def _say(self, sentence: str) -> None:
        print(sentence, file=sys.stderr, flush=True)
