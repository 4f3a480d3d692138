"""A benchmark run in a process that knows no database but one of its own, which is gone afterwards."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import django
from django.conf import settings


def run_with_own_database(module: str, arguments: Sequence[str]) -> str:
    """Run `python -m MODULE ARGUMENTS` beside a fresh Postgres; gives what it printed."""
    from ava.embedded import start_postgres, stop_postgres

    home = Path(tempfile.mkdtemp(prefix="ava-bench-"))
    try:
        variables = {"AVA_HOME": str(home), "AVA_EMBEDDED": "1", "DATABASE_URL": start_postgres(home / "postgres")}
        environment = os.environ | variables | {"DJANGO_SETTINGS_MODULE": "ava.settings", "AVA_LOG_LEVEL": "ERROR"}
        command = [sys.executable, "-m", module, *arguments]
        return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    finally:
        stop_postgres(home / "postgres")
        shutil.rmtree(home, ignore_errors=True)


def prepare_own_database() -> None:
    """In that process: make the tables, and let pages be asked for as tests do."""
    django.setup()
    from django.core.management import call_command
    from django.test.utils import setup_test_environment

    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    setup_test_environment()
    call_command("migrate", verbosity=0)
