"""`manage.py up`: everything AVA needs on one machine, under one supervisor."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ava.embedded import EmbeddedServiceError, redis_service, start_postgres, stop_postgres
from ava.supervisor import PortTaken, Service, Supervisor, answers, check_port
from ava.weights.fetch_progress import FetchProgress
from ava.weights.store import WeightsStore

NUDITY_MODEL = "nudenet"
MANAGE = str(settings.BASE_DIR / "manage.py")
# One process a core: libraries that start threads of their own in each would fight over the cores.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class Command(BaseCommand):
    help = "Start AVA on this machine: database, queue, web server and workers. Ctrl-C stops all of it."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--host", default="127.0.0.1", help="address to listen on (default: this machine only)"
        )
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="measuring processes")
        parser.add_argument("--offline", action="store_true", help="fetch no model files; what needs them stays off")
        parser.add_argument(
            "--with-nudity-model", action="store_true",
            help="also fetch the model that finds nudity, and agree to its licence (AGPL-3.0) for this installation",
        )  # fmt: skip
        parser.add_argument("--no-demo", action="store_true", help="leave an empty installation empty")

    def handle(
        self, *, host: str, port: int, workers: int, no_demo: bool, offline: bool, with_nudity_model: bool, **_: Any
    ) -> None:
        if settings.ENV.is_production:
            raise CommandError(
                "DATABASE_URL is set: run the production processes that the README names, or unset it to run AVA "
                "with its own database."
            )
        if offline and with_nudity_model:
            raise CommandError("--offline fetches no model files; leave it out, or --with-nudity-model.")
        agreed_to = (NUDITY_MODEL,) if with_nudity_model else ()
        home = settings.AVA_HOME
        (home / "run").mkdir(parents=True, exist_ok=True)
        with self._only_one(home / "run" / "up.lock"):
            try:
                check_port(host, port)
                self._run(
                    home, host=host, port=port, workers=max(1, workers), with_demo=not no_demo,
                    fetch=None if offline else lambda: self.fetch_weights(agreed_to=agreed_to),
                )  # fmt: skip
            except (PortTaken, EmbeddedServiceError) as error:
                raise CommandError(str(error)) from error

    def _only_one(self, lock: Path) -> IO[str]:
        file = lock.open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise CommandError(
                "AVA is running already from this folder; stop it there with Ctrl-C."
            ) from None
        return file

    def _run(
        self, home: Path, *, host: str, port: int, workers: int, with_demo: bool, fetch: Callable[[], None] | None
    ) -> None:
        stopping = _StopRequest()
        self.stdout.write("Starting the database …")
        database = home / "postgres"
        database_url = start_postgres(database)
        redis = redis_service(home / "redis")
        environment = {
            **os.environ, **ONE_THREAD, "AVA_HOME": str(home), "AVA_EMBEDDED": "1", "AVA_NO_VENV": "1",
            "DATABASE_URL": database_url, "REDIS_URL": redis.url, "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": str(settings.BASE_DIR),
        }  # fmt: skip
        supervisor = Supervisor(home / "log", environment, watchdog_argument=database, say=self.stdout.write)
        services_file = home / "run" / "services.json"
        try:
            supervisor.start(Service("queue", redis.command))
            _write_private(services_file, {"database_url": database_url, "redis_url": redis.url})
            login = self._prepare(environment)
            if fetch is not None:
                fetch()
            for service in _services(host, port, workers):
                supervisor.start(service)
            self._welcome(supervisor, stopping, host=host, port=port, login=login)
            if with_demo and not stopping.wanted:
                supervisor.start(Service("demo film", [sys.executable, MANAGE, "demo"], kept=False))
            supervisor.watch(until=lambda: stopping.wanted)
            self.stdout.write("\nStopping …")
        finally:
            supervisor.stop()
            stop_postgres(database)
            services_file.unlink(missing_ok=True)
        self.stdout.write("Everything is stopped.")

    def _prepare(self, environment: dict[str, str]) -> dict[str, str]:
        self.stdout.write("Preparing the database and the pages …")
        finished = subprocess.run(
            [sys.executable, MANAGE, "prepare", "--json"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if finished.returncode != 0:
            raise CommandError(f"Preparing failed:\n{finished.stderr.strip()}")
        login: dict[str, str] = json.loads(finished.stdout.splitlines()[-1])
        return login

    def fetch_weights(self, *, agreed_to: tuple[str, ...]) -> None:
        """Fetch what is missing and asks for no consent, and the named files, to whose licence this command agrees."""
        store = WeightsStore(settings.AVA_WEIGHTS_DIR)
        progress = _PrintedProgress(self.stdout)
        if store.missing((*store.fetched_unasked(), *agreed_to)):
            self.stdout.write("Fetching model files and the demo's pictures …")
        for failure in (
            *store.fetch_missing(on_progress=progress),
            *store.fetch_missing(agreed_to, progress, consent=True),
        ):
            self.stdout.write(f"  {failure.name} is missing, AVA runs without it: {failure.reason}")

    def _welcome(
        self, supervisor: Supervisor, stopping: "_StopRequest", *, host: str, port: int, login: dict[str, str]
    ) -> None:
        supervisor.watch(until=lambda: stopping.wanted or answers(host, port))
        if stopping.wanted:
            return
        shown = "localhost" if host in {"127.0.0.1", "0.0.0.0", "::1"} else host  # noqa: S104
        self.stdout.write(f"\nAVA is running at http://{shown}:{port}/")
        if login:
            self.stdout.write(
                f"  Sign in as {login['username']} with the password {login['password']}\n"
                "  It is shown only this once; change it under your name, top right. "
                "Lost it? manage.py changepassword admin"
            )
        self.stdout.write("  Ctrl-C stops everything.\n")


def _services(host: str, port: int, workers: int) -> list[Service]:
    web = [sys.executable, "-m", "uvicorn", "ava.asgi:application", "--host", host, "--port", str(port)]
    web += ["--log-level", "warning", "--timeout-graceful-shutdown", "2"]
    worker = [sys.executable, "-m", "celery", "-A", "ava.celery", "worker", "--loglevel", "WARNING"]
    worker += ["--without-gossip", "--without-mingle"]
    chunks = [*worker, "-Q", "chunks", "-c", str(workers), "-n", "chunks@%h"]
    return [
        Service("web server", web),
        # SIGQUIT ends a worker at once; whatever it held is measured again after the next start.
        Service("measuring workers", chunks, signal.SIGQUIT),
        Service("light worker", [*worker, "-Q", "light", "-c", "1", "-n", "light@%h"], signal.SIGQUIT),
        Service("janitor", [sys.executable, MANAGE, "janitor"]),
    ]


class _StopRequest:
    """Set by Ctrl-C or a polite kill."""

    def __init__(self) -> None:
        self.wanted = False
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, self._request)

    def _request(self, *_: object) -> None:
        self.wanted = True


class _PrintedProgress:
    def __init__(self, out: Any) -> None:
        self._out = out
        self._told_at = 0.0

    def __call__(self, progress: FetchProgress) -> None:
        total_bytes = progress.total_bytes or 0
        if progress.done_bytes >= total_bytes or time.monotonic() - self._told_at < 2:
            return
        self._told_at = time.monotonic()
        share = 100 * progress.done_bytes // total_bytes
        self._out.write(f"  {', '.join(progress.names)}: {share} % of {total_bytes / 1e6:.0f} MB")


def _write_private(path: Path, content: dict[str, str]) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file)
