"""pytest plugin: a Postgres of this run's own, started before Django reads its settings, gone afterwards."""

import os
import shutil
import tempfile
from pathlib import Path

from ava.embedded import start_postgres, stop_postgres

_HOME = Path(tempfile.mkdtemp(prefix="ava-test-"))
(_HOME / "static").mkdir()  # whitenoise warns when it has nothing to serve from
os.environ["AVA_HOME"] = str(_HOME)
os.environ["AVA_EMBEDDED"] = "1"
os.environ["DATABASE_URL"] = start_postgres(_HOME / "postgres")
for _name in ("REDIS_URL", "BROKER_URL", "S3_BUCKET"):
    os.environ.pop(_name, None)


def pytest_unconfigure() -> None:
    stop_postgres(_HOME / "postgres")
    shutil.rmtree(_HOME, ignore_errors=True)
