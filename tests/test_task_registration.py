"""Workers know every task that anything sends by its name."""

import re
import subprocess
import sys

from django.conf import settings

_TOLD_BY_A_WORKER = """
from ava.celery import app
app.loader.import_default_modules()
app.finalize()
print(*app.tasks, sep="\\n")
"""
_TASK = re.compile(r'"((?:ava|curation|search|qc)\.\w*tasks\.\w+)"')


def test_workers_know_every_task_that_is_sent_by_its_name() -> None:
    """In a process of its own: a module that a test has imported would be known here and to no worker."""
    told = subprocess.run(
        [sys.executable, "-c", _TOLD_BY_A_WORKER], cwd=settings.BASE_DIR, capture_output=True, text=True
    )
    known = set(told.stdout.split())
    sent = {
        name
        for app in ("ava", "curation", "search", "qc")
        for file in (settings.BASE_DIR / app).rglob("*.py")
        for name in _TASK.findall(file.read_text())
    }
    assert "search.tasks.tell_saved_searches" in sent and len(sent) > 20, told.stderr
    assert sorted(sent - known) == [], told.stderr
