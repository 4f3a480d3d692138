"""`manage.py bench NAME`: run one of the benchmarks of tests/bench; they print ratios measured in one run."""

import importlib
import pkgutil
import sys
from typing import NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Run a benchmark and print its figures."
    requires_system_checks = ()

    def run_from_argv(self, argv: list[str]) -> None:
        """Everything after the benchmark's name belongs to it."""
        sys.path.insert(0, str(settings.BASE_DIR))
        names = sorted(each.name for each in pkgutil.iter_modules([str(settings.BASE_DIR / "tests" / "bench")]))
        if len(argv) < 3 or argv[2] not in names:
            self._refuse(names)
        importlib.import_module(f"tests.bench.{argv[2]}").main(argv[3:])

    def _refuse(self, names: list[str]) -> NoReturn:
        error = CommandError(f"Say which benchmark: {', '.join(names) or 'none is installed'}.")
        self.stderr.write(str(error))
        sys.exit(error.returncode)
