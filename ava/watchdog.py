"""Stops what a supervisor started when the supervisor itself was killed. Standard library only.

Reads lines from standard input, which the supervisor holds open for its whole life: `+PID` for a process
group it started, `-PID` for one that ended. The end of the input means that the supervisor is gone.
"""

import os
import signal
import sys
import time
from pathlib import Path

from ava.embedded import stop_postgres

GRACE_S = 5.0


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        change, pid = line[0], int(line[1:])
        (groups.add if change == "+" else groups.discard)(pid)
    _end(groups, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_S
    while time.monotonic() < deadline and any(_lives(group) for group in groups):
        time.sleep(0.1)
    _end(groups, signal.SIGKILL)
    if groups:
        stop_postgres(Path(sys.argv[1]))


def _end(groups: set[int], with_signal: signal.Signals) -> None:
    for group in groups:
        try:
            os.killpg(group, with_signal)
        except ProcessLookupError:
            continue


def _lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    main()
