"""`manage.py test`: the whole suite, with linters and types, against a real Postgres of its own."""

import subprocess
import sys
from argparse import REMAINDER, ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Run the test suite; further arguments go to pytest."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("pytest_arguments", nargs=REMAINDER)

    def run_from_argv(self, argv: list[str]) -> None:
        """Everything after `test` belongs to pytest, options included."""
        # A process of its own, because this one has read the settings of the installation and not of the tests.
        finished = subprocess.run([sys.executable, "-m", "pytest", *argv[2:]], cwd=settings.BASE_DIR, check=False)
        sys.exit(finished.returncode)
