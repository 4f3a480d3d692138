"""`manage.py test`: the whole suite, with linters and types, against real Postgres servers of its own."""

import os
import subprocess
import sys
from argparse import REMAINDER, ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Run the test suite on every core; further arguments go to pytest, which then runs on one."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("pytest_arguments", nargs=REMAINDER)

    def run_from_argv(self, argv: list[str]) -> None:
        """Everything after `test` belongs to pytest, options included."""
        # A process of its own, because this one has read the settings of the installation and not of the tests.
        command = [sys.executable, "-m", "pytest", *(argv[2:] or _everywhere())]
        finished = subprocess.run(command, cwd=settings.BASE_DIR, check=False)
        sys.exit(finished.returncode)


def _everywhere() -> list[str]:
    """One process a core and one more, for tests wait a good deal; each with a Postgres of its own. The tests of a file
    stay together, and with them what they share; files are taken in the order in which they are collected, for the
    slowest come first."""
    processes = len(os.sched_getaffinity(0)) + 1
    return ["--numprocesses", str(processes), "--dist", "loadfile", "--no-loadscope-reorder"]
