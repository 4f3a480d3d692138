"""Starts, watches and stops the processes of one installation; knows nothing of Django."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

GRACE_S = 8.0
LONGEST_PAUSE_S = 20.0
STEADY_AFTER_S = 30.0  # a child that lived this long begins again with a short pause
LARGEST_LOG_BYTES = 10 * 2**20


class PortTaken(RuntimeError):
    """Another program listens on the port; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class Service:
    """One process. `stop_signal` asks it to end cleanly; one that is not `kept` may end when it is done."""

    name: str
    command: Sequence[str]
    stop_signal: signal.Signals = signal.SIGTERM
    kept: bool = True


@dataclass(slots=True)
class _Child:
    service: Service
    process: subprocess.Popen[bytes]
    started_at: float
    failures: int = 0
    begin_again_at: float | None = None


@dataclass
class Supervisor:
    """Runs services in process groups of their own, restarts those that die, and ends all of them together."""

    log_folder: Path
    environment: Mapping[str, str]
    watchdog_argument: Path
    say: Callable[[str], None] = print
    _children: dict[str, _Child] = field(default_factory=dict)
    _watchdog: subprocess.Popen[str] | None = None

    def start(self, service: Service) -> None:
        """Start a service and keep it running from now on."""
        self._children[service.name] = _Child(service, self._spawn(service), time.monotonic())

    def watch(self, *, until: Callable[[], bool], pause_s: float = 0.3) -> None:
        """Restart whatever dies until `until()` is true."""
        while not until():
            for child in list(self._children.values()):
                self._tend(child)
            time.sleep(pause_s)

    def stop(self) -> None:
        """Ask every service to end, last started first, and end those that do not listen."""
        children = list(self._children.values())[::-1]
        for child in children:
            self._signal(child, child.service.stop_signal)
        deadline = time.monotonic() + GRACE_S
        for child in children:
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.1, deadline - time.monotonic()))
            self._signal(child, signal.SIGKILL)  # also whatever the service left in its group
            child.process.wait()
            self._tell_watchdog("-", child.process.pid)
        self._children.clear()
        if self._watchdog is not None and self._watchdog.stdin is not None:
            self._watchdog.stdin.close()
            self._watchdog.wait()
            self._watchdog = None

    def _tend(self, child: _Child) -> None:
        code = child.process.poll()
        now = time.monotonic()
        if code is None:
            return
        if child.begin_again_at is None:
            self._tell_watchdog("-", child.process.pid)
            self._signal(child, signal.SIGKILL)  # whatever it left in its group
            if not child.service.kept:
                del self._children[child.service.name]
                if code:
                    self.say(f"{child.service.name} {_how_it_ended(code)} (its log: {self._log(child.service)})")
                return
            child.failures = 1 if now - child.started_at > STEADY_AFTER_S else child.failures + 1
            pause_s = min(2.0 ** (child.failures - 1), LONGEST_PAUSE_S)
            child.begin_again_at = now + pause_s
            self.say(
                f"{child.service.name} {_how_it_ended(code)}; starting it again in {pause_s:.0f} s "
                f"(its log: {self._log(child.service)})"
            )
        elif now >= child.begin_again_at:
            child.process, child.started_at, child.begin_again_at = self._spawn(child.service), now, None

    def _spawn(self, service: Service) -> subprocess.Popen[bytes]:
        self.log_folder.mkdir(parents=True, exist_ok=True)
        log = self._log(service)
        if log.exists() and log.stat().st_size > LARGEST_LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as output:
            process = subprocess.Popen(
                list(service.command), env=dict(self.environment), stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        self._tell_watchdog("+", process.pid)
        return process

    def _tell_watchdog(self, change: str, pid: int) -> None:
        if self._watchdog is None:
            self._watchdog = subprocess.Popen(
                [sys.executable, "-m", "ava.watchdog", str(self.watchdog_argument)],
                stdin=subprocess.PIPE, text=True, start_new_session=True, env=dict(self.environment),
            )  # fmt: skip
        assert self._watchdog.stdin is not None
        try:
            self._watchdog.stdin.write(f"{change}{pid}\n")
            self._watchdog.stdin.flush()
        except BrokenPipeError:
            self._watchdog = None  # it was killed; the next start brings another one

    def _log(self, service: Service) -> Path:
        return self.log_folder / f"{service.name.replace(' ', '-')}.log"

    @staticmethod
    def _signal(child: _Child, with_signal: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(child.process.pid, with_signal)


def check_port(host: str, port: int) -> None:
    """Raise PortTaken when the address cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(
                f"Port {port} on {host} is not free ({error.strerror}). "
                f"Stop the program that uses it, or choose another port: manage.py up --port {port + 1}"
            ) from error


def answers(host: str, port: int) -> bool:
    """True when something accepts connections there."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def _how_it_ended(code: int) -> str:
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
