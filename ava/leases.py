"""Who works on what: claims that exclude each other, and heartbeats that stop when a worker dies.

The broker only wakes workers up. What is to be done, what is being done and by whom stands in Postgres, so
that lost or doubled messages and killed processes change nothing but the time it takes.
"""

import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType

from django.db import connection, models
from django.db.models import F, Q
from django.db.models.functions import Now

from ava.models import Lease, WorkState

HEARTBEAT_S = 2.0
STALE_AFTER_S = 12.0
UNHEARD_AFTER = timedelta(minutes=1)
SILENT_AFTER = timedelta(seconds=10)


class WorkLost(Exception):
    """The work was cancelled or taken over by another worker; whoever raised it must stop without saving."""


def stale() -> Q:
    """Rows whose worker has given no sign of life for `STALE_AFTER_S`, by the database's own clock."""
    return Q(heartbeat_at__lt=Now() - timedelta(seconds=STALE_AFTER_S))


def unattended() -> Q:
    """Rows that wait without a worker coming, or were left by theirs, and whose message may be sent again."""
    waiting = Q(state=WorkState.QUEUED) & (Q(sent_at=None) | Q(sent_at__lt=Now() - UNHEARD_AFTER))
    left = Q(state=WorkState.RUNNING) & stale() & (Q(sent_at=None) | Q(sent_at__lt=Now() - SILENT_AFTER))
    return waiting | left


def take(rows: models.QuerySet, **changes: object) -> uuid.UUID | None:
    """Claim the rows (one, as a rule) for this process; None when somebody was quicker."""
    token = uuid.uuid4()
    taken = rows.update(claim=token, heartbeat_at=Now(), attempts=F("attempts") + 1, **changes)
    return token if taken else None


class Heartbeat:
    """Keeps a claim alive from a thread of its own while the block runs, and notices when it is lost.

    `still_wanted` is the queryset that the row must stay in (its claim, and its job's not being cancelled).
    `on_beat(progress)` is called about every `HEARTBEAT_S` with the last reported progress.
    """

    def __init__(
        self, still_wanted: models.QuerySet[Lease], *, on_beat: Callable[[int], None] | None = None
    ) -> None:
        self._rows = still_wanted
        self._on_beat = on_beat
        self._progress = 0
        self._lost = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def report(self, progress: int) -> None:
        """Say how far the work is; raises WorkLost when it is no longer this worker's."""
        self._progress = progress
        if self._lost.is_set():
            raise WorkLost

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _beat(self) -> None:
        try:
            while not self._stop.wait(HEARTBEAT_S):
                if not self._rows.update(heartbeat_at=Now()):
                    self._lost.set()
                    return
                if self._on_beat is not None:
                    self._on_beat(self._progress)
        finally:
            connection.close()  # this thread's own
