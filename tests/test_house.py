"""The house keeps its own rules: purity, linters, types, migrations, production settings."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("ava", "curation", "qc", "search")
MAY_IMPORT_DJANGO = {"management", "migrations", "templatetags"}


def pure_modules() -> list[str]:
    modules = []
    for app in APPS:
        for path in sorted((ROOT / app).glob("*/**/*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if parts[1] not in MAY_IMPORT_DJANGO:
                modules.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return modules


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True
    )


def test_sub_folders_import_with_django_celery_and_the_database_driver_blocked():
    modules = pure_modules()
    assert len(modules) > 20
    program = (
        "import sys, json, importlib\n"
        "for name in ('django', 'celery', 'channels', 'rest_framework', 'psycopg'): sys.modules[name] = None\n"
        "failed = {}\n"
        "for name in json.loads(sys.argv[1]):\n"
        "    try: importlib.import_module(name)\n"
        "    except ImportError as error: failed[name] = str(error)\n"
        "print(json.dumps(failed))"
    )
    finished = run("-c", program, json.dumps(modules))
    assert json.loads(finished.stdout.splitlines()[-1]) == {}, finished.stderr


def test_importing_ava_alone_loads_nothing_else():
    finished = run("-c", "import sys; before = set(sys.modules); import ava; print(sorted(set(sys.modules) - before))")
    assert finished.stdout.strip() == "['ava']"


def test_annotator_modules_do_not_load_torch_when_imported():
    program = (
        "import sys; from ava.annotate.base import find_annotators; find_annotators(); print('torch' in sys.modules)"
    )
    assert run("-c", program).stdout.strip() == "False"


def test_ruff_finds_nothing():
    finished = run("-m", "ruff", "check", ".")
    assert finished.returncode == 0, finished.stdout


def test_mypy_is_content_with_the_pure_folders():
    finished = run("-m", "mypy")
    assert finished.returncode == 0, finished.stdout


def test_every_model_change_has_its_migration():
    finished = run("manage.py", "makemigrations", "--check", "--dry-run", AVA_NO_VENV="1")
    assert finished.returncode == 0, finished.stdout + finished.stderr


PRODUCTION = {
    "AVA_EMBEDDED": "0",
    "AVA_NO_VENV": "1",
    "DATABASE_URL": "postgresql://ava:secret@db.example/ava",
    "REDIS_URL": "redis://queue.example:6379/0",
    "SECRET_KEY": "x8Zk-3mQvT5wR9sLpA2cN7bYhD4fG6jKqE1uWiOtXnMzVaBdCe",
    "ALLOWED_HOSTS": "ava.example",
}


def test_production_settings_pass_the_deployment_check():
    finished = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert finished.returncode == 0, finished.stderr


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"SECRET_KEY": ""}, "Set SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "at least 50 random characters"),
        ({"ALLOWED_HOSTS": ""}, "Set ALLOWED_HOSTS"),
        ({"REDIS_URL": ""}, "Set REDIS_URL"),
        ({"REDIS_URL": "http://queue"}, "REDIS_URL must begin with"),
        ({"DATABASE_URL": "mysql://db/ava"}, "AVA needs Postgres"),
        ({"DATABASE_URL": "postgresql://db"}, "names no database"),
        ({"BROKER_URL": "ftp://x"}, "BROKER_URL must begin with"),
        ({"S3_BUCKET": "films"}, "Set S3_ACCESS_KEY_ID"),
        ({"AVA_MAX_UPLOAD_BYTES": "many"}, "AVA_MAX_UPLOAD_BYTES must be a whole number"),
    ],
)
def test_wrong_production_settings_fail_loudly(change, expected):
    finished = run("manage.py", "check", **{**PRODUCTION, **change})
    assert finished.returncode != 0
    assert expected in finished.stderr


def test_rabbitmq_can_be_the_broker():
    program = (
        "from django.conf import settings as s; print(s.CELERY_BROKER_URL, s.CELERY_BROKER_TRANSPORT_OPTIONS)"
    )
    finished = run(
        "-c", program, **PRODUCTION, BROKER_URL="amqp://rabbit:5672//", DJANGO_SETTINGS_MODULE="ava.settings"
    )
    assert finished.stdout.strip() == "amqp://rabbit:5672// {}"
