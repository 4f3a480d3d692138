"""`manage.py bench NAME`: run one of the benchmarks of tests/bench; they print ratios measured in one run."""

import importlib
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
        folder = settings.BASE_DIR / "tests" / "bench"
        names = sorted(path.stem for path in folder.glob("*.py") if "\ndef main(" in path.read_text())
        if len(argv) < 3 or argv[2] not in names:
            self._refuse(names)
        importlib.import_module(f"tests.bench.{argv[2]}").main(argv[3:])

    def _refuse(self, names: list[str]) -> NoReturn:
        error = CommandError(f"Say which benchmark: {', '.join(names) or 'none is installed'}.")
        self.stderr.write(str(error))
        sys.exit(error.returncode)
