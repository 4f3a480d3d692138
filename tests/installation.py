"""A whole installation started by `manage.py up` in a folder of its own, as a person would start it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg

ROOT = Path(__file__).resolve().parent.parent
_OF_THE_TESTS = ("DATABASE_URL", "REDIS_URL", "AVA_EMBEDDED", "AVA_HOME", "DJANGO_SETTINGS_MODULE")


class Installation:
    """A running `manage.py up`; `say()` is what it has printed so far."""

    def __init__(self, home: Path, *options: str) -> None:
        self.home = home
        self.port = free_port()
        self.environment = {name: value for name, value in os.environ.items() if name not in _OF_THE_TESTS}
        self.environment |= {"AVA_HOME": str(home), "AVA_NO_VENV": "1", "PYTHONUNBUFFERED": "1"}
        self._log = home.parent / f"up-{self.port}.log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up", "--port", str(self.port), *options],
                cwd=ROOT, env=self.environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    def say(self) -> str:
        return self._log.read_text()

    def wait_until_said(self, pattern: str, *, patience_s: float = 600) -> re.Match[str]:
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            if found := re.search(pattern, self.say()):
                return found
            if self.process.poll() is not None:
                break
            time.sleep(0.2)
        raise AssertionError(f"never said {pattern!r}:\n{self.say()}")

    def command(self, *arguments: str, timeout_s: float = 400) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=timeout_s,
        )  # fmt: skip

    def start_command(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def query(self, sql: str, *parameters: object) -> list[tuple]:
        services = json.loads((self.home / "run" / "services.json").read_text())
        with psycopg.connect(services["database_url"]) as connection:
            return connection.execute(sql, parameters).fetchall()

    def processes(self) -> list[psutil.Process]:
        """Everything alive that belongs to this installation, Postgres included."""
        found = []
        for process in psutil.process_iter():
            try:
                named = str(self.home) in " ".join(process.cmdline())
                mine = named or process.environ().get("AVA_HOME") == str(self.home)
                if mine and process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return found

    def workers(self) -> list[psutil.Process]:
        return [process for process in self.processes() if "celery" in " ".join(process.cmdline())]

    def stop(self, with_signal: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(with_signal)
        return self.process.wait(60)


@contextmanager
def reachable_folder() -> Iterator[Path]:
    """A folder that the database's own user can reach: every pytest that starts shuts others out of all its folders."""
    with tempfile.TemporaryDirectory(prefix="ava-test-up-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@contextmanager
def installation(home: Path, *options: str) -> Iterator[Installation]:
    running = Installation(home, *options)
    try:
        running.wait_until_said(r"AVA is running at http")
        yield running
    finally:
        if running.process.poll() is None:
            running.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
