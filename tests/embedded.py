"""pytest plugin: a Postgres of this run's own, started before Django reads its settings, gone afterwards."""

import os
import shutil
import tempfile
from pathlib import Path

import psycopg

from ava.embedded import start_postgres, stop_postgres


def _make_careless(url: str) -> None:
    """Have a server wait for no disk, as nothing of it need survive a crash; databases made later know vectors."""
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    with psycopg.connect(url, dbname="template1", autocommit=True) as connection:
        connection.execute("CREATE EXTENSION vector")


_HOME = Path(tempfile.mkdtemp(prefix="ava-test-"))
(_HOME / "static").mkdir()  # whitenoise warns when it has nothing to serve from
os.environ["AVA_HOME"] = str(_HOME)
os.environ["AVA_EMBEDDED"] = "1"
os.environ["DATABASE_URL"] = start_postgres(_HOME / "postgres")
_make_careless(os.environ["DATABASE_URL"])
for _name in ("REDIS_URL", "BROKER_URL", "S3_BUCKET"):
    os.environ.pop(_name, None)


def pytest_unconfigure() -> None:
    stop_postgres(_HOME / "postgres")
    shutil.rmtree(_HOME, ignore_errors=True)
